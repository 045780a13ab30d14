"""The carrier's own records of calls and messages, in our words."""

from datetime import UTC, datetime
from typing import Any

from orchestrator.domain.carrier import AnsweredBy, CarrierRecord
from orchestrator.domain.contact_request import Channel

WORDS = {"human": AnsweredBy.HUMAN, "fax": AnsweredBy.FAX}


def answered_by(word: str | None) -> AnsweredBy | None:
    """Who answered; None where nobody has been asked, unknown for any word that is not clear."""
    if not word:
        return None
    if word.startswith("machine"):
        return AnsweredBy.MACHINE
    return WORDS.get(word, AnsweredBy.UNKNOWN)


def call_record(call: Any) -> CarrierRecord:
    """A call of the SDK as a record."""
    return CarrierRecord(
        sid=call.sid,
        channel=Channel.VOICE,
        to=call.to or "",
        from_=call._from,  # the SDK's own name: unlike messages, calls have no from_
        status=str(call.status),
        created_at=in_utc(call.date_created),
        direction=call.direction or "outbound-api",
        answered_by=answered_by(call.answered_by),
        duration_seconds=whole(call.duration),
        parent_sid=call.parent_call_sid or None,
    )


def message_record(message: Any) -> CarrierRecord:
    """A message of the SDK as a record."""
    return CarrierRecord(
        sid=message.sid,
        channel=Channel.SMS,
        to=message.to or "",
        from_=message.from_,
        status=str(message.status),
        created_at=in_utc(message.date_created),
        direction=message.direction or "outbound-api",
        error_code=whole(message.error_code),
    )


def in_utc(moment: object) -> datetime | None:
    """The moment in UTC; the SDK leaves what it cannot read as text, which is no moment."""
    if not isinstance(moment, datetime):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def whole(value: object) -> int | None:
    """A whole number that the carrier wrote as text or as a number; None for anything else."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None
