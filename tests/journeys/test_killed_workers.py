"""A worker that dies between the attempt row and the receipt, over and over, in one campaign."""

import random
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import enrollments
from tests.journeys.invariants import check
from tests.journeys.stage import Stage, staged
from tests.world import numbers

pytestmark = pytest.mark.slow
PEOPLE, KILLS, AGENTS = 300, 20, 20
# Short talks of people who wait long: the campaign ends within seconds, and a busy machine is no reason to leave.
POPULATION = """
outcomes = { human = 0.6, busy = 0.15, no_answer = 0.1, machine = 0.1, failed = 0.05 }
ring_seconds = [1.0, 4.0]
machine_ring_seconds = [1.0, 4.0]
machine_greeting_seconds = [1.0, 3.0]
patience_seconds = [60.0, 90.0]
talk_seconds = [2.0, 8.0]
"""


def in_the_air(stage: Stage, since: datetime) -> set[UUID]:
    """Attempts written since then of which no receipt is."""
    query = select(attempts.c.id).where(
        attempts.c.planned_at >= since, attempts.c.stage == "planned", attempts.c.sid.is_(None)
    )
    with stage.store.read() as tx:
        return set(tx.execute(query).scalars())


def await_plans(stage: Stage, since: datetime, wanted: int) -> None:
    """The random moment: so many attempts have been written since then."""
    query = select(func.count()).where(attempts.c.planned_at >= since)

    def are_written() -> bool:
        with stage.store.read() as tx:
            return int(tx.execute(query).scalar_one()) >= wanted

    stage.until(are_written, f"{wanted} plans")


def test_nobody_is_dialled_twice_for_an_attempt_whose_worker_was_killed(tmp_path: Path, sqlite_store: Store) -> None:
    chance = random.Random(20261122)
    with staged(tmp_path, sqlite_store, POPULATION) as stage:
        with stage.building() as world:
            campaign = world.a_campaign()
            world.enrol(campaign, *[world.a_contact([number], automated=True) for number in numbers(PEOPLE)])
        stage.sign_in(AGENTS)
        stage.open()
        stage.fault("slow-answer", seconds=0.3, resource="calls")
        stage.fault("callback-lost", probability=0.5, resource="calls")  # of some orphans only rescue ever hears
        orphans: list[set[UUID]] = []
        for _ in range(3 * KILLS):
            since = stage.clock.now()
            with stage.mortal_worker():
                await_plans(stage, since, chance.randint(1, 8))
            left = in_the_air(stage, since)
            orphans += [left] if left else []
            if len(orphans) == KILLS:
                break
        assert len(orphans) == KILLS
        stage.start_worker()
        stage.until_quiet()
        case = check(stage.store, stage.report())
        known = {orphan in case.contacts_made for left in orphans for orphan in left}
        assert known == {True, False}, "some died before they spoke and some after"
        assert len(case.rows(select(enrollments.c.id).where(enrollments.c.stage == "done"))) == PEOPLE
