"""Many rows into one table, the short way."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, LargeBinary, Table, insert

from orchestrator.persistence.tables.columns import Moment

Convert = Callable[[Any], Any]


def bulk_insert(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns in the same order.

    SQLite gets them straight from its driver: a bulk writer holds everybody's write lock, and SQLAlchemy's handling of
    each parameter would double that time.
    """
    if not rows:
        return
    if tx.dialect.name != "sqlite":
        tx.execute(insert(table), rows)
        return
    names = tuple(rows[0])
    converters = _converters(table, names, tx.dialect)
    tuples = [tuple(row.values()) for row in rows]
    tx.exec_driver_sql(_statement(table, names), [_converted(values, converters) for values in tuples])


def _converted(values: tuple[Any, ...], converters: Sequence[tuple[int, Convert]]) -> tuple[Any, ...]:
    result = list(values)
    for place, convert in converters:
        result[place] = convert(result[place])
    return tuple(result)


@lru_cache(maxsize=64)
def _statement(table: Table, names: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - names of our own columns


@lru_cache(maxsize=64)
def _converters(table: Table, names: tuple[str, ...], dialect: Dialect) -> Sequence[tuple[int, Convert]]:
    """What each column's type makes of a value; one moment is shared by a whole chunk, so it is made once."""
    found = []
    for place, name in enumerate(names):
        kind = table.c[name].type
        convert = None if isinstance(kind, LargeBinary) else kind.dialect_impl(dialect).bind_processor(dialect)
        if convert is not None:
            found.append((place, lru_cache(maxsize=256)(convert) if isinstance(kind, Moment) else convert))
    return found
