"""Deliveries of the carrier: remembered once, kept sealed until they have been applied."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.domain.carrier import AnsweredBy, CallStatus, MessageStatus
from orchestrator.domain.events import CarrierEvent, EventKind, RoomChange
from orchestrator.persistence.encryption import Keyring, delivery_key
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.tables.columns import Record, real_now
from orchestrator.persistence.tables.deliveries import deliveries, inbox

EVENT = "inbox.event"
POISONED_FOR_SECONDS = 3600
READERS: Mapping[str, Callable[[str], Any]] = {
    "kind": EventKind,
    "reference": UUID,
    "call_status": CallStatus,
    "message_status": MessageStatus,
    "answered_by": AnsweredBy,
    "room_change": RoomChange,
    "occurred_at": datetime.fromisoformat,
}
NAMES = tuple(field.name for field in fields(CarrierEvent))
# Built once: several hundred of them run in a second.
_FIRST_TIME = {
    "sqlite": sqlite.insert(deliveries).on_conflict_do_nothing().returning(deliveries.c.key),
    "postgresql": postgresql.insert(deliveries).on_conflict_do_nothing().returning(deliveries.c.key),
}
_STORE = insert(inbox)
_WAITING = (
    select(inbox.c.id, inbox.c.received_at, inbox.c.event_sealed)
    .where(inbox.c.processed_at.is_(None), inbox.c.due_at.is_(None) | (inbox.c.due_at <= real_now()))
    .order_by(inbox.c.received_at, inbox.c.id)
    .limit(bindparam("b_limit"))
    .with_for_update(skip_locked=True)
)
_APPLIED = (
    update(inbox)
    .where(inbox.c.id == bindparam("b_id"), inbox.c.processed_at.is_(None))
    .values(processed_at=bindparam("b_now"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A stored delivery that waits to be applied."""

    id: UUID
    received_at: datetime
    event: CarrierEvent


def remember(tx: Connection, keyring: Keyring, event: CarrierEvent, now: datetime) -> bool:
    """Store the delivery; False when we have heard it before, and nothing is stored then."""
    first_time = _FIRST_TIME[tx.dialect.name]
    values = {"key": delivery_key(event.key), "received_at": now}
    if tx.execute(first_time, values).first() is None:
        return False
    row = {
        "id": new_id(now),
        "kind": event.kind.value,
        "attempt_id": event.reference,
        "event_sealed": keyring.seal_json(as_json(event), EVENT),
        "received_at": now,
    }
    tx.execute(_STORE, row)
    return True


def waiting(tx: Connection, keyring: Keyring, limit: int) -> Sequence[Delivery]:
    """Deliveries that wait to be applied, oldest first, each held by this transaction alone."""
    return [opened(keyring, row) for row in waiting_sealed(tx, limit)]


def waiting_sealed(tx: Connection, limit: int) -> Sequence[Record]:
    """The same, not opened yet: one that does not open must not stop the others."""
    return tx.execute(_WAITING, {"b_limit": limit}).all()


def opened(keyring: Keyring, row: Record) -> Delivery:
    """The delivery in a row; raises WrongKeyError or ValueError for one that cannot be read."""
    event = from_json(keyring.open_json(row.event_sealed, EVENT))
    return Delivery(id=row.id, received_at=row.received_at, event=event)


def applied(tx: Connection, delivery_id: UUID, now: datetime) -> bool:
    """Mark the delivery as applied; False when another worker has."""
    return tx.execute(_APPLIED, {"b_id": delivery_id, "b_now": now}).rowcount == 1


def set_aside(tx: Connection, delivery_id: UUID, error: str) -> None:
    """Keep a delivery that cannot be applied for an hour, so that it does not stop the others."""
    tx.execute(
        update(inbox).where(inbox.c.id == delivery_id).values(error=error[:500], due_at=real_now(POISONED_FOR_SECONDS))
    )


def forget(tx: Connection, before: datetime, limit: int) -> int:
    """Delete applied deliveries received before then, with their keys; returns how many rows of the inbox went."""
    old = select(inbox.c.id).where(inbox.c.received_at < before, inbox.c.processed_at.is_not(None)).limit(limit)
    gone = tx.execute(delete(inbox).where(inbox.c.id.in_(tx.execute(old).scalars().all()))).rowcount
    keys = select(deliveries.c.key).where(deliveries.c.received_at < before).limit(limit)
    tx.execute(delete(deliveries).where(deliveries.c.key.in_(tx.execute(keys).scalars().all())))
    return gone


def as_json(event: CarrierEvent) -> dict[str, Any]:
    """The event as JSON, without what it does not say."""
    return {name: _plain(value) for name in NAMES if (value := getattr(event, name)) is not None}


def from_json(value: dict[str, Any]) -> CarrierEvent:
    """The event that ``as_json`` wrote."""
    return CarrierEvent(**{name: READERS[name](said) if name in READERS else said for name, said in value.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
