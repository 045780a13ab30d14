"""Whether an entry whose row is gone, or says something else now, is so by right: removals and later judgements."""

import json
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Connection, select

from orchestrator.domain.canonical import canonical_json
from orchestrator.persistence.removals import How
from orchestrator.persistence.sealing import shredding
from orchestrator.persistence.sealing.subjects import BY_FORM
from orchestrator.persistence.sealing.telling import names_of
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.proof import removals
from orchestrator.persistence.tables.seals import rejudgements, seals

ATTEMPTS = "attempts.ended/1"
JUDGED = ("outcome", "connected_at", "sid")  # what a later word may change of an ended attempt
NOTES_KEPT = 8


class Removals:
    """The record of what the law took away, asked row by row; notes are read once, in the order of the removals."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._notes: dict[int, _Note | None] = {}
        self._open = [_Note(row) for row in shredding.open_notes(tx, 10_000)]

    def of(self, number: int, form: str, row_id: str, log: str) -> str | None:
        """The cause by which that note took this row's entry; None where it does not name it."""
        if number not in self._notes:
            if len(self._notes) >= NOTES_KEPT:
                del self._notes[next(iter(self._notes))]
            row = self._tx.execute(select(removals).where(removals.c.id == number)).one_or_none()
            self._notes[number] = None if row is None else _Note(row)
        note = self._notes[number]
        return note.cause if note is not None and note.names(form, row_id, log) else None

    def not_followed_yet(self, form: str, row_id: str, log: str) -> str | None:
        """The cause by which a note that is not sealed yet took it; None where none does."""
        return next((note.cause for note in self._open if note.names(form, row_id, log)), None)


class _Note:
    def __init__(self, row: Record) -> None:
        self.cause: str = row.cause
        self.deletes = row.how == How.DELETED
        self._seller = row.seller_id
        self._forms = frozenset(shredding.forms_named(row))
        self._month = shredding.month_of(row)
        self._rows = frozenset() if self._month else frozenset(shredding.rows_named(row))

    def names(self, form: str, row_id: str, log: str) -> bool:
        if form not in self._forms or self._seller not in {None, log}:
            return False
        return self._month[0] <= row_id < self._month[1] if self._month else row_id in self._rows


def has_new_entry(tx: Connection, form: str, row_id: str) -> bool:
    """Whether a row that bears a removed one's number has an entry of its own."""
    query = select(seals.c.position).where(seals.c.form == form, seals.c.row_id == row_id, seals.c.salt.is_not(None))
    return tx.execute(query.limit(1)).first() is not None


def as_it_was(tx: Connection, text: str) -> Iterator[str]:
    """The text of an ended attempt as it was before each later judgement on record, the first of them first."""
    told = json.loads(text)
    places = {name: 1 + names_of(BY_FORM[ATTEMPTS]).index(name) for name in ("id", *JUDGED)}
    number = UUID(told[places["id"]])
    query = select(rejudgements).where(rejudgements.c.attempt_id == number).order_by(rejudgements.c.id)
    for row in tx.execute(query):
        was = list(told)
        was[places["outcome"]], was[places["sid"]] = row.outcome, row.sid
        was[places["connected_at"]] = None if row.connected_at is None else _moment_text(row)
        yield canonical_json(was)


def _moment_text(row: Record) -> str:
    return f"{row.connected_at:%Y-%m-%d %H:%M:%S.%f}"
