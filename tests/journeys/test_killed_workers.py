"""A worker that dies between the attempt row and the receipt, over and over, in one campaign."""

import random
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import enrollments
from tests.journeys.invariants import check
from tests.journeys.stage import Stage, staged
from tests.world import numbers

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("journeys")]
PEOPLE, KILLS, AGENTS = 300, 20, 20
# Short talks of people who wait long, so that the campaign ends within seconds and a busy machine is no reason to leave.
POPULATION = """
outcomes = { human = 0.6, busy = 0.15, no_answer = 0.1, machine = 0.1, failed = 0.05 }
ring_seconds = [1.0, 4.0]
machine_ring_seconds = [1.0, 4.0]
machine_greeting_seconds = [1.0, 3.0]
patience_seconds = [60.0, 90.0]
talk_seconds = [2.0, 8.0]
"""


def in_the_air(stage: Stage, since: datetime) -> int:
    """Attempts written since then of which no receipt is."""
    query = select(func.count()).where(
        attempts.c.planned_at >= since, attempts.c.stage == "planned", attempts.c.sid.is_(None)
    )
    with stage.store.read() as tx:
        return int(tx.execute(query).scalar_one())


def planned(stage: Stage, since: datetime) -> int:
    with stage.store.read() as tx:
        return int(tx.execute(select(func.count()).where(attempts.c.planned_at >= since)).scalar_one())


def test_nobody_is_dialled_twice_for_an_attempt_whose_worker_was_killed(tmp_path: Path, sqlite_store: Store) -> None:
    chance = random.Random(20261122)
    with staged(tmp_path, sqlite_store, POPULATION) as stage:
        with stage.building() as world:
            campaign = world.a_campaign()
            world.enrol(campaign, *[world.a_contact([number], automated=True) for number in numbers(PEOPLE)])
        stage.sign_in(AGENTS)
        stage.open()
        stage.fault("slow-answer", seconds=0.3, resource="calls")
        died_speaking = 0
        for _ in range(3 * KILLS):
            since = stage.clock.now()
            stage.start_worker()
            wanted = chance.randint(1, 8)
            stage.until(lambda wanted=wanted, since=since: planned(stage, since) >= wanted, "a plan")  # type: ignore[misc]
            stage.kill_worker()
            died_speaking += in_the_air(stage, since) > 0
            if died_speaking == KILLS:
                break
        print("KILLS", stage.clock.now(), planned(stage, since))
        assert died_speaking == KILLS
        stage.start_worker()
        stage.until_quiet(); print("QUIET", stage.clock.now())
        case = check(stage.store, stage.report())
        done = case.rows(select(enrollments.c.stage).where(enrollments.c.stage == "done"))
        assert len(done) == PEOPLE
        rows = case.rows(select(attempts).order_by(attempts.c.ended_at))
        for r in rows[-12:]:
            print(r.planned_at, r.ended_at, r.outcome, r.rescue_tries)
        from collections import Counter
        print(Counter(r.outcome for r in rows), len(rows), Counter(r.planned_at.strftime("%H:%M") for r in rows))
