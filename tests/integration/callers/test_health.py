"""Numbers that carriers block, or for which fewer people pick up, rest; small counts rest nobody."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.attempt import Outcome
from orchestrator.domain.caller_id import CallerRest, CallerStanding, RestKind
from orchestrator.domain.carrier import CallStatus
from orchestrator.domain.errors import CallerBlockedError
from orchestrator.log import UNMASKED
from orchestrator.persistence import callers
from orchestrator.pipeline import follow_up
from orchestrator.pipeline.caller_health import explain_failures, recount, run_once
from orchestrator.pipeline.settlement import apply_call_status
from orchestrator.strategies.caller_policy import CallerPolicy
from tests.integration.callers.builders import MIAMI, NEW_YORK, a_pool, past_calls, shown
from tests.world import NOON, World, numbers

POLICY = CallerPolicy()
BLOCKED_FOR_ITS_NUMBER = 32017


def standing(world: World, address: str) -> CallerStanding:
    with world.store.read() as tx:
        return callers.standing(tx, [address], world.now)[address]


def watch(world: World) -> list[str]:
    report = run_once(world.store, world.rulebook.places, POLICY, world.now)
    return [rest.address for rest in report.rested]


def a_failed_call(world: World) -> str:
    """The sid of a call from New York that fails without a word why."""
    campaign = a_pool(world, NEW_YORK, MIAMI)
    person = world.a_contact(numbers(1))
    while person % 2:  # the contact decides which number it sees
        person = world.a_contact(numbers(1, start=person))
    world.enrol(campaign, person)
    world.dispatch(campaign)
    [attempt] = world.attempts()
    assert attempt.from_address == NEW_YORK
    with world.store.write() as tx:
        apply_call_status(tx, attempt, CallStatus.FAILED, world.now, world.now, {"sip_code": 603})
    return str(attempt.sid)


def test_a_number_that_a_carrier_blocks_rests_with_its_reason(world: World, carrier: InProcessCarrier) -> None:
    carrier.call_errors[a_failed_call(world)] = BLOCKED_FOR_ITS_NUMBER
    assert explain_failures(world.store, carrier, POLICY, world.now).rested == []  # not filed yet, perhaps
    world.now += timedelta(seconds=10)
    [rest] = explain_failures(world.store, carrier, POLICY, world.now).rested
    assert (rest.address, rest.kind, rest.until) == (NEW_YORK, RestKind.BLOCKED, world.now + timedelta(days=7))
    assert "32017" in rest.reason
    assert standing(world, NEW_YORK).rest == rest
    assert explain_failures(world.store, carrier, POLICY, world.now).explained == 0


def test_the_alert_names_the_number_and_until_when(world: World, carrier: InProcessCarrier) -> None:
    carrier.call_errors[a_failed_call(world)] = BLOCKED_FOR_ITS_NUMBER
    world.now += timedelta(seconds=10)
    with capture_logs() as written:
        explain_failures(world.store, carrier, POLICY, world.now)
    [alert] = [line for line in written if line["event"] == "caller_id.rests"]
    assert (alert["caller_id"], alert["rests_until"]) == (NEW_YORK, "2026-11-30T17:00:10+00:00")
    assert alert.keys() & UNMASKED >= {"caller_id", "rests_until"}  # a number of ours, told whole


def test_a_failure_that_is_never_explained_is_asked_about_for_a_minute(world: World, carrier: InProcessCarrier) -> None:
    a_failed_call(world)
    for seconds, explained in ((10, 0), (59, 0), (60, 1), (61, 0)):
        moment = world.now + timedelta(seconds=seconds)
        assert explain_failures(world.store, carrier, POLICY, moment).explained == explained
    assert standing(world, NEW_YORK).rest is None


def test_a_call_refused_for_its_number_is_placed_from_another(world: World, carrier: InProcessCarrier) -> None:
    campaign = a_pool(world, NEW_YORK, MIAMI)
    person = world.a_contact(numbers(1))
    world.enrol(campaign, person)
    carrier.refuse_next(CallerBlockedError(carrier_code=BLOCKED_FOR_ITS_NUMBER))
    world.dispatch(campaign)
    [refused] = world.attempts()
    assert refused.outcome == Outcome.NEVER_SENT
    [rest] = explain_failures(world.store, carrier, POLICY, world.now).rested
    assert rest.address == refused.from_address
    follow_up.run_once(world.store, world.now)
    world.now += timedelta(seconds=10)
    assert world.dispatch(campaign) == 1
    assert shown(world) == {({NEW_YORK, MIAMI} - {refused.from_address}).pop(): 1}


def test_news_of_a_block_from_before_a_rest_begins_no_second_one(world: World, carrier: InProcessCarrier) -> None:
    carrier.call_errors[a_failed_call(world)] = BLOCKED_FOR_ITS_NUMBER
    world.now += timedelta(seconds=10)
    with world.store.write() as tx:
        wanted = CallerRest(address=NEW_YORK, kind=RestKind.BY_HAND, reason="tests", since=world.now)
        callers.rest(tx, wanted)
        callers.use(tx, NEW_YORK, world.now)
    assert explain_failures(world.store, carrier, POLICY, world.now).rested == []


def test_a_number_that_few_answer_beside_the_others_and_beside_its_past_rests(world: World) -> None:
    a_pool(world, NEW_YORK, MIAMI)
    for days in range(2, -1, -1):
        at = NOON - timedelta(days=days)
        past_calls(world.store, NEW_YORK, at, {Outcome.REACHED: 6, Outcome.NO_ANSWER: 74})
        past_calls(world.store, MIAMI, at, {Outcome.REACHED: 25, Outcome.NO_ANSWER: 55})
        world.now = at
        recount(world.store, world.rulebook.places, NEW_YORK, at)
        recount(world.store, world.rulebook.places, MIAMI, at)
    assert watch(world) == [NEW_YORK]
    rest = standing(world, NEW_YORK).rest
    assert rest is not None
    assert rest.kind is RestKind.ANSWER_RATE
    assert "8% of 240 calls answered, 31% of 240 of the pool's others" in rest.reason
    assert watch(world) == []


def test_the_same_shares_of_small_counts_rest_nobody(world: World) -> None:
    a_pool(world, NEW_YORK, MIAMI)
    past_calls(world.store, NEW_YORK, NOON, {Outcome.REACHED: 8, Outcome.NO_ANSWER: 92})
    past_calls(world.store, MIAMI, NOON, {Outcome.REACHED: 31, Outcome.NO_ANSWER: 69})
    assert watch(world) == []


def test_a_number_whose_list_is_worse_than_before_does_not_rest_where_the_others_fell_with_it(world: World) -> None:
    a_pool(world, NEW_YORK, MIAMI)
    for address in (NEW_YORK, MIAMI):
        before = NOON - timedelta(days=5)
        past_calls(world.store, address, before, {Outcome.REACHED: 120, Outcome.NO_ANSWER: 180})
        recount(world.store, world.rulebook.places, address, before)
        past_calls(world.store, address, NOON, {Outcome.REACHED: 20, Outcome.NO_ANSWER: 280})
    assert watch(world) == []


@pytest.mark.parametrize(("answered", "rested"), [(20, [NEW_YORK]), (110, [])])
def test_a_pool_of_one_is_held_against_its_own_past(world: World, answered: int, rested: list[str]) -> None:
    a_pool(world, NEW_YORK)
    before = NOON - timedelta(days=5)
    past_calls(world.store, NEW_YORK, before, {Outcome.REACHED: 120, Outcome.NO_ANSWER: 180})
    recount(world.store, world.rulebook.places, NEW_YORK, before)
    past_calls(world.store, NEW_YORK, NOON, {Outcome.REACHED: answered, Outcome.NO_ANSWER: 300 - answered})
    assert watch(world) == rested


def test_a_recount_tells_people_from_machines_and_keeps_what_the_carrier_attested(world: World) -> None:
    told = {Outcome.REACHED: 1, Outcome.ABANDONED: 1, Outcome.HUNG_UP: 1, Outcome.MACHINE: 2, Outcome.BUSY: 1}
    untold = {Outcome.NEVER_SENT: 5, Outcome.CANCELED: 2, Outcome.NOT_IN_SERVICE: 1}
    past_calls(world.store, NEW_YORK, NOON, told | untold)
    past_calls(world.store, NEW_YORK, NOON, {Outcome.NO_ANSWER: 2}, stir_status="B")
    recount(world.store, world.rulebook.places, NEW_YORK, NOON)
    with world.store.read() as tx:
        [day] = [day for day in callers.days_since(tx, [NEW_YORK], NOON.date())[NEW_YORK] if day.on == NOON.date()]
    assert (day.placed, day.ended, day.answered, day.levels) == (11, 8, 3, (0, 2, 0))


def test_a_number_that_is_used_again_is_judged_by_what_comes_after(world: World) -> None:
    a_pool(world, NEW_YORK, MIAMI)
    past_calls(world.store, NEW_YORK, NOON, {Outcome.REACHED: 10, Outcome.NO_ANSWER: 230})
    past_calls(world.store, MIAMI, NOON, {Outcome.REACHED: 80, Outcome.NO_ANSWER: 160})
    assert watch(world) == [NEW_YORK]
    with world.store.write() as tx:
        assert callers.use(tx, NEW_YORK, world.now)
    assert watch(world) == []
