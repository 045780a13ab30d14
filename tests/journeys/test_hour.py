"""An hour of the world at twelve times its speed: 30 agents, predictive calls, and everything recounted at its end."""

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from orchestrator.domain.agent import AgentState
from orchestrator.log import log
from orchestrator.pacing.budget import SAFETY
from orchestrator.persistence import agent_legs, agents
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.agents import agents as agents_table
from orchestrator.persistence.tables.columns import Record
from tests.journeys.dialling import detect_machines, nothing_open, stop_dialling
from tests.journeys.documented import undocumented
from tests.journeys.heard import answered_calls, disagreements, percentile, waits
from tests.journeys.invariants import Case, check
from tests.journeys.stage import Stage, staged
from tests.world import NOON

pytestmark = pytest.mark.long
SPEED, AGENTS, LASTS = 12.0, 30, timedelta(hours=1)
WRAP_UP_SECONDS = 15
LIMIT = 0.03
READ_WITHIN = timedelta(seconds=3)
UTILISATION = 0.80  # of what the sandbox's agents could reach with a person always on the line
POPULATION = """
outcomes = { human = 0.42, no_answer = 0.28, busy = 0.05, machine = 0.23, failed = 0.02 }
line_types = { landline = 1.0 }
ring_seconds = [3.0, 14.0]
machine_ring_seconds = [12.0, 20.0]
greeting_seconds = [0.4, 1.6]
talk_seconds = [40.0, 200.0]
agent_reaction_seconds = [2.0, 5.0]
hangs_up_before_bridge = 0.01
timeout_buffer_seconds = [0.0, 1.0]
"""
LAW = """
[[abandonment]]
id = "test.abandonment"
applies = { jurisdiction = "US", channel = "voice", mode = "predictive", purpose = "any" }
max_percent = 3
window = "30-days"
class = "law"
citation = "tests"
source = "tests"
effective = 2000-01-01
verified = { on = 2026-11-21, how = "read" }
"""
AREAS = (
    *range(201, 204), *range(205, 211), *range(212, 220), 224, 225, 228, 229, 231, 234, 239, 240, 248, 251, 252, 253,
    254, 256, 260, 262, 267, 269, 270, 276, 281, *range(301, 306), *range(307, 311), 312, 313, 314,
)  # fmt: skip


def people(count: int) -> list[str]:
    """Fictional numbers of many area codes."""
    return [f"+1{AREAS[index // 100]}55501{index % 100:02d}" for index in range(count)]


def sign_in(stage: Stage) -> None:
    with stage.store.write() as tx:
        for number in range(AGENTS):
            agent_id = f"agent-{number:02d}"
            facts = {"name": agent_id, "queue": "sales", "address": f"client:{agent_id}"}
            agents.add(tx, stage.store.keyring, agent_id, **facts, wrap_up_seconds=WRAP_UP_SECONDS, now=NOON)
            agent_legs.ask(tx, agent_id, NOON)


def are_here(stage: Stage) -> bool:
    here = select(func.count()).where(agents_table.c.state != AgentState.AWAY)
    with stage.store.read() as tx:
        return int(tx.execute(here).scalar_one()) == AGENTS


def talk_seconds(case: Case, began: datetime, ended: datetime) -> list[float]:
    """How long each person who heard an agent talked with them within the hour, by the sandbox's report."""
    spans = [
        (
            max(began, datetime.fromisoformat(call["agent_voice_at"])),
            min(ended, datetime.fromisoformat(call["ended_at"])),
        )
        for _, call in answered_calls(case)
        if call["agent_voice_at"] is not None and call["persona"] == "human"
    ]
    return [(end - start).total_seconds() for start, end in spans if end > start]


def calls_left(calls: Sequence[Record], at: datetime) -> float:
    """How many calls may still be lost at that moment, recounted from the attempts themselves."""
    met = [call for call in calls if _met_by(call, at) and not _found_no_person_by(call, at)]
    lost = len([call for call in met if call.abandoned_at is not None and call.abandoned_at <= at])
    return SAFETY * LIMIT * len(met) - lost


def _met_by(call: Record, at: datetime) -> bool:
    return any(moment is not None and moment <= at for moment in (call.connected_at, call.abandoned_at))


def _found_no_person_by(call: Record, at: datetime) -> bool:
    return call.answered_by in {"machine", "fax"} and call.ended_at is not None and call.ended_at <= at


def against_the_budget(calls: Sequence[Record]) -> list[str]:
    """Calls dialled ahead where not one more might be lost, or with an agent reserved where one might.

    The budget that a call was planned by was read within the seconds before it.
    """
    wrong: list[str] = []
    for call in calls:
        left = [calls_left(calls, call.planned_at - READ_WITHIN), calls_left(calls, call.planned_at)]
        borne = max(left) >= 1 if call.mode == "predictive" else min(left) < 1
        wrong += [] if borne else [f"{call.mode} {call.id}: {left[0]:.2f}, then {left[1]:.2f} might be lost"]
    return wrong


def test_an_hour_of_thirty_agents_keeps_the_cap_the_two_seconds_and_everybody_talking(
    tmp_path: Path, sqlite_store: Store
) -> None:
    with staged(tmp_path, sqlite_store, POPULATION, speed=SPEED) as stage:
        with (tmp_path / "config" / "rules" / "test.toml").open("a") as law:
            law.write(LAW)
        with stage.building() as world:
            campaign = world.a_campaign()
            world.enrol(campaign, *[world.a_contact([number], automated=True) for number in people(5000)])
            detect_machines(world, campaign)
        sign_in(stage)
        stage.open()
        stage.look_up(campaign)
        stage.start_worker()
        stage.until(lambda: are_here(stage), f"{AGENTS} agents")
        began = stage.clock.now()
        threading.Event().wait(stage.clock.real_seconds(LASTS.total_seconds()))
        ended = stage.clock.now()
        stop_dialling(stage, campaign)
        stage.until(lambda: nothing_open(stage), "the end of the last call")
        case = check(stage.store, stage.report())
    outcomes = Counter((attempt.mode, attempt.outcome) for attempt in case.attempts)
    talked = talk_seconds(case, began, ended)
    live = sum(attempt.connected_at is not None or attempt.abandoned_at is not None for attempt in case.attempts)
    lost = sum(attempt.abandoned_at is not None for attempt in case.attempts)
    voices = waits(case, "two_seconds")
    bound = sum(talked) / (sum(talked) + WRAP_UP_SECONDS * len(talked))
    utilisation = sum(talked) / (AGENTS * (ended - began).total_seconds())
    told = {
        "outcomes": {f"{mode} {outcome}": count for (mode, outcome), count in sorted(outcomes.items())},
        "abandoned": f"{lost} of {live}, {lost / live:.2%}",
        "utilisation": f"{utilisation:.3f}, {utilisation / bound:.3f} of the bound {bound:.3f}",
        "p99": f"{percentile(voices, 0.99):.2f} s",
    }
    log.info("journey.hour", **told)
    assert disagreements(case) == [], told
    assert undocumented(case.report) == [], told
    assert lost <= LIMIT * live, told
    assert outcomes["predictive", "reached"] > outcomes["progressive", "reached"] > 0, told
    assert against_the_budget(case.attempts) == [], told
    assert percentile(voices, 0.99) < 2.0, told
    assert utilisation >= UTILISATION * bound, told
