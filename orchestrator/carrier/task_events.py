"""TaskRouter's forms -> CarrierEvent. Of the attributes only the offer's id is kept: the rest is personal, and ours."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from orchestrator.carrier import events
from orchestrator.carrier.events import Form
from orchestrator.domain.events import CarrierEvent, EventKind

NAMES = {"type": "EventType", "task_sid": "TaskSid", "worker_sid": "WorkerSid", "reservation_sid": "ReservationSid"}
WORD_LENGTH = 64
LARGEST_MOMENT = 32_503_680_000  # the year 3000


def news(form: Form) -> CarrierEvent:
    """News of a worker, a task or a reservation, known again by its own sid."""
    facts = {name: _word(form, field) for name, field in NAMES.items()}
    facts["offer_id"] = _offer_id(form.get("TaskAttributes", ""))
    sid = _word(form, "Sid")
    about = facts["reservation_sid"] or facts["task_sid"] or facts["worker_sid"]
    # Without its sid, an event that may rightly happen twice is told from its repetition by its moment.
    identity = sid or (f"{about}:{facts['type']}:{_word(form, 'TimestampMs')}" if about else str(uuid4()))
    return CarrierEvent(
        kind=EventKind.TASK_NEWS,
        key=f"task:{identity}",
        sid=sid[: events.SID_LENGTH],
        to="",
        from_="",
        facts={name: value for name, value in facts.items() if value},
        occurred_at=_moment(form),
    )


def assignment(form: Form) -> CarrierEvent:
    """The question what to do with a new reservation: news of its worker, like the event of the same moment."""
    event = news(form)
    return replace(event, key=f"task:{_word(form, 'ReservationSid') or uuid4()}:assignment")


def leg(form: Form, offer_id: int) -> CarrierEvent:
    """News of the call that brings a worker into the conference."""
    event = events.call_status(form, None)
    return replace(event, kind=EventKind.TASK_LEG, facts={"offer_id": str(offer_id)})


def _offer_id(attributes: str) -> str:
    try:
        said = json.loads(attributes)
    except ValueError:
        return ""
    offer_id = said.get("offer_id") if isinstance(said, Mapping) else None
    return str(offer_id) if isinstance(offer_id, int) and 0 < offer_id < 2**31 else ""


def _word(form: Form, name: str) -> str:
    value = form.get(name, "")
    return value[:WORD_LENGTH] if value.isascii() and value.isprintable() else ""


def _moment(form: Form) -> datetime | None:
    """Seconds or milliseconds of the epoch, or ISO 8601: the documents name the field and not its form."""
    text = form.get("TimestampMs") or form.get("Timestamp") or ""
    try:
        if not text.isdecimal():
            return datetime.fromisoformat(text).astimezone(UTC)
        seconds = int(text[:16]) / (1000 if form.get("TimestampMs") else 1)
        return datetime.fromtimestamp(seconds, UTC) if seconds < LARGEST_MOMENT else None
    except (ValueError, OverflowError):
        return None
