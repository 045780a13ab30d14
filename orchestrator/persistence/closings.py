"""Sellers that leave or have left: how far each is, and what became of its rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from orchestrator.domain.leaving import ClosingState, Way
from orchestrator.persistence.tables.accountability import closings
from orchestrator.persistence.tables.columns import Record


def find(tx: Connection, seller_id: str) -> Record | None:
    """The seller's closing; None while it stays."""
    return tx.execute(select(closings).where(closings.c.seller_id == seller_id)).one_or_none()


def begin(
    tx: Connection, seller_id: str, way: Way, *, keeps_suppressions: bool, because: str, by: str, now: datetime
) -> None:
    """From now on the seller takes nothing new."""
    row: dict[str, Any] = {
        "seller_id": seller_id,
        "way": way.value,
        "keeps_suppressions": keeps_suppressions,
        "because": because,
        "asked_at": now,
        "asked_by": by,
        "state": ClosingState.STOPPING.value,
        "deleted": {},
    }
    tx.execute(insert(closings).values(row))


def advance(tx: Connection, seller_id: str, state: ClosingState, **facts: Any) -> None:
    """How far it is now, with what is known by then."""
    tx.execute(update(closings).where(closings.c.seller_id == seller_id).values(state=state.value, **facts))


def count_deleted(tx: Connection, seller_id: str, table: str, rows: int) -> None:
    """Add to what was deleted, in the transaction that deletes."""
    query = select(closings.c.deleted).where(closings.c.seller_id == seller_id).with_for_update()
    counts: Mapping[str, int] = tx.execute(query).scalar_one()
    more = {**counts, table: counts.get(table, 0) + rows}
    tx.execute(update(closings).where(closings.c.seller_id == seller_id).values(deleted=more))
