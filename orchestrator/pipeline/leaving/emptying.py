"""Take away what goes, a batch a transaction, each noted as removed by right; killed anywhere, it goes on there."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, or_, select

from orchestrator.persistence import closings, removals
from orchestrator.persistence.removals import Cause, How
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.leaving.at_carrier import ask_carrier
from orchestrator.pipeline.leaving.rows import Leaving, looked_into, tables_that_go

AT_ONCE = 200  # keys that one statement names


def empty(store: Store, leaving: Leaving, now: datetime) -> None:
    """Every table in its turn; and once more, should anything have come in meanwhile."""
    found = True
    while found:
        each = [_empty_table(store, leaving, table, now) for table in tables_that_go()]
        found = any(each)


def _empty_table(store: Store, leaving: Leaving, table: Table, now: datetime) -> bool:
    """Whether any row was there to go."""
    with store.read() as tx:
        told_apart = [_key(table, row) for row in looked_into(tx, store.keyring, leaving, table)]
    size = min(AT_ONCE, store.bulk_rows)
    for start in range(0, len(told_apart), size):
        with store.write() as tx:
            _take(tx, leaving, table, told_apart[start : start + size], now)
        store.rest()
    found = bool(told_apart)
    while keys := _next(store, leaving, table, size):
        found = True
        with store.write() as tx:
            _take(tx, leaving, table, keys, now)
        store.rest()
    return found


def _next(store: Store, leaving: Leaving, table: Table, size: int) -> list[tuple[object, ...]]:
    keys = table.primary_key.columns
    with store.read() as tx:
        rows = tx.execute(select(*keys).where(leaving.goes(table)).order_by(*keys).limit(size)).all()
    return [_key(table, row) for row in rows]


def _take(tx: Connection, leaving: Leaving, table: Table, keys: Sequence[tuple[object, ...]], now: datetime) -> None:
    """Note the rows, delete them, and count those that were still there."""
    removals.note(
        tx,
        relation=table,
        rows=[":".join(_plain(part) for part in key) for key in keys],
        how=How.DELETED,
        cause=Cause.CLOSING,
        reason=f"closing of seller '{leaving.seller_id}'",
        at=now,
        seller_id=leaving.seller_id,
    )
    ask_carrier(tx, leaving, table, keys, now)
    gone = tx.execute(delete(table).where(or_(*(_is(table, key) for key in keys)))).rowcount
    closings.count_deleted(tx, leaving.seller_id, table.name, gone)


def _key(table: Table, row: Record) -> tuple[object, ...]:
    return tuple(row._mapping[column.name] for column in table.primary_key.columns)


def _is(table: Table, key: Sequence[object]) -> ColumnElement[bool]:
    return and_(*(column == part for column, part in zip(table.primary_key.columns, key, strict=True)))


def _plain(part: object) -> str:
    return part.hex() if isinstance(part, bytes) else str(part)
