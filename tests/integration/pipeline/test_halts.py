"""A halt that is lifted holds nobody any more, and the same halt is declared once."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import update

from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.pipeline import halts
from tests.world import World, numbers


def test_lifting_a_halt_makes_due_whoever_it_held_and_nobody_else(world: World) -> None:
    """More people than one chunk has on SQLite; whom another halt meets, or a rest holds, waits on."""
    campaign = world.a_campaign()
    texas = [world.a_contact([f"+121455501{at:02d}"], region="TX") for at in range(100)]
    georgia, resting = world.a_contact(["+14045550100"], region="GA"), world.a_contact(numbers(1))
    world.enrol(campaign, *texas, georgia, resting)
    later = world.now + timedelta(hours=2)
    _let_rest(world, resting, later)
    for place in ("US-TX", "US-GA"):
        with world.store.write() as tx:
            assert halts.declare(tx, halts.Halt("jurisdiction", place, later, "kim"), world.now)
    world.dispatch(campaign)
    world.now += timedelta(minutes=1)
    assert halts.lift(world.store, "jurisdiction", "US-TX", world.now) == 1
    assert world.dispatch(campaign, lines=200) == 100
    waiting = [world.enrollment(contact) for contact in (georgia, resting)]
    assert [(row.held_by, row.next_eligible_at) for row in waiting] == [("halt", later), ("rest", later)]


def _let_rest(world: World, contact: int, until: datetime) -> None:
    this = enrollments.c.contact_id == contact
    with world.store.write() as tx:
        tx.execute(update(enrollments).where(this).values(held_by="rest", next_eligible_at=until))


def test_the_same_halt_twice_is_one(world: World) -> None:
    halt = halts.Halt("jurisdiction", "US-TX", None, "kim")
    with world.store.write() as tx:
        said = [
            halts.declare(tx, found, world.now)
            for found in (halt, halt, replace(halt, until=world.now + timedelta(days=7)))
        ]
        found = halts.in_force(tx, world.now).active
    assert (said, len(found)) == ([True, False, True], 2)
    assert halts.lift(world.store, "jurisdiction", "US-TX", world.now) == 2
