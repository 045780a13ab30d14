"""The record of runs: what each took away and what had to stay, in counts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.retention import retention_runs

Lines = list[dict[str, Any]]


def begin(tx: Connection, *, judged_at: datetime, now: datetime, by: str, seller_id: str | None, law: str) -> int:
    """Note that a run began; its number."""
    row = {"judged_at": judged_at, "began_at": now, "by": by, "seller_id": seller_id, "law": law}
    statement = insert(retention_runs).values(**row, gone=[], stayed=[]).returning(retention_runs.c.id)
    number: int = tx.execute(statement).scalar_one()
    return number


def report(tx: Connection, number: int, gone: Lines, stayed: Lines, finished_at: datetime | None = None) -> None:
    """Write down what the run did so far, and that it ended where it has."""
    here = retention_runs.c.id == number
    tx.execute(update(retention_runs).where(here).values(gone=gone, stayed=stayed, finished_at=finished_at))


def newest_first(tx: Connection, limit: int) -> Sequence[Record]:
    """The last runs."""
    return tx.execute(select(retention_runs).order_by(retention_runs.c.id.desc()).limit(limit)).all()


def since(tx: Connection, moment: datetime, by: str) -> Sequence[Record]:
    """Runs of everything that began since then by that hand."""
    query = select(retention_runs).where(
        retention_runs.c.began_at >= moment, retention_runs.c.by == by, retention_runs.c.seller_id.is_(None)
    )
    return tx.execute(query).all()
