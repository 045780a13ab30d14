"""Enter what is ready into the sealed logs, and put a head over each log that grew.

One worker does, in transactions as small as the database bears, so that nobody who dispatches waits. Killed at any
point it goes on where it was: entries, marks and the log's size are one transaction, and a log without a head over its
last entries gets one at the next ring.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from orchestrator.persistence.sealing import logs, shredding, waiting
from orchestrator.persistence.sealing.subject import Subject
from orchestrator.persistence.sealing.subjects import BY_FORM, SUBJECTS
from orchestrator.persistence.sealing.waiting import Waiting
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record

MOST_ROWS = 20_000  # of one ring: the rest waits for the next
AT_ONCE = 500  # rows a transaction on PostgreSQL, which locks them
NOTES_AT_ONCE = 50
REMOVALS = BY_FORM["removals.noted/1"]
OTHERS = tuple(subject for subject in SUBJECTS if subject is not REMOVALS)


@dataclass(frozen=True, slots=True)
class SealReport:
    """What one ring did: rows entered, heads put. ``complete``: nothing was left."""

    rows: int
    heads: int
    complete: bool


def run_once(store: Store, now: datetime, most: int = MOST_ROWS) -> SealReport:
    """Enter at most so many rows; heads are put over whatever has none."""
    rows, complete = _follow_removals(store, now)
    for subject in OTHERS:
        entered, left = _enter_all(store, subject, now, most - rows)
        rows, complete = rows + entered, complete and not left
    return SealReport(rows, _put_heads(store, now, complete=complete), complete)


def _follow_removals(store: Store, now: datetime) -> tuple[int, bool]:
    """Destroy the keys of what was removed by right, then enter the removals themselves; whether these were all."""
    with store.read() as tx:
        notes = shredding.open_notes(tx, NOTES_AT_ONCE)
    for note in notes:
        _shred(store, note)
    if not notes:
        return 0, True
    with store.write() as tx:
        entered = _enter(tx, store, REMOVALS, now, len(notes), [note.id for note in notes])
    return entered, len(notes) < NOTES_AT_ONCE


def _shred(store: Store, note: Record) -> None:
    month = shredding.month_of(note)
    if month is not None:
        while _shred_some(store, note, month):
            store.rest()
        return
    rows = shredding.rows_named(note)
    size = _rows_at_once(store, 3)
    for start in range(0, len(rows), size):
        with store.write() as tx:
            shredding.shred(tx, note, rows[start : start + size])
        store.rest()


def _shred_some(store: Store, note: Record, month: tuple[str, str]) -> bool:
    limit = _rows_at_once(store, 1)
    with store.write() as tx:
        return shredding.shred_month(tx, note, month, limit) == limit


def _enter_all(store: Store, subject: Subject, now: datetime, most: int) -> tuple[int, bool]:
    """How many rows were entered, and whether any are left."""
    size = _rows_at_once(store, 2 + len(subject.contents))
    with store.read() as tx:  # most rings find nothing, and looking takes no lock
        if not waiting.are_there(tx, subject):
            return 0, False
    entered = 0
    while entered < most:
        with store.write() as tx:
            found = _enter(tx, store, subject, now, size)
        entered += found
        store.rest()
        if found < size:
            return entered, False
    return entered, True


def _rows_at_once(store: Store, touched: int) -> int:
    """Rows a transaction, where each touches so many rows of the database."""
    return store.bulk_rows // touched if store.is_sqlite else AT_ONCE


def _enter(
    tx: Connection, store: Store, subject: Subject, now: datetime, limit: int, only: Sequence[int] | None = None
) -> int:
    found = sorted(waiting.find(tx, store.keyring, subject, limit, only), key=lambda one: one.log)
    for name, rows in groupby(found, key=lambda one: one.log):  # in the order of their names: no two sealers deadlock
        _grow(tx, store, subject, now, name, list(rows))
    return len(found)


def _grow(tx: Connection, store: Store, subject: Subject, now: datetime, name: str, found: Sequence[Waiting]) -> None:
    log = logs.open_for_growth(tx, store.keyring, name, now)
    rows = log.enter([entry for one in found for entry in one.entries])
    logs.save(tx, log, rows)
    waiting.mark(tx, subject, list(_positions(subject, rows)))


def _positions(subject: Subject, rows: Iterable[dict[str, Any]]) -> Iterable[tuple[int, str]]:
    return ((row["position"], row["row_id"]) for row in rows if row["form"] == subject.form)


def _put_heads(store: Store, now: datetime, *, complete: bool) -> int:
    with store.read() as tx:
        names = logs.without_head(tx)
    for name in names:
        with store.write() as tx:
            logs.write_head(tx, logs.open_for_growth(tx, store.keyring, name, now), now, complete=complete)
        store.rest()
    return len(names)
