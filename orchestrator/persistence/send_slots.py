"""Send slots shared by every worker: the stored half of ``pacing.slots``."""

from datetime import datetime

from sqlalchemy import Connection, Executable, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.pacing import slots
from orchestrator.persistence.tables.attempts import send_slots

# Built once: every batch takes and returns slots.
BEGIN: dict[str, Executable] = {
    dialect.__name__.rpartition(".")[2]: dialect.insert(send_slots).on_conflict_do_nothing()
    for dialect in (sqlite, postgresql)
}
LOCK = select(send_slots.c.arrives_at).where(send_slots.c.key == bindparam("b_key")).with_for_update()
STORE = update(send_slots).where(send_slots.c.key == bindparam("b_key")).values(arrives_at=bindparam("b_at"))


def take(tx: Connection, key: str, rate: float, burst_seconds: float, want: int, now: datetime) -> int:
    """How many of ``want`` may be sent now; ``tx`` must be a write transaction, which the row is locked for."""
    granted, arrives_at = slots.take(_locked(tx, key, now), now, rate, burst_seconds, want)
    if granted:
        _store(tx, key, arrives_at)
    return granted


def opens_at(tx: Connection, key: str, burst_seconds: float, now: datetime) -> datetime:
    """When the next slot is free; ``now`` where one is."""
    return max(now, slots.opens_at(_locked(tx, key, now), burst_seconds))


def give_back(tx: Connection, key: str, rate: float, count: int, now: datetime) -> None:
    """Return slots that were taken and not used."""
    if count > 0:
        _store(tx, key, slots.give_back(_locked(tx, key, now), rate, count))


def _locked(tx: Connection, key: str, now: datetime) -> datetime:
    tx.execute(BEGIN[tx.dialect.name], {"key": key, "arrives_at": now})
    arrives_at: datetime = tx.execute(LOCK, {"b_key": key}).scalar_one()
    return arrives_at


def _store(tx: Connection, key: str, arrives_at: datetime) -> None:
    tx.execute(STORE, {"b_key": key, "b_at": arrives_at})
