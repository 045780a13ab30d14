"""Declared emergencies: rows that are ended and never changed, so that it stays known who said what when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, insert, or_, select, update

from orchestrator.domain.emergency import Emergency
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.law import emergencies

FEED, COMMAND = "feed", "command"


def in_force(tx: Connection, now: datetime) -> list[Emergency]:
    """The emergencies of this moment."""
    return [emergency_of(row) for row in tx.execute(IN_FORCE, {"b_now": now})]


def declared(tx: Connection, *, ended: bool = False) -> Sequence[Record]:
    """Every declaration that nobody has ended, those to come and those whose time is over too; with the ended ones."""
    query = select(emergencies).order_by(emergencies.c.id)
    return tx.execute(query if ended else query.where(_open())).all()


def declare(tx: Connection, emergency: Emergency, origin: str, by: str, now: datetime) -> int:
    """Store the declaration; its number."""
    row = _row(emergency, origin, by, now)
    number: int = tx.execute(insert(emergencies).values(row).returning(emergencies.c.id)).scalar_one()
    return number


def declare_all(tx: Connection, found: Sequence[Emergency], origin: str, by: str, now: datetime) -> None:
    """Store these declarations in one statement."""
    if found:
        tx.execute(insert(emergencies), [_row(emergency, origin, by, now) for emergency in found])


def _row(emergency: Emergency, origin: str, by: str, now: datetime) -> dict[str, Any]:
    return {
        "name": emergency.name,
        "jurisdiction": emergency.jurisdiction,
        "area": emergency.area,
        "since": emergency.since,
        "until": emergency.until,
        "source": emergency.source,
        "citation": emergency.citation,
        "origin": origin,
        "declared_by": by,
        "declared_at": now,
    }


def end(tx: Connection, number: int, by: str, now: datetime) -> bool:
    """End it; False where it is over already or there is none of that number."""
    return end_all(tx, [number], by, now) == 1


def end_all(tx: Connection, numbers: Sequence[int], by: str, now: datetime) -> int:
    """End those of these that are not over already; how many."""
    these = and_(emergencies.c.id.in_(numbers), _open())
    return tx.execute(update(emergencies).where(these).values(ended_at=now, ended_by=by)).rowcount


def over(tx: Connection, now: datetime) -> list[int]:
    """Numbers of the emergencies that are over and whose people nobody has re-opened yet."""
    is_over = or_(emergencies.c.ended_at.is_not(None), emergencies.c.until <= now)
    query = select(emergencies.c.id).where(emergencies.c.reopened_at.is_(None), is_over)
    return list(tx.execute(query).scalars())


def mark_reopened(tx: Connection, numbers: Sequence[int], now: datetime) -> None:
    """Note that whoever they had blocked is due again."""
    tx.execute(update(emergencies).where(emergencies.c.id.in_(numbers)).values(reopened_at=now))


def emergency_of(row: Record) -> Emergency:
    """The row as the noun."""
    return Emergency(
        name=row.name,
        jurisdiction=row.jurisdiction,
        since=row.since,
        until=row.until,
        source=row.source,
        citation=row.citation,
        **{part: tuple(codes) for part, codes in row.area.items()},
    )


def _open() -> ColumnElement[bool]:
    return emergencies.c.ended_at.is_(None)


_NOW = bindparam("b_now", type_=emergencies.c.since.type)
IN_FORCE = (  # built once: each batch asks
    select(emergencies)
    .where(_open(), emergencies.c.since <= _NOW, or_(emergencies.c.until.is_(None), emergencies.c.until > _NOW))
    .order_by(emergencies.c.id)
)
