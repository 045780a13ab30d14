"""Claim, decide last, write before speaking."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.contact_request import ConsentChannel, LineType, SuppressionKind
from orchestrator.domain.enrollment import EnrollmentStage, Lane
from orchestrator.domain.errors import (
    AccountMisconfiguredError,
    CarrierBusyError,
    DispatchUncertainError,
    NumberDeadError,
    RecipientOptedOutError,
)
from orchestrator.persistence import enrollments, suppressions
from orchestrator.persistence.tables.agents import agent_states
from orchestrator.persistence.tables.attempts import cancellations, live_attempts
from orchestrator.persistence.tables.campaigns import decisions
from orchestrator.pipeline import control, follow_up, rescue
from orchestrator.pipeline.lines import Lines
from tests.world import World, numbers


def test_everybody_due_is_called_once(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign()
    people = [world.a_contact([number]) for number in numbers(10)]
    world.enrol(campaign, *people)
    assert world.dispatch(campaign) == 10
    assert world.dispatch(campaign) == 0
    assert sorted(order.to for order in carrier.orders.values()) == numbers(10)  # type: ignore[union-attr]
    assert {attempt.stage for attempt in world.attempts()} == {"queued"}
    assert {world.enrollment(person).stage for person in people} == {"in_flight"}
    assert world.count(decisions) == 10


def test_outside_the_window_nobody_is_called_and_nothing_is_spent(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign()
    world.now = datetime(2026, 11, 23, 12, 59, 59, tzinfo=UTC)  # a second before eight in New York
    person = world.a_contact(numbers(1))
    world.enrol(campaign, person)
    assert world.dispatch(campaign) == 0
    held = world.enrollment(person)
    assert (held.stage, held.held_by, held.last_ordinal) == ("due", "test.hours", 0)
    assert held.next_eligible_at == datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
    world.now = held.next_eligible_at
    assert world.dispatch(campaign) == 1


def test_the_same_hold_again_only_raises_a_count(world: World) -> None:
    campaign = world.a_campaign()
    world.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    person = world.a_contact(numbers(1))
    world.enrol(campaign, person)
    world.dispatch(campaign)
    with world.store.write() as tx:
        tx.exec_driver_sql("UPDATE enrollments SET next_eligible_at = updated_at")
    world.dispatch(campaign)
    with world.store.read() as tx:
        rows = tx.execute(decisions.select()).all()
    assert [row.times for row in rows] == [2]


def test_one_live_attempt_a_number_over_all_campaigns(world: World) -> None:
    first, second = world.a_campaign("First"), world.a_campaign("Second")
    person = world.a_contact(numbers(1))
    world.enrol(first, person)
    assert world.dispatch(first) == 1
    with world.store.write() as tx:
        tx.exec_driver_sql("UPDATE enrollments SET stage = 'due' WHERE id < 0")
    world.enrol(second, person)
    assert world.dispatch(second) == 0
    assert world.count(live_attempts) == 1


def test_two_numbers_and_two_campaigns_share_the_cap_of_one_person(world: World) -> None:
    campaigns = [world.a_campaign(f"Campaign {n}") for n in range(4)]
    person = world.a_contact(numbers(4))
    for campaign in campaigns:
        world.enrol(campaign, person)
    planned = 0
    for campaign in campaigns:
        planned += world.dispatch(campaign)
        end_all(world)
    assert planned == 3


def end_all(world: World) -> None:
    """Every live attempt ends busy at this moment."""
    from orchestrator.domain.attempt import Outcome
    from orchestrator.pipeline.ending import end_attempt

    with world.store.write() as tx:
        for attempt in world.attempts():
            end_attempt(tx, attempt, Outcome.BUSY, world.now)


@pytest.mark.parametrize(
    ("error", "outcome", "stage"),
    [
        (CarrierBusyError(carrier_code=20429), "never_sent", "due"),
        (NumberDeadError(carrier_code=21211), "refused", "due"),
        (AccountMisconfiguredError(carrier_code=20003), "never_sent", "due"),
    ],
)
def test_a_clear_no_of_the_carrier_ends_the_attempt(
    world: World, carrier: InProcessCarrier, error: Exception, outcome: str, stage: str
) -> None:
    campaign = world.a_campaign()
    person = world.a_contact(numbers(1))
    world.enrol(campaign, person)
    carrier.refuse_next(error)  # type: ignore[arg-type]
    world.dispatch(campaign)
    assert [attempt.outcome for attempt in world.attempts()] == [outcome]
    assert world.count(live_attempts) == 0
    follow_up.run_once(world.store, world.now)
    assert world.enrollment(person).stage == stage


def test_a_misconfigured_account_pauses_the_campaign(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, *[world.a_contact([number]) for number in numbers(3)])
    carrier.refuse_next(AccountMisconfiguredError("no permission for this country", carrier_code=21215))
    world.dispatch(campaign)
    assert world.campaign(campaign).state == "paused"
    assert world.dispatch(campaign) == 0


def test_a_recipient_who_opted_out_at_the_carrier_is_suppressed(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign(voice=False, sms=True)
    person = world.a_contact(numbers(1), line_type=LineType.MOBILE, texts=True)
    world.enrol(campaign, person, lane=Lane.SMS)
    carrier.refuse_next(RecipientOptedOutError(carrier_code=21610))
    world.dispatch(campaign, Lane.SMS)
    follow_up.run_once(world.store, world.now)
    world.now += timedelta(days=2)
    world.dispatch(campaign, Lane.SMS)
    assert world.enrollment(person).stage == "done"


def test_a_lost_answer_is_never_repeated_and_the_carrier_is_asked(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1)))
    carrier.lose_next_answer(DispatchUncertainError("reset"))
    world.dispatch(campaign)
    assert [attempt.stage for attempt in world.attempts()] == ["in_doubt"]
    rescue.run_once(world.store, carrier, world.now, world.waits)
    (found,) = world.attempts()
    assert (found.stage, found.sid) == ("queued", next(iter(carrier.orders)))
    assert len(carrier.orders) == 1


def test_a_stop_between_the_gate_and_the_send_is_honoured(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1)))
    submit = world.placer.submit

    def stop_first(planned):  # type: ignore[no-untyped-def]
        say_stop(world, numbers(1)[0])
        submit(planned)

    world.placer.submit = stop_first  # type: ignore[method-assign]
    world.dispatch(campaign)
    assert not carrier.orders
    assert [attempt.outcome for attempt in world.attempts()] == ["never_sent"]


def test_a_stop_after_the_send_takes_the_call_back(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1)))
    place = carrier.place_call

    def stop_meanwhile(order):  # type: ignore[no-untyped-def]
        receipt = place(order)
        say_stop(world, numbers(1)[0])
        return receipt

    carrier.place_call = stop_meanwhile  # type: ignore[method-assign]
    world.dispatch(campaign)
    assert world.count(cancellations) == 1
    control.run_once(world.store, carrier, world.now)
    assert [attempt.outcome for attempt in world.attempts()] == ["canceled"]
    assert [record.status for record in carrier.records.values()] == ["canceled"]


def test_a_stop_takes_back_what_is_on_its_way_to_that_person_alone(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign()
    first, second = numbers(2)
    world.enrol(campaign, world.a_contact([first]), world.a_contact([second]))
    world.dispatch(campaign)
    say_stop(world, first)
    control.run_once(world.store, carrier, world.now)
    left = {record.to: record.status for record in carrier.records.values()}
    assert left == {first: "canceled", second: "queued"}


def test_a_stop_on_one_number_binds_the_persons_others(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(2)))
    say_stop(world, numbers(2)[1])
    assert world.dispatch(campaign) == 0
    assert not carrier.orders


def test_a_stop_ends_what_a_worker_has_claimed_and_not_decided(world: World, carrier: InProcessCarrier) -> None:
    """A strategy that lets them rest asks no gate: they would be due again, and look as if they had said nothing."""
    campaign, (number,) = world.a_campaign(), numbers(1)
    contact = world.a_contact([number])
    world.enrol(campaign, contact)
    with world.store.write() as tx:
        claimed = enrollments.claim(tx, campaign, Lane.PREDICTIVE, "tests", world.now, 10)
        ended = enrollments.suppress(tx, "acme", world.store.keyring.number_key(number), world.now)
    assert (len(claimed), ended, world.enrollment(contact).stage) == (1, 1, "done")
    outcome = world.dispatcher.decide(
        world.campaign(campaign),
        Lines(Lane.PREDICTIVE, world.dispatcher.closings, 10),
        claimed,
        EnrollmentStage.CLAIMED,
    )
    assert (len(outcome.planned), carrier.orders) == (0, {})
    row = world.enrollment(contact)
    assert (row.stage, row.done_reason, row.lease_holder) == ("done", "suppressed", None)


def say_stop(world: World, number: str) -> None:
    """The person says no in a transaction of its own."""
    with world.store.write() as tx:
        suppressions.add(
            tx,
            seller_id="acme",
            number_key=world.store.keyring.number_key(number),
            kind=SuppressionKind.STOP_REPLY,
            channel=ConsentChannel.ANY,
            at=world.now,
            source="reply",
        )


def test_calls_still_queued_at_the_end_of_the_window_are_cancelled(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign()
    world.now = datetime(2026, 11, 24, 1, 59, 0, tzinfo=UTC)  # a minute before nine in the evening
    world.enrol(campaign, world.a_contact(numbers(1)))
    assert world.dispatch(campaign) == 1
    (attempt,) = world.attempts()
    assert attempt.valid_until == datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    control.run_once(world.store, carrier, attempt.valid_until - timedelta(seconds=1))
    assert world.attempts()[0].stage == "queued"
    control.run_once(world.store, carrier, attempt.valid_until)
    assert world.attempts()[0].outcome == "canceled"


def test_a_message_is_valid_for_the_seconds_left_in_the_window(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign(voice=False, sms=True)
    world.now = datetime(2026, 11, 24, 1, 50, 0, tzinfo=UTC)
    world.enrol(campaign, world.a_contact(numbers(1), line_type=LineType.MOBILE, texts=True), lane=Lane.SMS)
    assert world.dispatch(campaign, Lane.SMS) == 1
    (order,) = carrier.orders.values()
    assert order.validity_seconds == 600  # type: ignore[union-attr]


def test_a_mobile_without_consent_is_never_dialled_predictively(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign()
    person = world.a_contact(numbers(1), line_type=LineType.MOBILE)
    world.enrol(campaign, person)
    assert world.dispatch(campaign) == 0
    assert world.enrollment(person).lane == "preview"
    assert not carrier.orders


def test_progressive_reserves_an_agent_for_each_call(world: World) -> None:
    campaign = world.a_campaign()
    world.an_agent()
    voice = world.campaign(campaign).plan.voice
    assert voice is not None
    world.enrol(campaign, *[world.a_contact([n], line_type=LineType.MOBILE) for n in numbers(3)], lane=Lane.PROGRESSIVE)
    with world.store.write() as tx:
        plan = tx.exec_driver_sql("SELECT plan FROM campaigns").scalar_one()
        assert plan
    world.dispatch(campaign, Lane.PROGRESSIVE, lines=3)
    assert [attempt.mode for attempt in world.attempts()] in (["progressive"], [])


def test_an_agent_is_not_reserved_for_a_lane_on_which_nobody_is_due(world: World) -> None:
    """Reserved and given back within a tick they would be told of as reserved until their next call."""
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1)), lane=Lane.PREDICTIVE)
    world.an_agent()
    assert world.dispatch(campaign, Lane.PROGRESSIVE) == 0
    with world.store.read() as tx:
        states = tx.execute(select(agent_states.c.state).order_by(agent_states.c.id)).scalars().all()
    assert states == ["away", "ready"]
