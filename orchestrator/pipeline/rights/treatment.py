"""How an erasure deals with one table: which rows are theirs, and whether they go or are emptied."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, select, tuple_, update

from orchestrator.persistence import removals
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.removals import Cause, How
from orchestrator.persistence.tables.columns import Record

LOOK_AT = 1000  # rows of a table at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """Whose rows go: contact ids, and the keys of numbers that nobody else of the seller has."""

    request_id: int
    seller_id: str
    contact_ids: tuple[int, ...]
    own_keys: frozenset[bytes]
    keyring: Keyring = field(repr=False)
    now: datetime

    @property
    def reason(self) -> str:
        """What the note of removal says."""
        return f"request {self.request_id}"


Values = Mapping[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """One table: which rows are theirs, whether they go or what is written instead, and what follows from a batch.

    ``blank`` None deletes. ``fits`` looks into a row where SQL cannot, since what it is found by is sealed, or to pass
    over what is done; ``discloses`` does so for an answer about the person, where all of ``theirs`` is not it.
    """

    table: Table
    theirs: Callable[[Erased], ColumnElement[bool]]
    blank: Callable[[Erased, Record], Values] | None = None
    fits: Callable[[Erased, Record], bool] | None = None
    discloses: Callable[[Erased, Record], bool] | None = None
    follows: Callable[[Connection, Erased, Sequence[Record]], None] | None = None

    def look(self, tx: Connection, who: Erased, after: Key | None, limit: int) -> tuple[list[Record], Key | None]:
        """Their rows among the next ones behind ``after``, and the key of the last one looked at, None for no more."""
        key = tuple(self.table.primary_key.columns)
        query = select(self.table).where(self.theirs(who)).order_by(*key).limit(limit)
        if after is not None:
            query = query.where(tuple_(*key) > tuple_(*after) if len(key) > 1 else key[0] > after[0])
        looked_at = tx.execute(query).all()
        rows = [row for row in looked_at if self.fits is None or self.fits(who, row)]
        return rows, self._key_of(looked_at[-1]) if looked_at else None

    def _key_of(self, row: Record) -> Key:
        return tuple(row._mapping[column.name] for column in self.table.primary_key.columns)

    def treat(self, tx: Connection, who: Erased, rows: Sequence[Record]) -> None:
        """Delete or blank these rows, and note it in the same transaction."""
        ids = [":".join(_plain(part) for part in self._key_of(row)) for row in rows]
        how = How.DELETED if self.blank is None else How.BLANKED
        removals.note(
            tx,
            relation=self.table,
            rows=ids,
            how=how,
            cause=Cause.ERASURE,
            reason=who.reason,
            at=who.now,
            seller_id=who.seller_id,
        )
        if self.follows is not None:
            self.follows(tx, who, rows)
        for row in rows:
            here = self._is(row)
            change = delete(self.table) if self.blank is None else update(self.table).values(self.blank(who, row))
            tx.execute(change.where(here))

    def _is(self, row: Record) -> ColumnElement[bool]:
        return and_(*(column == row._mapping[column.name] for column in self.table.primary_key.columns))


def _plain(part: object) -> str:
    return part.hex() if isinstance(part, bytes) else str(part)


def theirs_alone(table: Table) -> Callable[[Erased], ColumnElement[bool]]:
    """Of this seller, under a number that nobody else of the seller has."""
    return lambda who: and_(table.c.seller_id == who.seller_id, table.c.number_key.in_(who.own_keys))
