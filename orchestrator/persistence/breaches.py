"""The register of breaches, and the steps that were taken about each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from orchestrator.domain.errors import UserError
from orchestrator.persistence.tables.accountability import breach_steps, breaches
from orchestrator.persistence.tables.columns import Record


def add(tx: Connection, values: dict[str, Any]) -> int:
    """A new breach; its number."""
    number: int = tx.execute(insert(breaches).values(values).returning(breaches.c.id)).scalar_one()
    return number


def fetch(tx: Connection, breach_id: int) -> Record:
    """The breach; raises UserError for an unknown number."""
    row = tx.execute(select(breaches).where(breaches.c.id == breach_id)).one_or_none()
    if row is None:
        raise UserError(f"There is no breach {breach_id}; `orchestrator evidence breaches list` lists them.")
    return row


def register(tx: Connection) -> Sequence[Record]:
    """Every breach, the newest first."""
    return tx.execute(select(breaches).order_by(breaches.c.id.desc())).all()


def open_ones(tx: Connection) -> Sequence[Record]:
    """Those that are not closed, the oldest first."""
    return tx.execute(select(breaches).where(breaches.c.closed_at.is_(None)).order_by(breaches.c.id)).all()


def steps_of(tx: Connection, breach_id: int) -> Sequence[Record]:
    """What was done about it, in order."""
    return tx.execute(
        select(breach_steps).where(breach_steps.c.breach_id == breach_id).order_by(breach_steps.c.id)
    ).all()


def add_step(tx: Connection, values: dict[str, Any]) -> None:
    """Who was told, or why nobody had to be."""
    tx.execute(insert(breach_steps).values(values))


def close(tx: Connection, breach_id: int, by: str, because: str, now: datetime) -> bool:
    """End it; False where it is closed already."""
    closing = {"closed_at": now, "closed_by": by, "closed_because": because}
    still_open = (breaches.c.id == breach_id) & breaches.c.closed_at.is_(None)
    return tx.execute(update(breaches).where(still_open).values(closing)).rowcount == 1
