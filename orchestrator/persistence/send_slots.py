"""Send slots shared by every worker: the stored half of ``pacing.slots``."""

from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.pacing import slots
from orchestrator.persistence.tables.attempts import send_slots


def take(tx: Connection, key: str, rate: float, burst_seconds: float, want: int, now: datetime) -> int:
    """How many of ``want`` may be sent now; ``tx`` must be a write transaction, which the row is locked for."""
    granted, arrives_at = slots.take(_locked(tx, key, now), now, rate, burst_seconds, want)
    if granted:
        _store(tx, key, arrives_at)
    return granted


def give_back(tx: Connection, key: str, rate: float, count: int, now: datetime) -> None:
    """Return slots that were taken and not used."""
    if count > 0:
        _store(tx, key, slots.give_back(_locked(tx, key, now), rate, count))


def _locked(tx: Connection, key: str, now: datetime) -> datetime:
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    tx.execute(insert(send_slots).values(key=key, arrives_at=now).on_conflict_do_nothing())
    row = select(send_slots.c.arrives_at).where(send_slots.c.key == key).with_for_update()
    arrives_at: datetime = tx.execute(row).scalar_one()
    return arrives_at


def _store(tx: Connection, key: str, arrives_at: datetime) -> None:
    tx.execute(update(send_slots).where(send_slots.c.key == key).values(arrives_at=arrives_at))
