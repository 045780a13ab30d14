"""The demo's report tells who waits as of the world's end."""

from datetime import timedelta

from sqlalchemy import update

from orchestrator.cli.demonstration import summary
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import enrollments
from tests.world import NOON, World


def test_whose_rest_is_over_may_be_called_and_waits_for_nothing_but_a_line(world: World, store: Store) -> None:
    world.enrol(world.a_campaign(), *[world.a_contact([number]) for number in ("+12125550107", "+12125550108")])
    with store.write() as tx:
        tx.execute(update(enrollments).values(held_by="rest", next_eligible_at=NOON + timedelta(minutes=5)))
    with store.read() as tx:
        [held] = summary._held(tx, NOON)
        assert (held["rule"], held["contacts"], summary._due_now(tx, NOON)) == ("rest", 2, 0)
        later = NOON + timedelta(minutes=5)
        assert (summary._held(tx, later), summary._due_now(tx, later)) == ([], 2)
