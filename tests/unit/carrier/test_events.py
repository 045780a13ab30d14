"""Twilio's forms, read tolerantly."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.carrier import events
from orchestrator.domain.carrier import AnsweredBy, CallStatus, MessageStatus
from orchestrator.domain.events import EventKind, RoomChange
from orchestrator.persistence.inbox import as_json, from_json
from tests.unit.carrier.orders import ATTEMPT

FIELDS = [
    *("CallSid", "MessageSid", "SmsSid", "From", "To", "Body", "Digits", "OptOutType", "MessagingServiceSid"),
    *("CallStatus", "MessageStatus", "SmsStatus", "DialCallStatus", "SequenceNumber", "Timestamp", "AnsweredBy"),
    *("ErrorCode", "SipResponseCode", "CallDuration", "StirStatus", "MachineDetectionDuration"),
    *("ConferenceSid", "StatusCallbackEvent"),
]


@pytest.mark.parametrize(
    ("word", "change"),
    [
        ("participant-join", RoomChange.ENTERED),
        ("participant-leave", RoomChange.LEFT),
        ("conference-end", None),
        ("", None),
    ],
)
def test_who_enters_and_leaves_an_agents_room_is_read(word: str, change: RoomChange | None) -> None:
    form = {"CallSid": "CA1", "ConferenceSid": "CF1", "SequenceNumber": "2", "StatusCallbackEvent": word}
    event = events.room(form, "ada")
    assert (event.kind, event.sid, event.agent_id, event.room_change) == (EventKind.ROOM, "CA1", "ada", change)
    assert from_json(as_json(event)) == event
    assert events.room({**form, "SequenceNumber": "3"}, "ada").key != event.key


@pytest.mark.parametrize(("text", "seconds"), [("3185", 3.185), ("", None), ("soon", None)])
def test_how_long_the_detection_took_is_read_where_it_is_told(text: str, seconds: float | None) -> None:
    event = events.detection({"CallSid": "CA1", "AnsweredBy": "human", "MachineDetectionDuration": text}, ATTEMPT)
    assert (event.answered_by, event.detection_seconds) == (AnsweredBy.HUMAN, seconds)
    assert from_json(as_json(event)) == event


def test_a_real_completed_callback_is_read_whole() -> None:
    event = events.call_status(
        {
            "CallSid": "CA1",
            "To": "+12125550123",
            "From": "+12125550100",
            "CallStatus": "completed",
            "SequenceNumber": "3",
            "CallDuration": "49",
            "Duration": "1",
            "AnsweredBy": "machine_start",
            "SipResponseCode": "200",
            "Timestamp": "Mon, 23 Nov 2026 15:00:07 +0000",
            "SomethingNew": "x",
        },
        ATTEMPT,
    )
    assert (event.kind, event.reference, event.key) == (EventKind.CALL_STATUS, ATTEMPT, "call:CA1:3")
    assert (event.call_status, event.duration_seconds) == (CallStatus.COMPLETED, 49)
    assert (event.answered_by, event.sip_code) == (AnsweredBy.MACHINE, 200)
    assert event.occurred_at == datetime(2026, 11, 23, 15, 0, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("human", AnsweredBy.HUMAN),
        ("machine_start", AnsweredBy.MACHINE),
        ("machine_end_beep", AnsweredBy.MACHINE),
        ("machine_end_other", AnsweredBy.MACHINE),
        ("fax", AnsweredBy.FAX),
        ("unknown", AnsweredBy.UNKNOWN),
        ("a word of next year", AnsweredBy.UNKNOWN),
        ("", None),
    ],
)
def test_who_answered_is_a_machine_only_in_clear_words(word: str, expected: AnsweredBy | None) -> None:
    assert events.answer({"CallSid": "CA1", "AnsweredBy": word}, ATTEMPT).answered_by is expected


@pytest.mark.parametrize(
    ("form", "key"),
    [
        ({"CallSid": "CA1", "CallStatus": "ringing", "SequenceNumber": "1"}, "call:CA1:1"),
        ({"CallSid": "CA1", "CallStatus": "ringing"}, "call:CA1:ringing"),
        ({"CallSid": "CA1", "CallStatus": "initiated"}, "call:CA1:initiated"),
        ({"CallStatus": "ringing"}, f"call:{ATTEMPT}:ringing"),
    ],
)
def test_a_call_status_is_itself_by_its_number_else_by_its_word(form: dict[str, str], key: str) -> None:
    assert events.call_status(form, ATTEMPT).key == key


def test_a_message_status_is_itself_by_its_word() -> None:
    event = events.message_status({"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30006"}, ATTEMPT)
    assert (event.key, event.message_status) == ("message:SM1:undelivered", MessageStatus.UNDELIVERED)
    assert event.error_code == 30006


@pytest.mark.parametrize("status", ["", "teleported"])
def test_a_status_that_nobody_knows_is_no_error(status: str) -> None:
    assert events.call_status({"CallSid": "CA1", "CallStatus": status}, ATTEMPT).call_status is None
    assert events.message_status({"MessageSid": "SM1", "MessageStatus": status}, ATTEMPT).message_status is None


def test_the_same_key_pressed_again_is_the_same_and_another_is_not() -> None:
    def press(digits: str) -> str:
        return events.keypress({"CallSid": "CA1", "Digits": digits}, ATTEMPT).key

    assert press("9") == press("9")
    assert press("9") != press("5")


def test_two_messages_without_a_sid_are_never_taken_for_one() -> None:
    form = {"From": "+12125550123", "To": "+12125550100", "Body": "STOP"}
    assert events.inbound_message(form).key != events.inbound_message(form).key


def test_answer_detection_and_agents_answer_are_deliveries_of_their_own() -> None:
    form = {"CallSid": "CA1", "CallStatus": "in-progress"}
    keys = [
        events.answer(form, ATTEMPT).key,
        events.detection(form, ATTEMPT).key,
        events.call_status(form, ATTEMPT).key,
        events.agent_answer(form, "ada").key,
        events.inbound_call(form).key,
    ]
    assert len({*keys}) == 4, "an agent's answer and a contact's are never the same call"


@pytest.mark.parametrize(
    ("word", "by", "over"),
    [
        ("machine_start", AnsweredBy.MACHINE, None),
        ("machine_end_beep", AnsweredBy.MACHINE, True),
        ("machine_end_silence", AnsweredBy.MACHINE, True),
        ("machine_end_other", AnsweredBy.MACHINE, True),
        ("fax", AnsweredBy.FAX, None),
        ("human", AnsweredBy.HUMAN, None),
        ("unknown", AnsweredBy.UNKNOWN, None),
        ("screened", AnsweredBy.UNKNOWN, None),  # a word that we do not know yet
    ],
)
def test_a_verdict_says_who_answered_and_whether_a_greeting_is_over(
    word: str, by: AnsweredBy, over: bool | None
) -> None:
    event = events.detection({"CallSid": "CA1", "AnsweredBy": word}, ATTEMPT)
    assert (event.answered_by, event.greeting_over) == (by, over)


@pytest.mark.parametrize(("word", "level"), [("A", "A"), ("B", "B"), ("C", "C"), ("null", None), ("", None)])
def test_the_attestation_is_one_of_three_letters(word: str, level: str | None) -> None:
    assert events.call_status({"CallSid": "CA1", "StirStatus": word}, ATTEMPT).stir_level == level


@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=80)))
def test_no_form_is_too_odd_to_be_read_and_kept(form: dict[str, str]) -> None:
    reference = UUID(int=7)
    for event in (
        events.answer(form, reference),
        events.call_status(form, reference),
        events.detection(form, reference),
        events.keypress(form, None),
        events.message_status(form, reference),
        events.agent_status(form, "ada"),
        events.inbound_message(form),
        events.inbound_call(form),
        events.inbound_call_over(form),
    ):
        assert from_json(as_json(event)) == event
        assert len(event.sid) <= 40
        assert "\0" not in event.key + event.to + event.from_
