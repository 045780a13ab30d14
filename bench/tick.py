"""One tick of the pacing desk beside 250 agents and 500 calls in flight, with a month of calls behind it."""

import tempfile
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update

from bench.clock import timed
from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.agent import AgentState
from orchestrator.domain.attempt import Outcome, Stage
from orchestrator.domain.enrollment import Lane
from orchestrator.installation import prove
from orchestrator.law import load_rulebook
from orchestrator.persistence import agents as states
from orchestrator.persistence import call_counts, migrate
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.store import Store, open_engine
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.pacing import call_counts as counts_table
from orchestrator.pipeline.recounts import Recounts
from orchestrator.settings import Settings
from tests.world import CONFIG, NOON, World, numbers

AGENTS, IN_FLIGHT, ENDED, DUE, TICKS = 250, 500, 200_000, 1000, 60
CALLS_A_TICK, AGENTS_A_TICK = 10, 7
DAYS, QUARTERS_A_DAY = 28, 36
NOW = NOON + timedelta(days=29)


def measure() -> list[tuple[str, float, str]]:
    """The rows of the table, on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        return measured(f"sqlite:///{folder}/tick.sqlite3")


def measured(url: str) -> list[tuple[str, float, str]]:
    """The same on any database."""
    engine = open_engine(url)
    migrate.upgrade(engine)
    store = prove(Store(engine, Keyring.parse(Keyring.generate())), Settings())
    world = World(store, InProcessCarrier(now=lambda: NOW), now=NOON, rulebook=load_rulebook(CONFIG))
    campaign = world.a_campaign()
    _fill(world, campaign)
    seconds = [_tick(world, campaign, NOW + timedelta(seconds=second)) for second in range(TICKS)]
    recounts = Recounts(store)
    recounts.run_once(NOW)  # mends the month that was made up above
    recounts = Recounts(store)
    _, whole = timed(lambda: recounts.run_once(NOW))
    _, lately = timed(lambda: recounts.run_once(NOW + timedelta(minutes=2)))
    world.close()
    engine.dispose()
    return [
        ("a tick of the pacing desk, the median", 1000 * median(seconds[1:]), "ms"),
        ("the same, one in twenty is slower", 1000 * quantiles(seconds[1:], n=20)[-1], "ms"),
        (f"the counts of 30 days held against {ENDED:,} calls, at the start", whole, "s"),
        ("the same of the last two hours, every minute", 1000 * lately, "ms"),
    ]


def _fill(world: World, campaign: int) -> None:
    for number in range(AGENTS):
        world.an_agent(f"agent-{number:03d}")
    people = [world.a_contact([number]) for number in numbers(DUE)]
    world.enrol(campaign, *people, lane=Lane.PREDICTIVE)
    ended = [_row(campaign, NOON + (NOW - NOON) * (place / ENDED), ended=True) for place in range(ENDED)]
    flying = [_row(campaign, NOW - timedelta(seconds=10), ended=False) for _ in range(IN_FLIGHT)]
    with world.store.write() as tx:
        for start in range(0, ENDED, 5000):
            tx.execute(insert(attempts), ended[start : start + 5000])
        tx.execute(insert(attempts), flying)
        for start in range(0, len(counts := _old_counts(campaign)), 5000):
            tx.execute(insert(counts_table), counts[start : start + 5000])


def _row(campaign: int, at: datetime, *, ended: bool) -> dict[str, Any]:
    return {
        "id": new_id(at),
        "seller_id": "acme",
        "campaign_id": campaign,
        "enrollment_id": 0,
        "contact_id": 0,
        "ordinal": 1,
        "number_key": uuid4().bytes,
        "to_sealed": b"0" * 40,
        "country": "US",
        "from_address": "+12125550100",
        "channel": "voice",
        "mode": "predictive",
        "stage": Stage.ENDED if ended else Stage.RINGING,
        "outcome": Outcome.NO_ANSWER if ended else None,
        "decision_id": uuid4(),
        "planned_at": at,
        "ringing_at": at,
        "ended_at": at + timedelta(seconds=20) if ended else None,
        "followed_up": ended,
    }


def _old_counts(campaign: int) -> list[dict[str, Any]]:
    """As many rows as a month of three countries makes."""
    starts = [NOON + timedelta(days=day, minutes=15 * q) for day in range(DAYS) for q in range(QUARTERS_A_DAY)]
    numbers_of_one = {"calls": 30, "human": 10, "connected": 10, "abandoned": 0, "marked": 0, "detected": 0}
    keys = [(country, mode) for country in ("US", "GB", "CA") for mode in ("predictive", "progressive")]
    outcomes = ("reached", "abandoned", "no_answer", "machine", "busy", "failed")
    return [
        {
            "campaign_id": campaign,
            "quarter_at": start,
            "country": country,
            "mode": mode,
            "outcome": outcome,
            **numbers_of_one,
        }
        for start in starts
        for country, mode in keys
        for outcome in outcomes
    ]


def _tick(world: World, campaign: int, now: datetime) -> float:
    """Some calls end and some begin, some agents move on, and then the desk is asked."""
    with world.store.write() as tx:
        live = tx.execute(select(attempts.c.id).where(attempts.c.stage == Stage.RINGING).limit(CALLS_A_TICK)).scalars()
        _end(tx, list(live), now)
        tx.execute(insert(attempts), [_row(campaign, now, ended=False) for _ in range(CALLS_A_TICK)])
        for agent in tx.execute(
            select(agents.c.id, agents.c.state).order_by(agents.c.state_since).limit(AGENTS_A_TICK)
        ):
            after = AgentState.WRAPPING if agent.state == AgentState.TALKING else AgentState.TALKING
            states.change(tx, agent.id, set(AgentState), after, now)
    live_campaign = world.campaign(campaign)
    began = time.perf_counter()
    world.pacing.lines(live_campaign, now, world.dispatcher.abandonment)
    return time.perf_counter() - began


def _end(tx: Any, calls: Sequence[UUID], now: datetime) -> None:
    ending = {"stage": Stage.ENDED, "outcome": Outcome.NO_ANSWER, "ended_at": now}
    tx.execute(update(attempts).where(attempts.c.id.in_(calls)).values(ending))
    for call in calls:
        call_counts.add(tx, call)
