"""A log with the rows that it speaks of, read in one pass in the log's order.

Straight from the driver: a hundred thousand entries a second leave no time for SQLAlchemy's rows.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from orchestrator.persistence.sealing.subjects import CONTENTS, SUBJECTS
from orchestrator.persistence.sealing.telling import SQLITE, is_row, structures, structures_of, told
from orchestrator.persistence.sealing.telling import words as telling_words
from orchestrator.persistence.store import Store

# position, form, row_id, salt, commitment, removed_by; the row as told, its JSON columns, its sealed words
Read = tuple[int, str, str, bytes | None, bytes, int | None, str | None, str | None, bytes | None]
AT_ONCE = 5000
UNFIT = ("BLOB", "UTF-8")  # as SQLite and its driver speak of what can be no text


@contextmanager
def one_state(store: Store) -> Iterator[Connection]:
    """A transaction that sees one state from its first statement to its last, whatever is sealed meanwhile."""
    options = {} if store.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    with store.engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def read_log(tx: Connection, name: str, start: int = 0) -> Iterator[Read]:
    """Every entry of the log from that position on, in order."""
    dialect = tx.dialect.name
    raw: Any = tx.connection.driver_connection
    if dialect == SQLITE:
        yield from _read_sqlite(raw, name, start)
        return
    with raw.cursor(name="sealed_log", binary=True) as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(_query(dialect, "%s"), (name, start))
        yield from cursor


def _read_sqlite(raw: Any, name: str, start: int) -> Iterator[Read]:
    """SQLite keeps anything in any column: what can be no text stops the fast road, and the slow one goes on there."""
    reached = start
    try:
        for row in raw.execute(_query(SQLITE, "?"), (name, start)):
            reached = row[0] + 1
            yield row
    except sqlite3.OperationalError as error:
        if not any(word in str(error) for word in UNFIT):
            raise
    else:
        return
    was, raw.text_factory = raw.text_factory, lambda text: text.decode(errors="replace")
    try:
        yield from raw.execute(_query(SQLITE, "?", anything=True), (name, reached))
    finally:
        raw.text_factory = was


def _query(dialect: str, place: str, *, anything: bool = False) -> str:
    whose = {subject.form: (subject, told(subject, dialect, anything=anything)) for subject in SUBJECTS}
    held = {s.form: (s, structures(s, dialect, anything=anything)) for s in SUBJECTS if structures_of(s)}
    words = {form: (subject, telling_words(content, dialect)) for form, (subject, content) in CONTENTS.items()}
    cases = ", ".join(_case(dialect, found) for found in (whose, held, words))
    entry = f"{_bytes('s.salt', dialect)}, {_bytes('s.commitment', dialect)}, s.removed_by"
    return (
        "SELECT s.position, CAST(s.form AS TEXT), CAST(s.row_id AS TEXT), "  # noqa: S608 - our own words
        f"{entry}, {cases} FROM seals s WHERE s.log = {place} AND s.position >= {place} ORDER BY s.position"
    )


def _bytes(column: str, dialect: str) -> str:
    return f"CAST({column} AS BLOB)" if dialect == SQLITE else column


def _case(dialect: str, found: dict[str, Any]) -> str:
    """One lookup an entry: of a CASE only the branch that applies is run."""
    branches = (
        f"WHEN '{form}' THEN (SELECT {what} FROM {subject.relation.name} r "  # noqa: S608 - our own words
        f"WHERE {is_row(subject, dialect, 's.row_id')})"
        for form, (subject, what) in found.items()
    )
    return f"CASE s.form {' '.join(branches)} END"
