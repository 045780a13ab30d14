"""Every delivery may come late, twice and in any order: the end is the same."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import select

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.carrier import AnsweredBy, CallStatus, MessageStatus
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.events import CarrierEvent, EventKind, RoomChange
from orchestrator.persistence import inbox
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import live_attempts
from orchestrator.persistence.tables.campaigns import rollups
from orchestrator.persistence.tables.deliveries import inbox as inbox_table
from orchestrator.persistence.tables.people import number_facts
from orchestrator.pipeline import follow_up, settlement
from orchestrator.pipeline.reception import answering
from orchestrator.pipeline.reception.plans import Wait
from tests.world import World, in_memory, numbers

BUSY_DAY = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
STORY = (CallStatus.INITIATED, CallStatus.RINGING, CallStatus.IN_PROGRESS, CallStatus.COMPLETED)


def called(world: World) -> tuple[UUID, str]:
    """One call at the carrier."""
    campaign = world.a_campaign(f"Campaign {world.count(live_attempts)} {world.count(inbox_table)}")
    contact = world.a_contact(numbers(1, start=world.count(number_facts)))
    world.enrol(campaign, contact)
    assert world.dispatch(campaign) == 1
    attempt = world.attempts()[-1]
    return attempt.id, attempt.sid


def news(attempt_id: UUID, sid: str, status: CallStatus, number: int = 0, **facts: Any) -> CarrierEvent:
    """A status callback."""
    return CarrierEvent(
        kind=EventKind.CALL_STATUS,
        key=f"{sid}:{number}:{status}",
        sid=sid,
        to="",
        from_="",
        reference=attempt_id,
        call_status=status,
        **facts,
    )


def entered(sid: str, agent_id: str) -> CarrierEvent:
    """They are in the agent's room."""
    facts = {"sid": sid, "to": "", "from_": "", "agent_id": agent_id, "room_change": RoomChange.ENTERED}
    return CarrierEvent(kind=EventKind.ROOM, key=f"{sid}:entered", **facts)  # type: ignore[arg-type]


def hear(world: World, *events: CarrierEvent) -> None:
    """Store the deliveries, then settle until none waits."""
    with world.store.write() as tx:
        for event in events:
            inbox.remember(tx, world.store.keyring, event, world.now)
    while settlement.run_once(world.store, world.now).applied:
        world.now += timedelta(milliseconds=1)


@pytest.fixture(scope="module")
def shared(sqlite_template, tmp_path_factory, keyring):  # type: ignore[no-untyped-def]
    """One world for many examples."""
    import shutil

    from orchestrator.installation import prove
    from orchestrator.persistence.store import open_engine
    from orchestrator.settings import Settings

    path = tmp_path_factory.mktemp("settlement") / "shared.sqlite3"
    shutil.copy(sqlite_template, path)
    store = prove(Store(open_engine(f"sqlite:///{path}"), keyring), Settings())
    world = World(store, in_memory(lambda: world.now))
    yield world
    world.close()


@BUSY_DAY
@given(order=some.permutations(range(4)), again=some.lists(some.integers(0, 3), max_size=4))
def test_any_order_and_any_repetition_ends_alike(shared: World, order: list[int], again: list[int]) -> None:
    attempt_id, sid = called(shared)
    hear(shared, *[news(attempt_id, sid, STORY[at], at) for at in (*order, *again)])
    attempt = shared.attempt(attempt_id)
    assert (attempt.stage, attempt.outcome) == ("ended", "hung_up")
    assert shared.count(live_attempts) == 0


@pytest.mark.parametrize(
    ("status", "facts", "outcome"),
    [
        (CallStatus.BUSY, {}, "busy"),
        (CallStatus.NO_ANSWER, {}, "no_answer"),
        (CallStatus.FAILED, {}, "failed"),
        (CallStatus.FAILED, {"sip_code": 404}, "not_in_service"),
        (CallStatus.CANCELED, {}, "canceled"),
        (CallStatus.COMPLETED, {}, "hung_up"),
        (CallStatus.COMPLETED, {"answered_by": AnsweredBy.MACHINE}, "machine"),
        (CallStatus.COMPLETED, {"answered_by": AnsweredBy.FAX}, "fax"),
        (CallStatus.COMPLETED, {"answered_by": AnsweredBy.UNKNOWN}, "hung_up"),
    ],
)
def test_how_a_call_ended(world: World, status: CallStatus, facts: dict[str, Any], outcome: str) -> None:
    attempt_id, sid = called(world)
    hear(world, news(attempt_id, sid, status, **facts))
    assert world.attempt(attempt_id).outcome == outcome
    with world.store.read() as tx:
        counted = tx.execute(select(rollups.c.metric).where(rollups.c.metric.startswith("attempts"))).scalars().all()
    assert counted == [f"attempts|voice|predictive|{outcome}"]


def test_a_number_not_in_service_is_dead_over_all_campaigns(world: World, carrier: InProcessCarrier) -> None:
    attempt_id, sid = called(world)
    hear(world, news(attempt_id, sid, CallStatus.FAILED, sip_code=404))
    other = world.a_campaign("Another")
    world.enrol(other, world.attempt(attempt_id).contact_id)
    assert world.dispatch(other) == 0
    assert len(carrier.orders) == 1


def test_news_of_another_call_changes_nothing(world: World) -> None:
    attempt_id, _ = called(world)
    hear(world, news(attempt_id, "CA" + "f" * 32, CallStatus.COMPLETED))
    assert world.attempt(attempt_id).stage == "queued"


def test_an_answer_with_an_agent_is_a_conversation_and_the_agent_wraps_up(world: World) -> None:
    world.an_agent()
    attempt_id, sid = called(world)
    answered = CarrierEvent(kind=EventKind.ANSWER, key=f"{sid}:answer", sid=sid, to="", from_="", reference=attempt_id)
    plan = answering.answer(world.store, answered, world.now)
    assert plan == answering.answer(world.store, answered, world.now)
    hear(world, entered(sid, "kim"))
    hear(world, news(attempt_id, sid, CallStatus.COMPLETED))
    attempt = world.attempt(attempt_id)
    assert (attempt.outcome, attempt.agent_id) == ("reached", "kim")
    follow_up.run_once(world.store, world.now + timedelta(seconds=14))
    assert world.enrollment(attempt.contact_id).stage == "in_flight"  # the agent may still say what it came to
    follow_up.run_once(world.store, world.now + timedelta(seconds=15))
    assert world.enrollment(attempt.contact_id).done_reason == "reached"


def test_who_was_reached_after_all_is_not_called_again(world: World) -> None:
    world.an_agent()
    attempt_id, sid = called(world)
    answered = CarrierEvent(kind=EventKind.ANSWER, key=f"{sid}:answer", sid=sid, to="", from_="", reference=attempt_id)
    answering.answer(world.store, answered, world.now)
    hear(world, news(attempt_id, sid, CallStatus.COMPLETED))
    follow_up.run_once(world.store, world.now)
    person = world.attempt(attempt_id).contact_id
    assert world.enrollment(person).stage == "due", "they hung up before the agent, as far as was known"
    hear(world, entered(sid, "kim"))
    follow_up.run_once(world.store, world.now)
    assert (world.attempt(attempt_id).outcome, world.enrollment(person).done_reason) == ("reached", "reached")


def test_an_answer_without_an_agent_is_abandoned_after_two_seconds(world: World) -> None:
    attempt_id, sid = called(world)
    answered = CarrierEvent(kind=EventKind.ANSWER, key=f"{sid}:answer", sid=sid, to="", from_="", reference=attempt_id)
    assert answering.answer(world.store, answered, world.now) == Wait()
    world.now += timedelta(seconds=2)
    answering.answer(world.store, answered, world.now)
    assert world.attempt(attempt_id).abandoned_at == world.now
    hear(world, news(attempt_id, sid, CallStatus.COMPLETED))
    assert world.attempt(attempt_id).outcome == "abandoned"


MESSAGE_STORY = (MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.SENT, MessageStatus.DELIVERED)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 3, 0, 1), (3, 0, 1, 2), (2, 2, 3, 3)])
def test_a_message_ends_delivered_in_whatever_order_it_is_heard(world: World, order: tuple[int, ...]) -> None:
    campaign = world.a_campaign(voice=False, sms=True)
    world.enrol(campaign, world.a_contact(numbers(1), line_type=LineType.MOBILE, texts=True), lane=Lane.SMS)
    world.dispatch(campaign, Lane.SMS)
    (attempt,) = world.attempts()
    for at in order:
        status = MESSAGE_STORY[at]
        event = CarrierEvent(
            kind=EventKind.MESSAGE_STATUS,
            key=f"{attempt.sid}:{status}",
            sid=attempt.sid,
            to="",
            from_="",
            reference=attempt.id,
            message_status=status,
        )
        hear(world, event)
    assert world.attempt(attempt.id).outcome == "delivered"
    with world.store.read() as tx:
        totals = {row.metric: row.value for row in tx.execute(select(rollups)) if row.metric.startswith("attempts")}
    assert {metric: value for metric, value in totals.items() if value} == {"attempts|sms|-|delivered": 1}


def test_a_poisoned_delivery_waits_an_hour_and_stops_nobody(world: World) -> None:
    attempt_id, sid = called(world)
    with world.store.write() as tx:
        inbox.remember(tx, world.store.keyring, news(attempt_id, sid, CallStatus.RINGING, 1), world.now)
        tx.execute(inbox_table.update().values(event_sealed=b"k1:not what was sealed"))
    hear(world, news(attempt_id, sid, CallStatus.BUSY, 2))
    assert world.attempt(attempt_id).outcome == "busy"
    with world.store.read() as tx:
        waiting = tx.execute(select(inbox_table.c.error).where(inbox_table.c.processed_at.is_(None))).scalars().all()
    assert len(waiting) == 1
    assert waiting[0]
