"""A person is texted from one sender as long as it is in use; a pool is filled by what its senders can send."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from orchestrator.domain.enrollment import Lane
from orchestrator.domain.text_sender import SenderRest, SenderRestKind, SenderType
from orchestrator.persistence import sender_rests, text_senders
from tests.integration.texts.builders import (
    BROOKLYN,
    MIAMI,
    NEW_YORK,
    SHORT,
    a_text_campaign,
    deliver_all,
    from_whom,
    known,
    people,
    sent_by,
)
from tests.world import World

MIDNIGHT_PACIFIC = datetime(2026, 11, 24, 8, tzinfo=UTC)


def rest(world: World, address: str, until: datetime | None = None) -> None:
    wanted = SenderRest(address=address, kind=SenderRestKind.BY_HAND, reason="tests", since=world.now, until=until)
    with world.store.write() as tx:
        assert sender_rests.rest(tx, wanted)


def text_again(world: World, campaign: int) -> None:
    """Four days on, past every rest of the cadence."""
    deliver_all(world)
    world.now += timedelta(days=4)
    world.dispatch(campaign, Lane.SMS)


def test_a_person_keeps_their_sender_until_it_rests_and_then_keeps_the_next(world: World) -> None:
    campaign = a_text_campaign(world, NEW_YORK, BROOKLYN)
    people(world, campaign, 20)
    world.dispatch(campaign, Lane.SMS)
    first = {to: senders[0] for to, senders in from_whom(world).items()}
    assert set(first.values()) == {NEW_YORK, BROOKLYN}
    rest(world, NEW_YORK, world.now + timedelta(days=1))
    second = a_text_campaign(world, NEW_YORK, BROOKLYN, name="Second")
    people_of(world, second)
    assert {to: senders[1] for to, senders in from_whom(world).items()} == dict.fromkeys(first, BROOKLYN)
    deliver_all(world)
    world.now += timedelta(days=4)
    third = a_text_campaign(world, NEW_YORK, BROOKLYN, MIAMI, name="Third")
    people_of(world, third)
    assert {senders[2] for senders in from_whom(world).values()} == {BROOKLYN}, "nobody moves back, nobody moves on"


def people_of(world: World, campaign: int) -> None:
    deliver_all(world)
    world.now += timedelta(minutes=30)
    world.enrol(campaign, *range(1, 21), lane=Lane.SMS)
    world.dispatch(campaign, Lane.SMS)


def test_new_people_are_shared_by_rate_and_the_local_sender_comes_first(world: World) -> None:
    campaign = a_text_campaign(world, NEW_YORK, BROOKLYN, MIAMI, SHORT)
    known(world, NEW_YORK, type=SenderType.TEN_DLC, segments_per_second=300.0)
    known(world, BROOKLYN, type=SenderType.TEN_DLC, segments_per_second=100.0)
    people(world, campaign, 100)
    world.dispatch(campaign, Lane.SMS)
    sent = sent_by(world)
    assert set(sent) == {NEW_YORK, BROOKLYN}
    assert 60 <= sent[NEW_YORK] <= 90


def test_each_sender_sends_at_its_own_rate_and_a_full_one_makes_its_people_wait(world: World) -> None:
    campaign = a_text_campaign(world, NEW_YORK, BROOKLYN)
    known(world, NEW_YORK, type=SenderType.LONG_CODE, segments_per_second=1.0)
    known(world, BROOKLYN, type=SenderType.LONG_CODE, segments_per_second=2.0)
    everybody = people(world, campaign, 40)
    world.dispatch(campaign, Lane.SMS)
    assert sent_by(world) == {NEW_YORK: 3, BROOKLYN: 5}  # two seconds of each, and the one that opens
    for second in range(1, 5):
        world.now += timedelta(seconds=1)
        world.dispatch(campaign, Lane.SMS)
        assert sent_by(world) == {NEW_YORK: 3 + second, BROOKLYN: 5 + 2 * second}
    assert {world.enrollment(person).stage for person in everybody} == {"in_flight", "due"}


def test_a_text_of_many_segments_takes_as_many_slots_and_says_so(world: World) -> None:
    campaign = a_text_campaign(world, NEW_YORK, templates={"en": "Acme Roofing: {first_name} " + "x" * 300 + " STOP"})
    known(world, NEW_YORK, type=SenderType.TOLL_FREE, segments_per_second=3.0)
    people(world, campaign, 20)
    world.dispatch(campaign, Lane.SMS)
    assert {attempt.segments for attempt in world.attempts()} == {3}
    assert len(world.attempts()) == 3


def test_caps_of_sender_and_brand_hold_until_midnight_in_california(world: World) -> None:
    campaign = a_text_campaign(world, NEW_YORK, BROOKLYN)
    known(world, NEW_YORK, type=SenderType.TEN_DLC, daily_segments=4, brand="ACME")
    known(world, BROOKLYN, type=SenderType.TEN_DLC, daily_segments=40, brand="ACME")
    with world.store.write() as tx:
        text_senders.cap_brand(tx, "acme", "ACME", 10)
    everybody = people(world, campaign, 30)
    for _ in range(3):
        world.dispatch(campaign, Lane.SMS)
    assert sent_by(world) == {NEW_YORK: 4, BROOKLYN: 6}
    held = Counter((row.held_by, row.next_eligible_at) for row in map(world.enrollment, everybody) if row.held_by)
    assert held == {("senders-spent", MIDNIGHT_PACIFIC): 20}
    world.now = MIDNIGHT_PACIFIC + timedelta(hours=9)  # noon in New York again
    for _ in range(3):
        world.dispatch(campaign, Lane.SMS)
    assert sum(sent_by(world).values()) == 20


def test_where_every_sender_rests_everybody_waits_for_the_first(world: World) -> None:
    campaign = a_text_campaign(world, NEW_YORK, BROOKLYN)
    back = world.now + timedelta(minutes=10)
    rest(world, NEW_YORK, back)
    rest(world, BROOKLYN)
    (person,) = people(world, campaign, 1)
    assert world.dispatch(campaign, Lane.SMS) == 0
    held = world.enrollment(person)
    assert (held.held_by, held.next_eligible_at, held.last_ordinal) == ("senders-rest", back, 0)
    world.now = back
    assert world.dispatch(campaign, Lane.SMS) == 1
    assert sent_by(world) == {NEW_YORK: 1}


def test_a_service_sends_what_its_members_in_use_can(world: World) -> None:
    service = "MG" + "5" * 32
    campaign = a_text_campaign(world, service, NEW_YORK, BROOKLYN, messaging_service=service)
    for member in (NEW_YORK, BROOKLYN):
        known(world, member, type=SenderType.TEN_DLC, segments_per_second=2.0, service=service)
    known(world, service, type=SenderType.SERVICE)
    people(world, campaign, 30)
    assert world.dispatch(campaign, Lane.SMS) == 9  # two seconds of both, and the one that opens
    rest(world, BROOKLYN)
    world.now += timedelta(minutes=1)
    assert world.dispatch(campaign, Lane.SMS) == 5
