"""Each regime's own window, formula and cap, counted in calls from the attempts."""

from datetime import UTC, date, datetime, timedelta

import pytest

from orchestrator.compliance.false_positives import DetectionTest
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.attempt import Outcome, Stage
from orchestrator.domain.carrier import AmdMode, Carrier
from orchestrator.domain.contact_request import Mode
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence import detection_tests
from orchestrator.persistence.store import Store
from orchestrator.pipeline import tick
from orchestrator.pipeline.abandonment import Abandonment, RegimeBudget
from tests.integration.budget.calls import Calls, campaign_with
from tests.integration.budget.test_call_counts import mark
from tests.world import NOON, THREE_RULES, World, in_memory, numbers, rulebook_of

LIMITS = "".join(
    f"""
[[abandonment]]
id = "test.abandonment.{country}"
applies = {{ jurisdiction = "{country}", channel = "voice", mode = "predictive", purpose = "any" }}
max_percent = 3
window = "day"
clock = "UTC"
class = "law"
citation = "tests"
source = "tests"
effective = 2000-01-01
verified = {{ on = 2026-11-21, how = "read" }}
"""
    for country in ("US", "GB")
)
MIDNIGHT_IN_LONDON = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


@pytest.fixture
def world(store: Store, carrier: Carrier, law: Rulebook) -> World:
    return World(store, carrier, rulebook=law)


def budget(calls: Calls, country: str = "US", now: datetime = NOON, keeper: Abandonment | None = None) -> RegimeBudget:
    world = calls.world
    with world.store.read() as tx:
        keeper = keeper or Abandonment(world.store, world.rulebook)
        return keeper.budget(tx, world.campaign(calls.campaign_id), country, now)


@pytest.mark.parametrize(("live", "lost", "bears"), [(33, 0, False), (34, 0, True), (67, 1, False), (68, 1, True)])
def test_one_more_call_is_risked_only_where_losing_it_would_keep_the_limit(
    world: World, live: int, lost: int, bears: bool
) -> None:
    calls = Calls(world, world.a_campaign())
    calls.many(live - lost, "reached")
    calls.many(lost, "abandoned")
    found = budget(calls)
    assert found.left == pytest.approx(0.0297 * live - lost)
    assert found.bears_another is bears


def test_only_people_who_were_met_or_abandoned_count(world: World) -> None:
    calls = Calls(world, world.a_campaign())
    calls.many(5, "reached")
    calls.many(2, "abandoned")
    calls.many(1, "abandoned", answered_by="machine")  # our message played to a machine
    calls.many(3, "hung_up")
    calls.many(4, "machine")
    calls.many(6, "no_answer")
    calls.many(7, "reached", mode=Mode.PREVIEW)  # an agent's own calls thin no rate
    calls.many(1, "abandoned", mode=Mode.PREVIEW)  # and are no excuse
    mark(calls, calls.many(1, "reached")[0])
    found = budget(calls)
    assert (found.counts.live_answered, found.counts.abandoned) == (5 + 2 + 1, 2 + 1)
    assert (found.totals.human, found.totals.machine_disposition, found.totals.connected) == (9, 1, 6)
    assert (found.totals.machine, found.totals.no_answer, found.totals.placed) == (5 - 1, 6, 22)


def test_a_call_counts_from_the_moment_that_it_is_abandoned_and_once(world: World) -> None:
    calls = Calls(world, world.a_campaign())
    call = calls.open(stage=Stage.ANSWERED, answered_at=NOON, abandoned_at=NOON)
    assert budget(calls).counts.abandoned == 1
    calls.end(call, Outcome.ABANDONED)
    assert budget(calls).counts.abandoned == 1


def test_great_britain_begins_anew_at_midnight_in_london(world: World) -> None:
    calls = Calls(world, world.a_campaign())
    calls.many(3, "abandoned", country="GB", at=MIDNIGHT_IN_LONDON - timedelta(seconds=1))
    calls.many(1, "abandoned", country="GB", at=MIDNIGHT_IN_LONDON)
    assert budget(calls, "GB").counts.abandoned == 1
    assert budget(calls, "GB", MIDNIGHT_IN_LONDON - timedelta(seconds=1)).counts.abandoned == 4
    assert budget(calls, "GB").ends == MIDNIGHT_IN_LONDON + timedelta(days=1)


def test_without_a_test_everyone_taken_for_a_machine_counts_as_lost_in_great_britain(world: World) -> None:
    calls = in_britain(world)
    found = budget(calls, "GB")
    assert found.counts.amd_false_positives_estimated == 10
    assert found.left == pytest.approx(0.0297 * (200 + 10) - 10)
    assert "No test of the detection is recorded" in found.estimate
    assert (found.totals.human, found.totals.abandoned) == (210, 10)


def test_a_test_on_record_is_the_ground_of_the_estimate(world: World) -> None:
    calls = in_britain(world)
    a_test(world, people=2, amd="verdict-first")  # of another setting, so it says nothing
    a_test(world, people=9, on=date(2026, 1, 1))  # an older one
    a_test(world, people=4)
    found = budget(calls, "GB")
    assert found.counts.amd_false_positives_estimated == 1  # 10 x 5/501, rounded up
    assert "test of 2026-11-20 (connect-first): 4 of 500" in found.estimate


def test_where_detection_is_off_nobody_can_be_taken_for_a_machine(world: World) -> None:
    calls = Calls(world, world.a_campaign())
    calls.many(200, "reached", country="GB")
    found = budget(calls, "GB")
    assert (found.counts.amd_false_positives_estimated, found.estimate) == (0, "")


def test_the_campaigns_own_limit_lowers_the_laws(world: World) -> None:
    calls = Calls(world, campaign_with(world, max_abandonment=0.01))
    calls.many(200, "reached")
    assert budget(calls).limit == 0.01
    assert budget(calls).left == pytest.approx(1.98)


def test_a_restart_and_a_recount_change_nothing(world: World) -> None:
    calls = Calls(world, world.a_campaign())
    keeper, now = Abandonment(world.store, world.rulebook), NOON + timedelta(hours=3)
    calls.many(40, "reached")
    before = budget(calls, now=now, keeper=keeper)
    calls.many(2, "abandoned", at=now - timedelta(minutes=5))
    after = budget(calls, now=now + timedelta(seconds=1), keeper=keeper)
    assert (before.counts.abandoned, after.counts.abandoned) == (0, 2)
    assert after.counts == budget(calls, now=now + timedelta(seconds=1)).counts


def test_what_is_said_hours_later_counts_within_a_minute(world: World) -> None:
    calls = Calls(world, world.a_campaign())
    keeper, now = Abandonment(world.store, world.rulebook), NOON + timedelta(hours=3)
    call = calls.many(40, "reached")[0]
    assert budget(calls, now=now, keeper=keeper).counts.live_answered == 40
    mark(calls, call)
    assert budget(calls, now=now + timedelta(seconds=60), keeper=keeper).counts.live_answered == 39


def test_a_regime_without_budget_is_left_to_reserved_agents_while_the_other_is_dialled_ahead(store: Store) -> None:
    world = World(store, in_memory(lambda: NOON), rulebook=rulebook_of(THREE_RULES + LIMITS))
    calls = Calls(world, world.a_campaign())
    calls.many(40, "reached", country="US")
    calls.many(40, "reached", country="GB")
    calls.many(1, "abandoned", country="GB")
    american, british = world.a_contact(numbers(1)), world.a_contact(["+442079460123"], country="GB", region=None)
    world.enrol(calls.campaign_id, british, american)
    assert world.dispatch(calls.campaign_id, Lane.PREDICTIVE, 10) == 1
    assert world.enrollment(american).stage == "in_flight"
    assert (world.enrollment(british).stage, world.enrollment(british).lane) == ("due", Lane.PROGRESSIVE)
    world.an_agent()
    assert world.dispatch(calls.campaign_id, Lane.PROGRESSIVE, 1) == 1
    call = next(row for row in world.attempts() if row.stage != "ended" and row.country == "GB")
    assert (call.mode, call.agent_id) == ("progressive", "kim")
    world.close()


def in_britain(world: World) -> Calls:
    calls = Calls(world, campaign_with(world, amd=AmdMode.CONNECT_FIRST))
    calls.many(200, "reached", country="GB")
    calls.many(10, "machine", country="GB")
    return calls


def a_test(world: World, people: int, *, amd: str = "connect-first", on: date = date(2026, 11, 20)) -> None:
    test = DetectionTest(sample=500, people=people, tested_on=on, amd=amd)
    with world.store.write() as tx:
        detection_tests.record(tx, "acme", "GB", test, note="", by="Kim", now=NOON)


@pytest.mark.parametrize(("met_before", "mode"), [(0, "progressive"), (33, "progressive"), (100, "predictive")])
def test_a_spent_budget_reserves_an_agent_for_each_call_and_moves_nobody(
    store: Store, met_before: int, mode: str
) -> None:
    world = World(store, in_memory(lambda: NOON), rulebook=rulebook_of(THREE_RULES + LIMITS))
    calls = Calls(world, world.a_campaign())
    calls.many(met_before, "reached", country="US")
    world.enrol(calls.campaign_id, *(world.a_contact([number]) for number in numbers(12)))
    for name in ("ada", "bea", "cyd"):
        world.an_agent(name)
    report = tick.run_once(world.dispatcher, world.pacing)
    assert world.placer.drain(30)
    assert report.counts["moved"] == 0
    placed = [attempt for attempt in world.attempts() if attempt.stage != "ended"]
    assert {attempt.mode for attempt in placed} == {mode}
    assert {attempt.agent_id for attempt in placed} == ({"ada", "bea", "cyd"} if mode == "progressive" else {None})
