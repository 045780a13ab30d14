"""Twilio's forms -> CarrierEvent. Words that we do not know and fields that are missing are no errors."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID, uuid4

from orchestrator.carrier.records import answered_by, whole
from orchestrator.domain.carrier import CallStatus, MessageStatus
from orchestrator.domain.events import CarrierEvent, EventKind, RoomChange

Form = Mapping[str, str]
Word = TypeVar("Word", bound=StrEnum)
SID_LENGTH = 40
ADDRESS_LENGTH = 40  # as wide as the columns that keep them; a longer one is none of ours
STIR_LEVELS = frozenset("ABC")
GREETING_OVER = "machine_end"  # machine_end_beep, machine_end_silence, machine_end_other
MOST_SECONDS = 2**31 - 1
ROOM_CHANGES = {"participant-join": RoomChange.ENTERED, "participant-leave": RoomChange.LEFT}


def answer(form: Form, reference: UUID) -> CarrierEvent:
    """The answer document was asked for; where detection came first, with its verdict."""
    return _of_call(form, EventKind.ANSWER, reference, "answer")


def machine_message(form: Form, reference: UUID) -> CarrierEvent:
    """A call that was taken to a machine asks for the message to leave."""
    return _of_call(form, EventKind.ANSWER, reference, "message")


def detection(form: Form, reference: UUID) -> CarrierEvent:
    """The verdict of detection that ran beside the call."""
    milliseconds = _count(form, "MachineDetectionDuration")
    return replace(
        _of_call(form, EventKind.DETECTION, reference, "detection"),
        detection_seconds=None if milliseconds is None else milliseconds / 1000,
    )


def keypress(form: Form, reference: UUID | None) -> CarrierEvent:
    """A key pressed; without a reference in a call that somebody made to us."""
    return _of_call(form, EventKind.KEYPRESS, reference, f"key:{_word(form, 'Digits')}")


def call_status(form: Form, reference: UUID | None) -> CarrierEvent:
    """News of a call."""
    return _of_call(form, EventKind.CALL_STATUS, reference, _ordinal(form))


def agent_status(form: Form, agent_id: str) -> CarrierEvent:
    """News of the call that holds an agent."""
    return replace(_of_call(form, EventKind.AGENT_STATUS, None, _ordinal(form)), agent_id=agent_id)


def agent_answer(form: Form, agent_id: str) -> CarrierEvent:
    """An agent picked up and asked for their document: news of their call too."""
    return replace(_of_call(form, EventKind.AGENT_STATUS, None, "answer"), agent_id=agent_id)


def room(form: Form, agent_id: str) -> CarrierEvent:
    """Somebody entered the agent's conference, or left it."""
    distinction = f"room:{_word(form, 'ConferenceSid')}:{_ordinal(form)}:{_word(form, 'StatusCallbackEvent')}"
    return replace(
        _of_call(form, EventKind.ROOM, None, distinction),
        agent_id=agent_id,
        room_change=ROOM_CHANGES.get(_word(form, "StatusCallbackEvent")),
    )


def inbound_call(form: Form) -> CarrierEvent:
    """Somebody calls one of our numbers."""
    return _of_call(form, EventKind.INBOUND_CALL, None, "inbound")


def inbound_call_over(form: Form) -> CarrierEvent:
    """Somebody who called us has left the conference, or hung up."""
    event = call_status(form, None)
    if "DialCallStatus" not in form:
        return event
    return replace(event, key=f"call:{event.sid}:dialled", call_status=CallStatus.COMPLETED)


def message_status(form: Form, reference: UUID) -> CarrierEvent:
    """News of a message; messages have no sequence numbers."""
    sid = _word(form, "MessageSid") or _word(form, "SmsSid")
    status = _word(form, "MessageStatus") or _word(form, "SmsStatus")
    return CarrierEvent(
        kind=EventKind.MESSAGE_STATUS,
        key=f"message:{_identity(sid, reference)}:{status}",
        sid=sid,
        to=_address(form, "To"),
        from_=_address(form, "From"),
        reference=reference,
        message_status=_known(MessageStatus, status),
        error_code=_count(form, "ErrorCode"),
    )


def inbound_message(form: Form) -> CarrierEvent:
    """Somebody wrote to one of our numbers."""
    sid = _word(form, "MessageSid") or _word(form, "SmsSid")
    return CarrierEvent(
        kind=EventKind.INBOUND_MESSAGE,
        key=f"message:{_identity(sid, None)}:inbound",
        sid=sid,
        to=_address(form, "To"),
        from_=_address(form, "From"),
        message_status=MessageStatus.RECEIVED,
        body=form.get("Body", ""),
        opt_out_type=_word(form, "OptOutType").upper() or None,
        messaging_service=_word(form, "MessagingServiceSid") or None,
    )


def _of_call(form: Form, kind: EventKind, reference: UUID | None, distinction: str) -> CarrierEvent:
    sid = _word(form, "CallSid")
    return CarrierEvent(
        kind=kind,
        key=f"call:{_identity(sid, reference)}:{distinction}",
        sid=sid,
        to=_address(form, "To"),
        from_=_address(form, "From"),
        reference=reference,
        call_status=_known(CallStatus, _word(form, "CallStatus")),
        answered_by=answered_by(_word(form, "AnsweredBy") or None),
        greeting_over=_word(form, "AnsweredBy").startswith(GREETING_OVER) or None,
        stir_level=_level(form),
        error_code=_count(form, "ErrorCode"),
        sip_code=_count(form, "SipResponseCode"),
        duration_seconds=_count(form, "CallDuration"),
        digits=_word(form, "Digits") or None,
        occurred_at=_moment(form.get("Timestamp")),
    )


def _identity(sid: str, reference: UUID | None) -> str:
    """What a delivery is about; one that does not say is never taken for a repetition."""
    return sid or str(reference or uuid4())


def _ordinal(form: Form) -> str:
    """What tells one status of a call from another: its number in the sequence, else its own word."""
    return _word(form, "SequenceNumber") or _word(form, "CallStatus")


def _word(form: Form, name: str) -> str:
    value = form.get(name, "")
    return value[:SID_LENGTH] if value.isascii() and value.isprintable() else ""


def _address(form: Form, name: str) -> str:
    value = form.get(name, "").strip()
    return value if len(value) <= ADDRESS_LENGTH and value.isascii() and value.isprintable() else ""


def _count(form: Form, name: str) -> int | None:
    number = whole(_word(form, name))
    return number if number is not None and number <= MOST_SECONDS else None


def _level(form: Form) -> str | None:
    level = _word(form, "StirStatus")
    return level if level in STIR_LEVELS else None


def _known(words: type[Word], word: str) -> Word | None:
    try:
        return words(word)
    except ValueError:
        return None


def _moment(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text or "")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
