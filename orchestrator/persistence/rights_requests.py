"""Requests of people about their own data, and the log of what was done about each."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from orchestrator.domain.errors import UserError
from orchestrator.domain.rights import ENDS, RequestState
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.rights import rights_numbers, rights_requests, rights_steps

SUBJECT = "rights_requests.subject"
NOTE = "rights_steps.note"
IS_OPEN = rights_requests.c.closed_at.is_(None)


def add(tx: Connection, values: Mapping[str, Any], numbers: Mapping[bytes, bool]) -> int:
    """Store a request with the keys of its person's numbers, each with whether somebody else answers there too."""
    row = {"progress": {}, "report": {}, **values}
    request_id: int = tx.execute(insert(rights_requests).values(row).returning(rights_requests.c.id)).scalar_one()
    add_numbers(tx, request_id, numbers)
    return request_id


def add_numbers(tx: Connection, request_id: int, numbers: Mapping[bytes, bool]) -> None:
    """Store those of these numbers that the request does not have yet."""
    known = numbers_of(tx, request_id)
    rows = [
        {"request_id": request_id, "number_key": key, "is_shared": shared}
        for key, shared in numbers.items()
        if key not in known
    ]
    if rows:
        tx.execute(insert(rights_numbers), rows)


def numbers_of(tx: Connection, request_id: int) -> dict[bytes, bool]:
    """The keys of the request's numbers, each with whether somebody else answers there too."""
    query = select(rights_numbers.c.number_key, rights_numbers.c.is_shared)
    rows = tx.execute(query.where(rights_numbers.c.request_id == request_id))
    return {bytes(row.number_key): row.is_shared for row in rows}


def fetch(tx: Connection, request_id: int) -> Record:
    """The request; raises UserError where there is none of that number."""
    row = tx.execute(select(rights_requests).where(rights_requests.c.id == request_id)).one_or_none()
    if row is None:
        raise UserError(f"There is no request {request_id}; `orchestrator rights list --all` shows those there are.")
    return row


def open_like(
    tx: Connection, seller_id: str, kind: str, contact_id: int | None, keys: Sequence[bytes]
) -> Record | None:
    """The request of this kind by the same person that is not answered yet: asking twice is one request."""
    theirs = select(rights_numbers.c.request_id).where(rights_numbers.c.number_key.in_(keys))
    query = select(rights_requests).where(
        IS_OPEN, rights_requests.c.seller_id == seller_id, rights_requests.c.kind == kind
    )
    same = rights_requests.c.id.in_(theirs) & (
        rights_requests.c.contact_id.is_(None)
        if contact_id is None
        else rights_requests.c.contact_id.is_(None) | (rights_requests.c.contact_id == contact_id)
    )
    if contact_id is not None:
        same = same | (rights_requests.c.contact_id == contact_id)
    return tx.execute(query.where(same).order_by(rights_requests.c.id).limit(1)).one_or_none()


def change(tx: Connection, request_id: int, **values: Any) -> None:
    """Write these columns of the request."""
    tx.execute(update(rights_requests).where(rights_requests.c.id == request_id).values(values))


def end(tx: Connection, request_id: int, state: RequestState, now: datetime, report: Mapping[str, Any]) -> None:
    """The request is answered, refused or closed; what came of it is added to its report."""
    assert state in ENDS, state  # noqa: S101 - another state is a programming error
    kept = dict(fetch(tx, request_id).report)
    change(tx, request_id, state=state.value, closed_at=now, paused_on=None, report={**kept, **report})


def log(tx: Connection, keyring: Keyring, request_id: int, step: str, by: str, now: datetime, note: Any = None) -> None:
    """Note who did what and when; ``note`` is any JSON, sealed since reasons name people."""
    sealed = None if note is None else keyring.seal(json.dumps(note, ensure_ascii=False), NOTE)
    row = {"request_id": request_id, "at": now, "by": by, "step": step, "note_sealed": sealed}
    tx.execute(insert(rights_steps).values(row))


def steps_of(tx: Connection, request_id: int) -> Sequence[Record]:
    """The request's log, oldest first."""
    query = select(rights_steps).where(rights_steps.c.request_id == request_id)
    return tx.execute(query.order_by(rights_steps.c.at, rights_steps.c.id)).all()


def note_of(keyring: Keyring, step: Record) -> Any:
    """What was noted with a step; None for nothing."""
    return None if step.note_sealed is None else keyring.open_json(step.note_sealed, NOTE)


def listed(tx: Connection, *, every: bool, seller_id: str | None = None) -> Sequence[Record]:
    """Requests by the day on which they are due; with ``every`` also those that are answered."""
    query = select(rights_requests).order_by(rights_requests.c.due_on, rights_requests.c.id)
    query = query if every else query.where(IS_OPEN)
    return tx.execute(query if seller_id is None else query.where(rights_requests.c.seller_id == seller_id)).all()


def about(tx: Connection, seller_id: str, keys: Sequence[bytes], contact_ids: Sequence[int]) -> Sequence[Record]:
    """Every request by or about these numbers or people, oldest first."""
    theirs = select(rights_numbers.c.request_id).where(rights_numbers.c.number_key.in_(keys))
    who = rights_requests.c.id.in_(theirs) | rights_requests.c.contact_id.in_(contact_ids)
    query = select(rights_requests).where(rights_requests.c.seller_id == seller_id, who)
    return tx.execute(query.order_by(rights_requests.c.received_at, rights_requests.c.id)).all()


def in_states(tx: Connection, states: Sequence[RequestState]) -> Sequence[Record]:
    """Requests that stand in one of these states, oldest first."""
    query = select(rights_requests).where(IS_OPEN, rights_requests.c.state.in_([state.value for state in states]))
    return tx.execute(query.order_by(rights_requests.c.id)).all()


def ended_since(tx: Connection, moment: datetime) -> Sequence[Record]:
    """Requests that were answered then or later."""
    return tx.execute(select(rights_requests).where(rights_requests.c.closed_at >= moment)).all()


def overdue_alarm(tx: Connection, request_id: int, day: int) -> bool:
    """Note that the alarm of that day was given; False where it was before, or another process was first."""
    first = (rights_requests.c.id == request_id) & (rights_requests.c.alarmed_day < day)
    return tx.execute(update(rights_requests).where(first).values(alarmed_day=day)).rowcount == 1


def paused_days(row: Record, today: date) -> int:
    """For how many days the clock has been standing by now."""
    return 0 if row.paused_on is None else max(0, (today - row.paused_on).days)
