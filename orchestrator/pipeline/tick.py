"""One tick of the world: every running campaign, most urgent first, gets what its lanes can bear."""

import math
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import bindparam, func, select

from orchestrator.domain.agent import AgentState
from orchestrator.domain.campaign import SmsPlan
from orchestrator.domain.contact_request import Mode
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.attempts import IS_LIVE, attempts
from orchestrator.pipeline import campaign_board, halts, offers, sender_pool
from orchestrator.pipeline.dispatch import Dispatcher, DispatchReport
from orchestrator.pipeline.engine import LiveCampaign
from orchestrator.pipeline.pacing_desk import PacingDesk

CALLS_AN_AGENT = 2  # that may find a person: about one in two to three does
MOST_OPEN = 200  # orders without a receipt: a carrier that hangs must not be asked for more
# Built once, since every tick asks.
FREE = select(func.count()).where(agents.c.queue == bindparam("b_queue"), agents.c.state == AgentState.READY)
AWAITED = select(func.count()).where(
    attempts.c.campaign_id == bindparam("b_campaign"),
    IS_LIVE,
    attempts.c.mode == Mode.PREDICTIVE,
    attempts.c.connected_at.is_(None),
)


@dataclass
class TickReport:
    """What one tick planned, and why others were left."""

    planned: int = 0
    claimed: int = 0
    counts: Counter[str] = field(default_factory=Counter)


def run_once(dispatcher: Dispatcher, pacing: PacingDesk) -> TickReport:
    """Dispatch every lane of every running campaign; a queue of agents serves one campaign a tick."""
    report, engine = TickReport(), dispatcher.engine
    with engine.store.read() as tx:
        running = campaign_board.running(tx, engine, dispatcher.clock.now())
        stops = halts.in_force(tx, dispatcher.clock.now())
    queues_at_work: set[str] = set()
    for campaign in running:
        if dispatcher.placer.open >= MOST_OPEN:
            break
        if not stops.on_campaign(campaign.id, campaign.seller.id):
            _serve(dispatcher, pacing, campaign, queues_at_work, report)
    return report


def _serve(
    dispatcher: Dispatcher, pacing: PacingDesk, campaign: LiveCampaign, queues_at_work: set[str], report: TickReport
) -> None:
    voice = campaign.plan.voice
    if voice is not None and voice.queue not in queues_at_work:
        claimed = _serve_voice(dispatcher, pacing, campaign, voice.queue, report)
        queues_at_work |= {voice.queue} if claimed else set()
    elif voice is not None:
        report.planned += offers.dial_accepted(dispatcher, campaign).dialled  # an agent waits for each of these
    if campaign.plan.sms is not None:
        _note(report, dispatcher.run_once(campaign, Lane.SMS, _texts(dispatcher, campaign.plan.sms)))


def _texts(dispatcher: Dispatcher, sms: SmsPlan) -> int:
    """How many texts its senders let out in two seconds; one where all rest, so that people are told to wait."""
    with dispatcher.engine.store.read() as tx:
        rate = sender_pool.capacity(tx, dispatcher.engine, sms, dispatcher.clock.now())
    return max(1, math.ceil(sender_pool.SLOT_BURST_SECONDS * rate))


def _serve_voice(
    dispatcher: Dispatcher, pacing: PacingDesk, campaign: LiveCampaign, queue: str, report: TickReport
) -> int:
    """Machines dial first; agents whom their calls are likely to need are not given away to other lanes.

    Where no regime bears another lost call, each of their calls has an agent reserved.
    """
    lines = pacing.lines(campaign, dispatcher.clock.now(), dispatcher.abandonment)
    reserve = pacing.reserves(campaign)
    spare = _spare(dispatcher.engine.store, campaign.id, queue)
    lines = min(lines, spare) if reserve else lines
    predictive = dispatcher.run_once(campaign, Lane.PREDICTIVE, lines, reserve=reserve)
    if predictive.planned:
        spare = _spare(dispatcher.engine.store, campaign.id, queue)
    progressive = dispatcher.run_once(campaign, Lane.PROGRESSIVE, spare)
    previewed = offers.run_once(dispatcher, campaign, spare - progressive.planned)
    report.planned += previewed.dialled
    for done in (predictive, progressive):
        _note(report, done)
    return previewed.offered + progressive.claimed + predictive.claimed


def _spare(store: Store, campaign_id: int, queue: str) -> int:
    """Agents who are ready, less one for every two predictive calls that may still find a person."""
    with store.read() as tx:
        free: int = tx.execute(FREE, {"b_queue": queue}).scalar_one()
        awaited: int = tx.execute(AWAITED, {"b_campaign": campaign_id}).scalar_one()
    return max(0, free - math.ceil(awaited / CALLS_AN_AGENT))


def _note(report: TickReport, done: DispatchReport) -> None:
    report.planned += done.planned
    report.claimed += done.claimed
    report.counts += done.counts
