"""Days that were held against the carrier's list, and the alarms that came of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.persistence.tables.account import carrier_alarms, reconciliations
from orchestrator.persistence.tables.columns import Record

ENDS = "carrier_alarms.ends"
RECONCILE = "reconcile"
AT_ONCE = 500
INSERT = {dialect.__name__.rpartition(".")[2]: dialect.insert for dialect in (sqlite, postgresql)}


def begin(tx: Connection, day: date, by: str, now: datetime) -> int:
    """Note that the day is being looked at; the number of this look."""
    row = {"day": day, "by": by, "began_at": now}
    number: int = tx.execute(insert(reconciliations).values(row).returning(reconciliations.c.id)).scalar_one()
    return number


def finish(tx: Connection, number: int, tally: Mapping[str, int], now: datetime) -> None:
    """The whole day was looked at."""
    here = reconciliations.c.id == number
    tx.execute(update(reconciliations).where(here).values(finished_at=now, tally=dict(tally)))


def looks(tx: Connection, since: date) -> Sequence[Record]:
    """Every look at these days."""
    return tx.execute(select(reconciliations).where(reconciliations.c.day >= since)).all()


def day_began(day: date) -> datetime:
    """Midnight, UTC."""
    return datetime.combine(day, time(), UTC)


def day_ended(day: date) -> datetime:
    """The midnight after."""
    return day_began(day) + timedelta(days=1)


def raise_alarms(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Store those that are not known yet; their names at the carrier."""
    statement = INSERT[tx.dialect.name](carrier_alarms).on_conflict_do_nothing().returning(carrier_alarms.c.sid)
    new = (tx.execute(statement, dict(row)).scalar() for row in rows)
    return [sid for sid in new if sid is not None]


def clear_found(tx: Connection, sids: Collection[str], now: datetime) -> int:
    """Close the alarms of these, which are on both sides' books by now; how many."""
    still_open = carrier_alarms.c.sid.in_(sids) & carrier_alarms.c.cleared_at.is_(None)
    statement = update(carrier_alarms).where(still_open).values(cleared_at=now, cleared_by=RECONCILE)
    return tx.execute(statement).rowcount


def settle(tx: Connection, sid: str, by: str, note: str, now: datetime) -> int:
    """Close the alarms of this name with what a person says of it; how many were open."""
    still_open = (carrier_alarms.c.sid == sid) & carrier_alarms.c.cleared_at.is_(None)
    statement = update(carrier_alarms).where(still_open).values(cleared_at=now, cleared_by=by, note=note)
    return tx.execute(statement).rowcount


def open_among(tx: Connection, sids: Sequence[str]) -> list[str]:
    """Those of these names that an open alarm stands on."""
    query = select(carrier_alarms.c.sid).where(carrier_alarms.c.cleared_at.is_(None))
    chunks = (sids[start : start + AT_ONCE] for start in range(0, len(sids), AT_ONCE))
    return [sid for few in chunks for sid in tx.execute(query.where(carrier_alarms.c.sid.in_(few))).scalars()]


def open_alarms(tx: Connection, day: date, limit: int | None) -> Sequence[Record]:
    """The open alarms of the day, oldest first; ``limit`` None: all of them."""
    query = select(carrier_alarms).where(carrier_alarms.c.day == day, carrier_alarms.c.cleared_at.is_(None))
    return tx.execute(query.order_by(carrier_alarms.c.happened_at, carrier_alarms.c.id).limit(limit)).all()


def count_open(tx: Connection, day: date) -> int:
    """How many alarms of the day are open."""
    here = (carrier_alarms.c.day == day) & carrier_alarms.c.cleared_at.is_(None)
    return tx.execute(select(func.count()).select_from(carrier_alarms).where(here)).scalar_one()
