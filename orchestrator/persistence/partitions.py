"""Months of the growing tables on PostgreSQL; ids are UUIDv7, so an id names its month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection, text

from orchestrator.persistence.identity import first_id
from orchestrator.persistence.store import Store

TABLES = ("attempts", "decisions", "inbox")
MONTHS_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Month:
    """One partition: its name, the smallest id that lies in it, and the first that does not."""

    name: str
    first: UUID
    last: UUID

    @property
    def before(self) -> UUID:
        """The id just before the month's first."""
        return UUID(int=self.first.int - 1)


def ensure(store: Store, now: datetime) -> int:
    """Make this month's partitions and the next two; how many were made. Nothing to do on SQLite."""
    if store.is_sqlite:
        return 0
    with store.write() as tx:
        return sum(_make(tx, table, _month(now, ahead)) for ahead in range(MONTHS_AHEAD + 1) for table in TABLES)


def months(tx: Connection, table: str, now: datetime) -> Sequence[Month]:
    """The table's partitions that are over, oldest first."""
    query = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = CAST(:parent AS regclass)")
    names = sorted(name for name in tx.execute(query, {"parent": table}).scalars() if not name.endswith("_default"))
    found = [_named(name) for name in names]
    return [month for month in found if month.last <= first_id(now)]


def drop(tx: Connection, month: Month) -> None:
    """Drop the partition with all its rows; whoever drops one notes it in the same transaction."""
    tx.execute(text(f"DROP TABLE {month.name}"))


def _named(name: str) -> Month:
    begins = datetime.strptime(name[-7:], "%Y_%m").replace(tzinfo=UTC)
    return Month(name, first_id(begins), first_id(_month(begins, 1)))


def _month(now: datetime, ahead: int) -> datetime:
    months = now.year * 12 + now.month - 1 + ahead
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


def _make(tx: Connection, table: str, month: datetime) -> bool:
    """A month whose rows lie in the default partition already is left there: they lose nothing."""
    name = f"{table}_{month:%Y_%m}"
    start, end = first_id(month), first_id(_month(month, 1))
    known = tx.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar()
    strays = f"SELECT 1 FROM {table}_default WHERE id >= '{start}' AND id < '{end}' LIMIT 1"  # noqa: S608 - our own words
    if known is not None or tx.execute(text(strays)).first() is not None:
        return False
    tx.execute(text(f"CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ('{start}') TO ('{end}')"))
    return True
