"""At the start every window is counted anew from the attempts, and the last hours once a minute."""

from datetime import timedelta

from sqlalchemy import delete, func, select

from orchestrator.persistence.tables.pacing import call_counts
from orchestrator.pipeline.recounts import Recounts
from tests.integration.budget.calls import Calls
from tests.world import NOON, World

LATER = NOON + timedelta(days=3)


def lose_all(world: World) -> None:
    with world.store.write() as tx:
        tx.execute(delete(call_counts))


def counted(world: World) -> int:
    with world.store.read() as tx:
        return int(tx.execute(select(func.coalesce(func.sum(call_counts.c.calls), 0))).scalar_one())


def test_a_database_from_before_the_counts_is_counted_whole_at_the_start(world: World) -> None:
    calls = Calls(world, world.a_campaign())
    calls.many(3, "reached")
    calls.many(2, "abandoned", at=LATER - timedelta(minutes=1))
    lose_all(world)
    assert Recounts(world.store).run_once(LATER) == 2
    assert counted(world) == 5


def test_after_that_only_the_last_hours_are_counted_and_once_a_minute(world: World) -> None:
    calls = Calls(world, world.a_campaign())
    calls.many(3, "reached")
    calls.many(2, "abandoned", at=LATER - timedelta(minutes=1))
    recounts = Recounts(world.store)
    assert recounts.run_once(LATER) == 0
    lose_all(world)
    assert recounts.run_once(LATER + timedelta(seconds=59)) == 0
    assert counted(world) == 0
    assert recounts.run_once(LATER + timedelta(seconds=60)) == 1
    assert counted(world) == 2


def test_a_quarter_without_a_call_left_keeps_no_count(world: World) -> None:
    calls = Calls(world, world.a_campaign())
    calls.many(1, "reached")
    with world.store.write() as tx:
        tx.exec_driver_sql("DELETE FROM attempts")
    assert Recounts(world.store).run_once(LATER) == 1
    assert counted(world) == 0
