"""Rehearse a campaign: copy what is due into memory, play the day there, and tell what came of it."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from orchestrator.domain.errors import UserError
from orchestrator.persistence.campaigns import Campaign
from orchestrator.pipeline.abandonment import Abandonment
from orchestrator.pipeline.closing import Closings
from orchestrator.pipeline.dispatch import Dispatcher
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.pacing_desk import PacingDesk
from orchestrator.pipeline.reception.stops import Classify
from orchestrator.pipeline.recounts import Recounts
from orchestrator.rehearsal.accounting import report_of
from orchestrator.rehearsal.agenda import Agenda
from orchestrator.rehearsal.boarding import board, require_open
from orchestrator.rehearsal.clock import VirtualClock
from orchestrator.rehearsal.cost import Prices
from orchestrator.rehearsal.day import Day
from orchestrator.rehearsal.exchange import Exchange
from orchestrator.rehearsal.memory import MemoryStore, open_memory
from orchestrator.rehearsal.people import RehearsedPeople
from orchestrator.rehearsal.placing import DirectPlacing
from orchestrator.rehearsal.played import Played, Rehearsal
from orchestrator.rehearsal.report import Report
from orchestrator.rehearsal.staff import DEFAULT_WRAP_UP_SECONDS, Staff
from orchestrator.rehearsal.wires import Wires

STANDS_STILL = 1e-9  # the counts of abandoned calls never age by the real clock: the day says when they are counted
Progress = Callable[[datetime], None]


def _in_peace(_now: datetime) -> None:
    """Nobody watches."""


def rehearse(
    engine: Engine,
    campaign: Campaign,
    rehearsal: Rehearsal,
    classify: Classify,
    prices: Prices,
    progress: Progress = _in_peace,
) -> Report:
    """The report of the day; raises UserError where there is nothing to play. Nothing but memory is written."""
    require_open(engine, campaign)
    with closing(open_memory()) as memory:
        return report_of(play(engine, memory, campaign, rehearsal, classify, progress), prices)


def play(
    engine: Engine,
    memory: MemoryStore,
    campaign: Campaign,
    rehearsal: Rehearsal,
    classify: Classify,
    progress: Progress = _in_peace,
) -> Played:
    """Copy and play; ``classify`` says what a text wants, and ``progress`` is told the moment that is played."""
    mix = rehearsal.mix()
    boarded = board(engine, memory, campaign, rehearsal.start, rehearsal.end, rehearsal.most_people)
    wrap_ups = _wrap_ups(campaign, rehearsal, boarded.wrap_up_seconds)
    wires = Wires(memory, VirtualClock(rehearsal.start), Agenda(), classify)
    people = RehearsedPeople(rehearsal.seed, mix, boarded.line_types)
    exchange = Exchange(now=wires.clock.now, wires=wires, people=people)
    ours = _over(engine, memory)
    day = _day(ours, campaign, rehearsal, wires, exchange, wrap_ups)
    day.staff.sign_in()
    day.play(progress)
    return Played(
        rehearsal=rehearsal,
        campaign=campaign,
        engine=ours,
        memory=memory,
        boarded=boarded,
        agents=len(wrap_ups),
        exchange=exchange,
    )


def _day(
    engine: Engine,
    campaign: Campaign,
    rehearsal: Rehearsal,
    wires: Wires,
    exchange: Exchange,
    wrap_ups: Sequence[int],
) -> Day:
    Recounts(engine.store).run_once(rehearsal.start)  # of the calls before that day, which the windows count
    placing = DirectPlacing(engine, exchange, wires.clock)
    abandonment = Abandonment(engine.store, engine.rulebook, STANDS_STILL)
    dispatcher = Dispatcher(engine, placing, wires.clock, Closings(engine.rulebook), abandonment)
    voice = campaign.plan.voice
    staff = Staff(wires, voice.queue if voice else "", wrap_ups, Random(rehearsal.seed))  # noqa: S311 - no secret
    return Day(
        dispatcher=dispatcher,
        pacing=PacingDesk(engine, saved_every=timedelta.max),  # no restart comes
        wires=wires,
        exchange=exchange,
        staff=staff,
        campaign_id=campaign.id,
        start=rehearsal.start,
        end=rehearsal.end,
        look_at=rehearsal.start,
        see_to_at=rehearsal.start,
    )


def _over(engine: Engine, memory: MemoryStore) -> Engine:
    """The same law, strategies and limits over the copy; the registries are read where they lie."""
    shelf = engine.shelf()
    return replace(engine, store=memory, shelf=lambda: shelf, worker="rehearsal")


def _wrap_ups(campaign: Campaign, rehearsal: Rehearsal, of_queue: Sequence[int]) -> Sequence[int]:
    """The queue's agents, cut short or filled up to the number that was asked for."""
    if campaign.plan.voice is None:
        return ()
    wanted = len(of_queue) if rehearsal.agents is None else rehearsal.agents
    if wanted == 0:
        raise UserError(
            f"Nobody serves the queue '{campaign.plan.voice.queue}' yet: say --agents N, or add agents with "
            "`orchestrator agents add`."
        )
    return (*of_queue[:wanted], *[DEFAULT_WRAP_UP_SECONDS] * (wanted - len(of_queue)))
