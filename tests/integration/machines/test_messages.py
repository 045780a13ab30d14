"""A machine is left a message only where the gate gave leave, after its greeting, and while nobody has said no."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.attempt import Outcome
from orchestrator.domain.campaign import CampaignState, Voicemail
from orchestrator.domain.carrier import AmdMode, AnsweredBy, CallOrder, CallStatus, CarrierRecord
from orchestrator.domain.contact_request import LineType, Mode, SuppressionKind
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.errors import CarrierBusyError
from orchestrator.domain.events import CarrierEvent, EventKind, RoomChange
from orchestrator.persistence import callers, campaigns, dossiers, suppressions
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import cancellations, machine_messages
from orchestrator.persistence.tables.campaigns import decisions
from orchestrator.pipeline import follow_up, joining, machines, settlement, waiting
from orchestrator.pipeline.explain import count_disagreements, explain
from orchestrator.pipeline.reception import answering, machine_answers
from orchestrator.pipeline.reception.plans import HangUp, Join, Leave, Wait
from tests.world import CALLER_ID, CONFIG, NOON, THREE_RULES, World, a_plan, numbers, rulebook_of

TEXT = "This is Acme Roofing. Call +1 212 555 0100 to hear more, or to stop our calls."
RECORDED = """
[[consent_required]]
id = "test.recorded"
applies = { jurisdiction = ["US", "GB"], channel = "voice", mode = "prerecorded", purpose = "any" }
needs = [{ consent = { automated = true } }]
class = "law"
citation = "tests"
source = "tests"
effective = 2000-01-01
verified = { on = 2026-11-21, how = "read" }
"""


def shipped(rule: str) -> str:
    """One rule of Great Britain, as it ships."""
    text = (CONFIG / "rules" / "gb" / "kingdom.toml").read_text("utf-8")
    return next(f"[[{entry}" for entry in text.split("[[") if f'"{rule}"' in entry)


@pytest.fixture
def world(store: Store, carrier: InProcessCarrier) -> Iterator[World]:
    rules = THREE_RULES + RECORDED + shipped("gb.ofcom.after-machine")
    made = World(store, carrier, rulebook=rulebook_of(rules))
    yield made
    made.close()


def a_campaign(world: World, amd: AmdMode, voicemail: Voicemail | None = Voicemail(text=TEXT)) -> int:  # noqa: B008
    plan = a_plan("Spring", voice=True, sms=False)
    assert plan.voice is not None
    voice = replace(plan.voice, amd=amd, voicemail=voicemail, mobile_without_consent=Mode.PROGRESSIVE)
    world.a_seller()
    with world.store.write() as tx:
        campaign_id = campaigns.create(tx, replace(plan, voice=voice), world.now)
        campaigns.change_state(tx, campaign_id, {CampaignState.DRAFT}, CampaignState.RUNNING, None)
        campaigns.mark_launched(tx, campaign_id, world.now)
    return campaign_id


def called(world: World, amd: AmdMode, *, consent: bool = True) -> Any:
    """An attempt that rings; with consent to recordings, or without."""
    campaign = a_campaign(world, amd)
    world.enrol(campaign, world.a_contact(numbers(1), automated=consent))
    assert world.dispatch(campaign) == 1
    return world.attempts()[0]


def order_of(world: World) -> CallOrder:
    [order] = world.carrier.orders.values()  # type: ignore[attr-defined]
    assert isinstance(order, CallOrder)
    return order


def an_event(attempt: Any, kind: EventKind, **said: Any) -> CarrierEvent:
    values = {"key": f"{kind}:{said}", "sid": attempt.sid, "to": "+12125550100", "from_": "+12125550100", **said}
    return CarrierEvent(kind=kind, reference=attempt.id, **values)


def picked_up(world: World, attempt: Any, by: AnsweredBy | None = None, *, over: bool | None = None) -> object:
    world.carrier.set_status(attempt.sid, CallStatus.IN_PROGRESS)  # type: ignore[attr-defined]
    event = an_event(attempt, EventKind.ANSWER, answered_by=by, greeting_over=over)
    return answering.answer(world.store, event, world.now)


def detected(world: World, attempt: Any, by: AnsweredBy, *, over: bool | None = None) -> None:
    event = an_event(attempt, EventKind.DETECTION, answered_by=by, greeting_over=over)
    with world.store.write() as tx:
        settlement.apply(tx, event, world.now)


def asks_for_message(world: World, attempt: Any) -> object:
    return machine_answers.message(world.store, an_event(attempt, EventKind.ANSWER, key="message"), world.now)


def over(world: World, attempt: Any) -> None:
    event = an_event(attempt, EventKind.CALL_STATUS, call_status=CallStatus.COMPLETED)
    with world.store.write() as tx:
        settlement.apply(tx, event, world.now)
    follow_up.run_once(world.store, world.now)


def hung_up_on(world: World) -> list[str]:
    with world.store.read() as tx:
        return list(tx.execute(select(cancellations.c.reason)).scalars())


def agent_state(world: World) -> str:
    with world.store.read() as tx:
        return str(tx.exec_driver_sql("SELECT state FROM agents").scalar())


def modes_asked(world: World) -> set[tuple[str, str]]:
    with world.store.read() as tx:
        return {(row.mode, row.verdict) for row in tx.execute(select(decisions))}


def test_with_leave_detection_waits_for_the_end_of_the_greeting(world: World) -> None:
    called(world, AmdMode.CONNECT_FIRST)
    assert order_of(world).message_end
    assert modes_asked(world) == {("predictive", "allow"), ("prerecorded", "allow")}
    assert world.count(machine_messages) == 1


def test_without_leave_it_does_not_and_the_machine_is_hung_up_on(world: World) -> None:
    attempt = called(world, AmdMode.CONNECT_FIRST, consent=False)
    assert not order_of(world).message_end
    assert modes_asked(world) == {("predictive", "allow"), ("prerecorded", "refuse")}
    picked_up(world, attempt)
    detected(world, attempt, AnsweredBy.MACHINE, over=True)
    assert hung_up_on(world) == ["machine"]
    assert isinstance(asks_for_message(world, attempt), HangUp)


def test_a_campaign_without_a_message_asks_for_no_recording(world: World) -> None:
    campaign = a_campaign(world, AmdMode.CONNECT_FIRST, None)
    world.enrol(campaign, world.a_contact(numbers(1), automated=True))
    world.dispatch(campaign)
    assert modes_asked(world) == {("predictive", "allow")}
    assert not order_of(world).message_end


def test_where_machines_are_not_detected_none_is_asked_for(world: World) -> None:
    called(world, AmdMode.OFF)
    assert modes_asked(world) == {("predictive", "allow")}


def test_a_verdict_that_comes_first_is_answered_with_the_message_as_often_as_it_is_asked(world: World) -> None:
    attempt = called(world, AmdMode.VERDICT_FIRST)
    for _ in range(2):
        assert picked_up(world, attempt, AnsweredBy.MACHINE, over=True) == Leave(TEXT)
    assert world.attempt(attempt.id).message_at == NOON
    over(world, attempt)
    assert world.attempt(attempt.id).outcome == Outcome.MACHINE


def test_an_agent_who_is_reserved_for_a_person_is_free_once_it_is_a_machine(world: World) -> None:
    world.an_agent()
    campaign = a_campaign(world, AmdMode.VERDICT_FIRST)
    person = world.a_contact(numbers(1), line_type=LineType.MOBILE)
    world.enrol(campaign, person, lane=Lane.PROGRESSIVE)
    assert world.dispatch(campaign, Lane.PROGRESSIVE) == 1
    [attempt] = world.attempts()
    assert agent_state(world) == "reserved"
    assert isinstance(picked_up(world, attempt, AnsweredBy.MACHINE), HangUp)
    assert agent_state(world) == "ready"


@pytest.mark.parametrize(
    ("by", "greeting_over"), [(AnsweredBy.MACHINE, None), (AnsweredBy.FAX, None), (AnsweredBy.FAX, True)]
)
def test_into_a_greeting_or_a_fax_nothing_is_said(world: World, by: AnsweredBy, greeting_over: bool | None) -> None:
    attempt = called(world, AmdMode.VERDICT_FIRST)
    assert isinstance(picked_up(world, attempt, by, over=greeting_over), HangUp)
    assert world.attempt(attempt.id).message_at is None


def test_leave_ends_with_the_window_to_the_second(world: World) -> None:
    attempt = called(world, AmdMode.VERDICT_FIRST)
    with world.store.write() as tx:
        tx.execute(update(machine_messages).values(valid_until=NOON + timedelta(seconds=40)))
    world.now = NOON + timedelta(seconds=40)
    assert isinstance(picked_up(world, attempt, AnsweredBy.MACHINE, over=True), HangUp)
    world.now = NOON + timedelta(seconds=39)
    assert picked_up(world, attempt, AnsweredBy.MACHINE, over=True) == Leave(TEXT)


def test_a_message_has_the_hours_of_recordings(world: World) -> None:
    attempt = called(world, AmdMode.VERDICT_FIRST)
    with world.store.read() as tx:
        row = tx.execute(select(machine_messages)).one()
    assert row.valid_until == NOON + timedelta(hours=4)  # as far as closings look ahead
    assert attempt.id == row.attempt_id


def test_a_no_that_comes_while_it_rings_is_heard_by_the_machine_as_silence(world: World) -> None:
    attempt = called(world, AmdMode.VERDICT_FIRST)
    with world.store.write() as tx:
        suppressions.add(
            tx,
            seller_id="acme",
            number_key=attempt.number_key,
            kind=SuppressionKind.DO_NOT_CALL,
            at=world.now,
            source="tests",
        )
    assert isinstance(picked_up(world, attempt, AnsweredBy.MACHINE, over=True), HangUp)


def enters(world: World, attempt: Any) -> None:
    event = an_event(attempt, EventKind.ROOM, agent_id="kim", room_change=RoomChange.ENTERED)
    with world.store.write() as tx:
        settlement.apply(tx, event, world.now)


def joined_machine(world: World) -> Any:
    """An attempt whose machine talks to an agent, until detection has heard its greeting out."""
    world.an_agent()
    attempt = called(world, AmdMode.CONNECT_FIRST)
    assert isinstance(picked_up(world, attempt), Join)
    enters(world, attempt)
    detected(world, attempt, AnsweredBy.MACHINE, over=True)
    return attempt


def test_a_verdict_beside_the_call_takes_it_to_the_message_and_frees_the_agent(
    world: World, carrier: InProcessCarrier
) -> None:
    attempt = joined_machine(world)
    assert machines.run_once(world.store, carrier, world.now) == 1
    assert machines.run_once(world.store, carrier, world.now) == 0
    assert carrier.left == {attempt.sid: attempt.id}
    assert agent_state(world) == "talking"
    assert asks_for_message(world, attempt) == Leave(TEXT)
    assert agent_state(world) == "wrapping"
    over(world, attempt)
    assert world.attempt(attempt.id).outcome == Outcome.MACHINE
    assert hung_up_on(world) == []


def test_a_verdict_that_comes_twice_takes_the_call_there_once(world: World, carrier: InProcessCarrier) -> None:
    attempt = joined_machine(world)
    machines.run_once(world.store, carrier, world.now)
    detected(world, attempt, AnsweredBy.MACHINE, over=True)
    assert machines.run_once(world.store, carrier, world.now) == 0


def test_a_call_that_is_over_is_taken_nowhere(world: World, carrier: InProcessCarrier) -> None:
    attempt = joined_machine(world)
    carrier.set_status(attempt.sid, CallStatus.COMPLETED)
    assert machines.run_once(world.store, carrier, world.now) == 0
    with world.store.read() as tx:
        assert tx.execute(select(machine_messages.c.result)).scalar_one() == "ended by itself"
    assert hung_up_on(world) == []


def test_what_the_carrier_cannot_take_there_in_three_tries_is_hung_up(world: World) -> None:
    joined_machine(world)
    busy = _Busy(now=lambda: NOON)
    for _ in range(4):
        machines.run_once(world.store, busy, world.now)
        with world.store.write() as tx:
            tx.execute(update(machine_messages).values(due_at=datetime(2000, 1, 1, tzinfo=UTC)))
    assert busy.asked == 3
    assert hung_up_on(world) == ["machine"]


class _Busy(InProcessCarrier):
    """A carrier that is asked and never has time."""

    asked = 0

    def leave_message(self, sid: str, reference: UUID) -> CarrierRecord:  # noqa: ARG002 - the signature of carriers
        self.asked += 1
        raise CarrierBusyError(carrier_code=20429)


@pytest.mark.parametrize("amd", [AmdMode.VERDICT_FIRST, AmdMode.CONNECT_FIRST])
def test_who_screens_calls_or_says_nothing_is_unknown_and_unknown_is_a_person(world: World, amd: AmdMode) -> None:
    world.an_agent()
    attempt = called(world, amd)
    told = AnsweredBy.UNKNOWN if amd is AmdMode.VERDICT_FIRST else None
    assert isinstance(picked_up(world, attempt, told), Join)
    enters(world, attempt)
    if told is None:
        detected(world, attempt, AnsweredBy.UNKNOWN)
    assert hung_up_on(world) == []
    over(world, attempt)
    assert world.attempt(attempt.id).outcome == Outcome.REACHED


def test_a_message_that_was_left_counts_as_a_recording_from_then_on(world: World) -> None:
    attempt = called(world, AmdMode.VERDICT_FIRST)
    picked_up(world, attempt, AnsweredBy.MACHINE, over=True)
    with world.store.read() as tx:
        [person] = dossiers.load(tx, world.store.keyring, [attempt.enrollment_id], NOON - timedelta(days=1))
    assert [past.mode for past in person.history] == [Mode.PRERECORDED]


MIDNIGHT_IN_LONDON = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("by", "held_by"), [(AnsweredBy.MACHINE, "gb.ofcom.after-machine"), (AnsweredBy.UNKNOWN, "rest")]
)
def test_after_a_machine_a_british_number_waits_for_the_next_london_day(
    world: World, by: AnsweredBy, held_by: str
) -> None:
    campaign = a_campaign(world, AmdMode.VERDICT_FIRST, None)
    person = world.a_contact(["+442079460018"], country="GB", region=None)
    world.enrol(campaign, person)
    assert world.dispatch(campaign) == 1
    [attempt] = world.attempts()
    picked_up(world, attempt, by)
    with world.store.write() as tx:
        settlement.apply(
            tx, an_event(attempt, EventKind.CALL_STATUS, call_status=CallStatus.COMPLETED, answered_by=by), world.now
        )
    follow_up.run_once(world.store, world.now)
    world.now += timedelta(minutes=20)  # the cadence's own rest after a machine is over
    assert world.dispatch(campaign) == 0
    held = world.enrollment(person)
    assert held.held_by == held_by
    if by is AnsweredBy.MACHINE:
        assert held.next_eligible_at == MIDNIGHT_IN_LONDON + timedelta(hours=8)


def test_the_story_of_a_person_tells_of_the_message_and_of_the_leave_for_it(world: World) -> None:
    attempt = called(world, AmdMode.VERDICT_FIRST)
    with world.store.write() as tx:
        callers.note_level(tx, attempt.id, "B")
    picked_up(world, attempt, AnsweredBy.MACHINE, over=True)
    over(world, attempt)
    [story] = explain(world.store, world.rulebook, numbers(1)[0], world.now)
    told = " ".join(event.sentence for event in story.events)
    assert f"from {CALLER_ID} (attested B)" in told
    assert "the machine was left our message from 2026-11-23 17:00:00 UTC" in told
    assert "The gate allowed a prerecorded call to" in told
    assert count_disagreements([story]) == 0


def test_a_machine_that_is_on_its_way_to_an_agent_hears_the_message_and_is_never_sent_back(
    world: World, carrier: InProcessCarrier
) -> None:
    world.an_agent()
    attempt = called(world, AmdMode.CONNECT_FIRST)
    assert isinstance(picked_up(world, attempt), Join)  # and nobody says that it got there
    detected(world, attempt, AnsweredBy.MACHINE, over=True)
    machines.run_once(world.store, carrier, world.now)
    assert asks_for_message(world, attempt) == Leave(TEXT)
    for _ in range(5):
        world.now += timedelta(seconds=1)
        joining.ask_unheard(world.store, carrier, world.now)
        joining.run_once(world.store, carrier, world.now)
    found = world.attempt(attempt.id)
    assert (found.waiting_since, found.joining_since, found.redirect_at, found.abandoned_at) == (None,) * 4


def test_a_machine_whose_agent_was_found_while_it_waited_is_not_fetched_from_its_message(
    world: World, carrier: InProcessCarrier
) -> None:
    attempt = called(world, AmdMode.CONNECT_FIRST)
    assert isinstance(picked_up(world, attempt), Wait)
    world.an_agent()
    with world.store.write() as tx:
        assert waiting.serve(tx, world.now) == 1
    detected(world, attempt, AnsweredBy.MACHINE, over=True)
    machines.run_once(world.store, carrier, world.now)
    assert asks_for_message(world, attempt) == Leave(TEXT)
    assert joining.run_once(world.store, carrier, world.now).redirected == 0
