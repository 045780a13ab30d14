"""A connection to one database in memory that runs a statement which it has met before by the shortest way.

Statements that are built once, as the pipeline's frequent ones are, are prepared at their second execution; those that
are built for one execution, and whatever else SQLAlchemy can do, go through SQLAlchemy.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from weakref import WeakValueDictionary

from sqlalchemy import Connection, Dialect
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData

from orchestrator.rehearsal.prepared import Prepared, prepare


@dataclass(frozen=True, slots=True)
class Found:
    """What a statement came to: its rows, and how many it changed."""

    rows: Sequence[Any]
    rowcount: int

    def __iter__(self) -> Iterator[Any]:
        """Over the rows."""
        return iter(self.rows)

    def all(self) -> Sequence[Any]:
        """Every row."""
        return self.rows

    def first(self) -> Any:
        """The first row; None where there is none."""
        return self.rows[0] if self.rows else None

    def scalar(self) -> Any:
        """The first value of the first row; None where there is none."""
        return self.rows[0][0] if self.rows else None

    def __getattr__(self, name: str) -> Any:
        """Whatever else a result of SQLAlchemy can do."""
        keys = self.rows[0]._fields if self.rows else ("nothing",)
        return getattr(IteratorResult(SimpleResultMetaData(keys), iter(self.rows)), name)


@dataclass(frozen=True, slots=True)
class Known:
    """A statement, kept so that no other can take its identity; ``prepared`` None: only SQLAlchemy can run it."""

    statement: object
    prepared: Prepared | None


@dataclass(frozen=True)
class Shortcut:
    """The connection, as far as it differs from SQLAlchemy's; everything else is that one's."""

    real: Connection
    raw: Any  # the driver's own connection
    dialect: Dialect
    _met: WeakValueDictionary[int, Any] = field(default_factory=WeakValueDictionary)
    _known: dict[tuple[Any, ...], Known] = field(default_factory=dict)

    def execute(self, statement: Any, parameters: Any = None, **options: Any) -> Any:
        """As SQLAlchemy's."""
        if options:
            return self.real.execute(statement, parameters, **options)
        many = isinstance(parameters, list | tuple)
        names = tuple(parameters[0] if many else parameters or ())
        known = self._known.get((id(statement), many, names)) or self._meet(statement, names, many)
        if known is None or known.prepared is None:
            return self.real.execute(statement, parameters)
        return self._many(known.prepared, parameters) if many else self._one(known.prepared, parameters or {})

    def _meet(self, statement: Any, names: tuple[str, ...], many: bool) -> Known | None:
        """Prepare the statement; None where it is met for the first time, and may never be again."""
        if self._met.get(id(statement)) is not statement:
            self._met[id(statement)] = statement
            return None
        known = Known(statement, prepare(statement, names, self.dialect, many=many))
        self._known[id(statement), many, names] = known
        return known

    def _one(self, prepared: Prepared, given: Mapping[str, Any]) -> Found:
        cursor = self.raw.execute(*prepared.bound(given))
        rows = () if prepared.row is None else prepared.rows(cursor.fetchall())
        return Found(rows, cursor.rowcount)

    def _many(self, prepared: Prepared, given: Sequence[Mapping[str, Any]]) -> Found:
        cursor = self.raw.executemany(prepared.text, [prepared.bound(one)[1] for one in given])
        return Found((), cursor.rowcount)

    def __getattr__(self, name: str) -> Any:
        """Everything else."""
        return getattr(self.real, name)


def shortcut(connection: Connection) -> Connection:
    """The connection with its shortcut, for one thread alone."""
    raw = connection.connection.dbapi_connection
    return cast("Connection", Shortcut(connection, raw, connection.dialect))
