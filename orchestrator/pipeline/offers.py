"""Preview: a person is laid before an agent; only the agent's yes starts a call, and the gate is asked again then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.contact_request import Mode
from orchestrator.domain.enrollment import EnrollmentStage, Lane, OfferState
from orchestrator.domain.errors import UserError
from orchestrator.persistence import agents, enrollments, offers, task_workers
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline import callbacks
from orchestrator.pipeline.batch_steps import Outcome
from orchestrator.pipeline.dispatch import Dispatcher
from orchestrator.pipeline.engine import LiveCampaign
from orchestrator.pipeline.lines import Lines
from orchestrator.pipeline.offer_ends import put_away, set_stage, withdraw

AT_ONCE = 10
MOST_CLAIMED = 200  # in one run: those whom the law holds cost a claim and no agent
IDLE_FOR = timedelta(seconds=8)


@dataclass
class OffersReport:
    """What was offered, dialled and taken back."""

    offered: int = 0
    dialled: int = 0
    withdrawn: int = 0
    timed_out: int = 0


def run_once(dispatcher: Dispatcher, campaign: LiveCampaign, most: int = 10) -> OffersReport:
    """Time out, dial what agents accepted, then lay new people before at most so many agents who are ready."""
    report = OffersReport()
    now = dispatcher.clock.now()
    with dispatcher.engine.store.write() as tx:
        report.timed_out = sum(put_away(tx, row, OfferState.TIMED_OUT, now) for row in offers.expired(tx, now, AT_ONCE))
    dialled = dial_accepted(dispatcher, campaign)
    report.dialled, report.withdrawn = dialled.dialled, dialled.withdrawn
    report.offered = callbacks.run_once(dispatcher, campaign)
    report.offered += _offer(dispatcher, campaign, _reserve(dispatcher, campaign, min(most - report.offered, AT_ONCE)))
    report.offered += _offer(dispatcher, campaign, _reserve_workers(dispatcher, campaign))
    return report


def time_out(store: Store, now: datetime) -> int:
    """Put away what no agent answered, or accepted and could not be dialled, whatever the campaign's state."""
    with store.write() as tx:
        unanswered = sum(put_away(tx, row, OfferState.TIMED_OUT, now) for row in offers.expired(tx, now, AT_ONCE))
        return unanswered + sum(withdraw(tx, row, now) for row in offers.stale(tx, now - offers.LASTS, AT_ONCE))


def dial_accepted(dispatcher: Dispatcher, campaign: LiveCampaign) -> OffersReport:
    """Ask the gate again about whom agents have said yes to, or dialled themselves, and place those calls."""
    report = OffersReport()
    with dispatcher.engine.store.read() as tx:
        accepted = offers.accepted(tx, campaign.id, AT_ONCE)
    for offer in accepted:
        outcome = dispatcher.decide(campaign, _lines(dispatcher, offer), [offer.enrollment_id], EnrollmentStage.OFFERED)
        report.dialled += len(outcome.planned)
        if not outcome.planned:
            report.withdrawn += _not_dialled(dispatcher, offer, outcome)
    return report


def _lines(dispatcher: Dispatcher, offer: Record) -> Lines:
    return Lines(
        Lane.PREVIEW if offer.callback_id is None else Lane.CALLBACK,
        dispatcher.closings,
        1,
        [offer.agent_id],
        offer_id=offer.id,
        dialled_by_hand=bytes(offer.number_key) if offer.mode == Mode.MANUAL else None,
    )


def _not_dialled(dispatcher: Dispatcher, offer: Record, outcome: Outcome) -> bool:
    """Without a send slot it stays accepted and is tried again; where the gate said no, the agent is free again."""
    with dispatcher.engine.store.write() as tx:
        if outcome.counts["send slot"]:
            set_stage(tx, offer.enrollment_id, EnrollmentStage.DUE, EnrollmentStage.OFFERED)
            return False
        now = dispatcher.clock.now()
        offers.change(tx, offer.id, OfferState.ACCEPTED, OfferState.WITHDRAWN, now, outcome.because or None)
        agents.unreserve(tx, offer.agent_id, now, offer.offered_at)
    return True


def _offer(dispatcher: Dispatcher, campaign: LiveCampaign, free: list[str]) -> int:
    """Find one person for each of these agents, who are reserved; nobody is laid before two agents."""
    offered, claimed = 0, 0
    while free and claimed < MOST_CLAIMED:
        with dispatcher.engine.store.write() as tx:
            now = dispatcher.clock.now()
            engine = dispatcher.engine
            ids = enrollments.claim(
                tx, campaign.id, Lane.PREVIEW, engine.worker, now, len(free), lease_seconds=engine.waits.lease
            )
        if not ids:
            break
        claimed += len(ids)
        lines = Lines(Lane.PREVIEW, dispatcher.closings, len(free), free)
        outcome = dispatcher.decide(campaign, lines, ids, EnrollmentStage.CLAIMED)
        offered += outcome.counts["offered"]
        if outcome.counts["not running"]:
            break
    _release(dispatcher, free)
    return offered


def _reserve(dispatcher: Dispatcher, campaign: LiveCampaign, most: int) -> list[str]:
    """Agents for previews. While machines dial for the same agents, only those whom no call has found for a while."""
    voice, now = campaign.plan.voice, dispatcher.clock.now()
    if voice is None or most <= 0:
        return []
    with dispatcher.engine.store.write() as tx:
        if not enrollments.any_due(tx, campaign.id, Lane.PREVIEW, now):
            return []
        dialling = enrollments.any_due(tx, campaign.id, Lane.PREDICTIVE, now)
        return agents.reserve_ready(tx, voice.queue, most, now, now - IDLE_FOR if dialling else None)


def _reserve_workers(dispatcher: Dispatcher, campaign: LiveCampaign) -> list[str]:
    """Agents for whom a preview is a task of the router; no call is ever joined to them unasked."""
    voice, now = campaign.plan.voice, dispatcher.clock.now()
    if voice is None:
        return []
    with dispatcher.engine.store.write() as tx:
        due = enrollments.any_due(tx, campaign.id, Lane.PREVIEW, now)
        return task_workers.reserve(tx, voice.queue, AT_ONCE, now) if due else []


def _release(dispatcher: Dispatcher, agent_ids: Sequence[str]) -> None:
    """Nobody was found for these: they have been ready all the while, and keep their place in the line."""
    with dispatcher.engine.store.write() as tx:
        for agent_id in agent_ids:
            agents.unreserve(tx, agent_id, dispatcher.clock.now())


def accept(store: Store, agent_id: str, now: datetime) -> int:
    """The agent says yes to what lies before them; the offer's id. The worker asks the gate again and dials."""
    with store.write() as tx:
        offer = _before(tx, agent_id)
        in_time = offer.expires_at > now
        if not in_time or not offers.change(tx, offer.id, OfferState.OFFERED, OfferState.ACCEPTED, now):
            raise UserError(f"The offer before agent '{agent_id}' has timed out; wait for the next one.")
        return int(offer.id)


def skip(store: Store, agent_id: str, reason: str, now: datetime) -> int:
    """The agent passes; the person is due again later and the agent is ready. The offer's id."""
    refuse_cards(reason, "The reason")
    with store.write() as tx:
        offer = _before(tx, agent_id)
        put_away(tx, offer, OfferState.SKIPPED, now, reason)
        return int(offer.id)


def _before(tx: Connection, agent_id: str) -> Record:
    offer = offers.standing(tx, agent_id)
    if offer is None:
        raise UserError(f"Nothing lies before agent '{agent_id}'; see `orchestrator agents list` for who has an offer.")
    return offer
