"""Months of the growing tables on PostgreSQL; ids are UUIDv7, so an id names its month."""

from datetime import UTC, datetime

from sqlalchemy import Connection, text

from orchestrator.persistence.identity import first_id
from orchestrator.persistence.store import Store

TABLES = ("attempts", "decisions", "inbox")
MONTHS_AHEAD = 2


def ensure(store: Store, now: datetime) -> int:
    """Make this month's partitions and the next two; how many were made. Nothing to do on SQLite."""
    if store.is_sqlite:
        return 0
    with store.write() as tx:
        return sum(_make(tx, table, _month(now, ahead)) for ahead in range(MONTHS_AHEAD + 1) for table in TABLES)


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
