"""A caller id places no more than its day's share, is not shown while it rests, and nobody is called from none."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.attempt import Outcome
from orchestrator.domain.caller_id import CallerRest, RestKind
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.errors import CarrierBusyError
from orchestrator.persistence import callers, sellers
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.pipeline import callers as desk
from orchestrator.pipeline import offers
from orchestrator.pipeline.caller_health import recount
from orchestrator.strategies.caller_policy import CallerPolicy
from tests.integration.callers.builders import LONDON, MIAMI, NEW_YORK, a_pool, end_all, shown, with_policy
from tests.world import NOON, World, numbers

MIDNIGHT_IN_NEW_YORK = datetime(2026, 11, 24, 5, tzinfo=UTC)
MIDNIGHT_IN_LONDON = datetime(2026, 11, 24, tzinfo=UTC)


def enrolled(world: World, campaign: int, people: int, start: int = 0) -> list[int]:
    everybody = [world.a_contact([number]) for number in numbers(people, start)]
    world.enrol(campaign, *everybody)
    return everybody


def rests(world: World, address: str, until: datetime | None = None) -> None:
    wanted = CallerRest(address=address, kind=RestKind.BY_HAND, reason="tests", since=world.now, until=until)
    with world.store.write() as tx:
        assert callers.rest(tx, wanted)


def test_a_number_places_its_share_of_a_day_and_the_others_wait_for_its_midnight(world: World) -> None:
    with_policy(world, CallerPolicy(daily_cap=3))
    campaign = a_pool(world, NEW_YORK)
    everybody = enrolled(world, campaign, 5)
    assert world.dispatch(campaign) == 3
    held = [world.enrollment(person) for person in everybody if world.enrollment(person).stage == "due"]
    assert {(row.held_by, row.next_eligible_at, row.last_ordinal) for row in held} == {
        ("caller-ids-spent", MIDNIGHT_IN_NEW_YORK, 0)
    }


def test_the_day_is_that_of_the_number_and_begins_at_its_midnight(world: World) -> None:
    with_policy(world, CallerPolicy(daily_cap=1))
    campaign = a_pool(world, LONDON)
    enrolled(world, campaign, 3)
    world.now = MIDNIGHT_IN_LONDON - timedelta(hours=1)
    assert world.dispatch(campaign) == 1
    world.now = MIDNIGHT_IN_LONDON - timedelta(seconds=1)
    assert world.dispatch(campaign) == 0
    world.now = MIDNIGHT_IN_LONDON
    assert world.dispatch(campaign) == 1


def test_a_number_that_has_placed_its_share_leaves_the_next_nearest(world: World) -> None:
    campaign = a_pool(world, NEW_YORK, MIAMI, local=True)
    with world.store.write() as tx:
        callers.set_cap(tx, NEW_YORK, 2)
    enrolled(world, campaign, 5)
    assert world.dispatch(campaign) == 5
    assert shown(world) == {NEW_YORK: 2, MIAMI: 3}


def test_local_presence_prefers_the_state_of_the_person(world: World) -> None:
    campaign = a_pool(world, LONDON, NEW_YORK, MIAMI, local=True)
    person = world.a_contact(["+14075550110"], region="FL")
    world.enrol(campaign, person)
    world.dispatch(campaign)
    assert shown(world) == {MIAMI: 1}


def test_a_share_counts_over_all_campaigns_that_show_the_number(world: World) -> None:
    with_policy(world, CallerPolicy(daily_cap=3))
    first, second = a_pool(world, NEW_YORK, name="First"), a_pool(world, NEW_YORK, name="Second")
    enrolled(world, first, 2)
    enrolled(world, second, 2, start=10)
    assert [world.dispatch(first), world.dispatch(second)] == [2, 1]


@pytest.fixture
def reading_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has read the counts waits a moment for the other to have read too, if nothing keeps it from that."""
    together, hold_days = threading.Barrier(2), callers.hold_days

    def held(*asked):  # type: ignore[no-untyped-def]
        found = hold_days(*asked)
        with suppress(threading.BrokenBarrierError):
            together.wait(0.2)
        together.reset()
        return found

    monkeypatch.setattr(callers, "hold_days", held)


@pytest.mark.usefixtures("reading_together")
def test_racing_workers_never_pass_a_cap(store: Store, carrier: InProcessCarrier) -> None:
    pair = [World(store, carrier), World(store, carrier)]
    for name, world in zip(("first", "second"), pair, strict=True):
        # Each with send slots of its own: the lock on those must not hide that the days are held.
        world.engine = replace(world.engine, worker=name, account=name)
        with_policy(world, CallerPolicy(daily_cap=7))
    world = pair[0]
    # Two pools that name the same numbers in opposite order: whoever locked them as they come would wait in a ring.
    campaigns = [a_pool(world, NEW_YORK, MIAMI, name="One"), a_pool(world, MIAMI, NEW_YORK, name="Two")]
    for at, campaign in enumerate(campaigns):
        enrolled(world, campaign, 40, start=100 * at)
    with store.write() as tx:  # the day's rows are there: making them would make the other wait as well
        callers.hold_days(tx, [(NEW_YORK, NOON.date()), (MIAMI, NOON.date())])
    start = threading.Barrier(2)

    def dispatch_all(one: World, order: list[int]) -> int:
        start.wait(30)
        return sum(one.dispatch(campaign) for campaign in order)

    with ThreadPoolExecutor(2) as pool:
        placed = sum(pool.map(dispatch_all, pair, (campaigns, campaigns[::-1])))
    for one in pair:
        one.close()
    assert placed == 14
    assert shown(world) == {NEW_YORK: 7, MIAMI: 7}


def test_calls_that_the_carrier_never_took_are_given_back_by_the_recount(
    world: World, carrier: InProcessCarrier
) -> None:
    with_policy(world, CallerPolicy(daily_cap=2))
    campaign = a_pool(world, NEW_YORK)
    enrolled(world, campaign, 4)
    carrier.refuse_next(CarrierBusyError(carrier_code=20429))
    assert world.dispatch(campaign) == 2
    assert shown(world) == {NEW_YORK: 1}
    assert world.dispatch(campaign) == 0
    recount(world.store, world.rulebook.places, NEW_YORK, world.now)
    with world.store.write() as tx:
        tx.execute(update(enrollments).values(next_eligible_at=NOON))
    assert world.dispatch(campaign) == 1


def test_a_resting_number_is_not_shown(world: World) -> None:
    campaign = a_pool(world, NEW_YORK, MIAMI)
    enrolled(world, campaign, 6)
    rests(world, NEW_YORK)
    assert world.dispatch(campaign) == 6
    assert shown(world) == {MIAMI: 6}


def test_where_all_rest_everybody_waits_until_the_first_is_back(world: World) -> None:
    campaign = a_pool(world, NEW_YORK, MIAMI)
    [person] = enrolled(world, campaign, 1)
    rests(world, NEW_YORK)
    rests(world, MIAMI, until=NOON + timedelta(minutes=10))
    assert world.dispatch(campaign) == 0
    held = world.enrollment(person)
    assert (held.held_by, held.next_eligible_at) == ("caller-ids-rest", NOON + timedelta(minutes=10))
    world.now = held.next_eligible_at
    assert world.dispatch(campaign) == 1
    assert shown(world) == {MIAMI: 1}


def test_whoever_waited_is_called_once_a_number_is_used_again(world: World) -> None:
    campaign = a_pool(world, NEW_YORK)
    with world.store.write() as tx:
        sellers.claim_senders(tx, "acme", [NEW_YORK], NOON)
    enrolled(world, campaign, 2)
    rests(world, NEW_YORK)
    assert world.dispatch(campaign) == 0
    world.now += timedelta(seconds=1)
    assert desk.use(world.store, NEW_YORK, "cli:ops", world.now) == 2
    assert world.dispatch(campaign) == 2


def test_agents_are_rung_from_a_number_in_use_and_from_the_first_where_all_rest(world: World) -> None:
    def rung_from() -> str:
        with world.store.read() as tx:
            return callers.first_in_use(tx, [NEW_YORK, MIAMI], NOON)

    assert rung_from() == NEW_YORK
    rests(world, NEW_YORK)
    assert rung_from() == MIAMI
    rests(world, MIAMI)
    assert rung_from() == NEW_YORK


def test_a_rest_begins_once_and_stays_on_record(world: World) -> None:
    rests(world, NEW_YORK, until=NOON + timedelta(hours=1))
    again = CallerRest(address=NEW_YORK, kind=RestKind.BLOCKED, reason="again", since=NOON)
    with world.store.write() as tx:
        assert not callers.rest(tx, again)
        assert callers.rest(tx, replace(again, since=NOON + timedelta(hours=1)))
    with world.store.read() as tx:
        found = callers.rests(tx, [NEW_YORK], 10)
    assert [(row.kind, row.ended_at) for row in found] == [
        ("blocked", None),
        ("by-hand", NOON + timedelta(hours=1)),
    ]


def test_nobody_is_laid_before_an_agent_who_could_be_called_from_no_number(world: World) -> None:
    campaign = a_pool(world, NEW_YORK)
    world.an_agent()
    person = world.a_contact(numbers(1), line_type=LineType.MOBILE)
    world.enrol(campaign, person, lane=Lane.PREVIEW)
    rests(world, NEW_YORK, until=NOON + timedelta(minutes=5))
    assert offers.run_once(world.dispatcher, world.campaign(campaign), 1).offered == 0
    held = world.enrollment(person)
    assert (held.held_by, held.next_eligible_at) == ("caller-ids-rest", NOON + timedelta(minutes=5))
    world.now = held.next_eligible_at
    assert offers.run_once(world.dispatcher, world.campaign(campaign), 1).offered == 1


@pytest.mark.parametrize("lane", [Lane.PREDICTIVE, Lane.PROGRESSIVE])
def test_an_agent_who_was_reserved_for_nobody_is_ready_again(world: World, lane: Lane) -> None:
    campaign = a_pool(world, NEW_YORK)
    world.an_agent()
    [person] = enrolled(world, campaign, 1)
    with world.store.write() as tx:
        tx.execute(update(enrollments).values(lane=lane))
    rests(world, NEW_YORK)
    world.dispatch(campaign, lane)
    with world.store.read() as tx:
        assert tx.exec_driver_sql("SELECT state FROM agents").scalar() == "ready"
    assert world.enrollment(person).stage == "due"
    end_all(world, Outcome.BUSY)
