"""What the carrier says of a text that did not arrive: what follows for the person, the sender and the campaign."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.domain.carrier import MessageStatus
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.errors import AccountMisconfiguredError
from orchestrator.persistence import sender_rests
from orchestrator.persistence.tables.people import suppressions
from orchestrator.pipeline import text_health
from orchestrator.pipeline.settlement import apply_message_status
from tests.integration.texts.builders import (
    BROOKLYN,
    NEW_YORK,
    POLICY,
    a_text_campaign,
    deliver_all,
    fail,
    people,
    sent_by,
)
from tests.world import A_TEXT, NOON, World, numbers

GREETING = "Acme Roofing: {postal_code}. Reply STOP to opt out."
MIDNIGHT_PACIFIC = datetime(2026, 11, 24, 8, tzinfo=UTC)


def heed(world: World) -> text_health.TextHealth:
    return text_health.run_once(world.store, POLICY, world.now)


def tries_again(world: World, campaign: int, person: int) -> bool:
    """Whether the person is texted once more by itself, at any time in the week after."""
    before = len(world.attempts())
    for _ in range(7):
        world.now += timedelta(days=1)
        world.dispatch(campaign, Lane.SMS)
    return any(attempt.contact_id == person for attempt in world.attempts()[before:])


@pytest.mark.parametrize(
    ("code", "again"),
    [
        (30003, True),  # off or out of reach
        (30008, True),
        (30017, True),
        (30001, True),
        (30007, False),  # filtered
        (30004, False),  # blocked
        (30006, False),  # a landline
        (30410, False),  # it may have arrived
        (30450, False),
        (None, True),
    ],
)
def test_a_failed_text_is_repeated_only_where_that_can_do_no_harm(
    sqlite_world: World, code: int | None, again: bool
) -> None:
    world = sqlite_world
    campaign = a_text_campaign(world, NEW_YORK)
    people(world, campaign, 1)
    world.dispatch(campaign, Lane.SMS)
    (person,) = fail(world, code)  # type: ignore[arg-type]
    heed(world)
    assert tries_again(world, campaign, person) is again


def test_a_reason_that_comes_after_the_text_was_sent_counts_as_well(sqlite_world: World) -> None:
    world = sqlite_world
    campaign = a_text_campaign(world, NEW_YORK)
    (person,) = people(world, campaign, 1)
    world.dispatch(campaign, Lane.SMS)
    for status, code in ((MessageStatus.SENT, None), (MessageStatus.UNDELIVERED, 30007)):
        with world.store.write() as tx:
            assert apply_message_status(tx, world.attempts()[0], status, world.now, code)
    assert world.attempts()[0].error_code == 30007
    deliver_all(world)
    assert not tries_again(world, campaign, person)


@pytest.mark.parametrize(
    ("code", "kind", "until"),
    [
        (30022, "rate", NOON + timedelta(minutes=1)),
        (30023, "day-spent", MIDNIGHT_PACIFIC),
        (30027, "day-spent", MIDNIGHT_PACIFIC),
        (30034, "not-ready", None),
        (30032, "not-ready", None),
    ],
)
def test_a_sender_that_may_not_go_on_rests_and_the_others_take_over(
    sqlite_world: World, code: int, kind: str, until: datetime | None
) -> None:
    world = sqlite_world
    campaign = a_text_campaign(world, NEW_YORK, BROOKLYN)
    everybody = people(world, campaign, 10)
    world.dispatch(campaign, Lane.SMS)
    address = world.attempts()[0].from_address
    fail(world, code)
    assert [(rest.address, rest.kind, rest.until) for rest in heed(world).rested] == [(address, kind, until)]
    assert (heed(world).heeded, world.campaign(campaign).state) == (0, "running")
    deliver_all(world)
    other = a_text_campaign(world, NEW_YORK, BROOKLYN, name="Other")
    world.now += timedelta(seconds=59)
    before = sent_by(world)
    world.enrol(other, *everybody, lane=Lane.SMS)
    world.dispatch(other, Lane.SMS)
    assert set(sent_by(world) - before) == {NEW_YORK, BROOKLYN} - {address}


def test_three_filtered_texts_rest_a_sender_and_old_news_never_does(world: World) -> None:
    campaign = a_text_campaign(world, NEW_YORK)
    people(world, campaign, 8)
    world.dispatch(campaign, Lane.SMS)
    fail(world, 30007, 2)
    assert heed(world).rested == []
    fail(world, 30007)
    (rest,) = heed(world).rested
    assert (rest.kind, rest.until) == ("filtered", world.now + timedelta(hours=24))
    world.now += timedelta(minutes=1)
    with world.store.write() as tx:
        assert sender_rests.use(tx, NEW_YORK, world.now)
    fail(world, 30007, 3)
    assert heed(world).rested == [], "these were planned before it rested"


def test_a_wrong_set_up_pauses_the_campaign_where_no_other_sender_is_left(world: World) -> None:
    campaign = a_text_campaign(world, NEW_YORK)
    people(world, campaign, 4)
    world.carrier.refuse_next(AccountMisconfiguredError(carrier_code=30034))  # type: ignore[attr-defined]
    world.dispatch(campaign, Lane.SMS)
    assert world.campaign(campaign).state == "running"
    report = heed(world)
    assert ([rest.kind for rest in report.rested], report.paused) == (["not-ready"], [campaign])
    assert world.campaign(campaign).state == "paused"


def test_a_stop_that_the_carrier_holds_is_ours_from_that_news_on(world: World) -> None:
    campaign, other = a_text_campaign(world, NEW_YORK), a_text_campaign(world, NEW_YORK, name="Other")
    (person,) = people(world, campaign, 1)
    world.dispatch(campaign, Lane.SMS)
    fail(world, 21610)
    assert world.count(suppressions) == 1
    heed(world)
    world.enrol(other, person, lane=Lane.SMS)
    assert world.dispatch(other, Lane.SMS) == 0


@pytest.mark.parametrize(("letters", "sent"), [(1540, True), (1600, False)])
def test_a_name_that_makes_a_text_longer_than_the_carrier_takes_holds_its_person_and_nobody_else(
    sqlite_world: World, letters: int, sent: bool
) -> None:
    """The carrier's refusal would be taken for a fault of the campaign's, and pause it."""
    world = sqlite_world
    campaign = world.a_campaign("Texts", voice=False, sms=replace(A_TEXT, templates={"en": GREETING}))
    odd, other = (
        world.a_contact([number], line_type=LineType.MOBILE, texts=True, postal_code=name)
        for number, name in zip(numbers(2), ("\U0001f642" * (letters // 2), "Ada"), strict=True)
    )
    world.enrol(campaign, odd, other, lane=Lane.SMS)
    assert world.dispatch(campaign, Lane.SMS) == 1 + sent
    assert (world.enrollment(odd).cure_detail, world.enrollment(other).stage) == (
        None if sent else "text too long",
        "in_flight",
    )
