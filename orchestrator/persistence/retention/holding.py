"""One table's rows of a class: since when their time runs, whose they are, and what keeps them all the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, and_, exists, false, func, literal, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from orchestrator.domain.retention import Clock, DataClass
from orchestrator.persistence.tables.columns import Moment
from orchestrator.persistence.tables.rights import holds

HELD = "held"  # why a row of a held number stays
NOT_OVER = "not over yet"


class latest_of(FunctionElement[datetime]):  # noqa: N801 - reads as the SQL function that it is
    """The latest of several moments, none of which may be null."""

    inherit_cache = True
    type = Moment()
    name = "latest_of"


@compiles(latest_of, "sqlite")
def _sqlite_latest(element: latest_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"max({compiler.process(element.clauses, **kw)})"


@compiles(latest_of, "postgresql")
def _postgresql_latest(element: latest_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"greatest({compiler.process(element.clauses, **kw)})"


class day_after(FunctionElement[datetime]):  # noqa: N801 - reads as the SQL function that it is
    """The first moment after a date, in UTC."""

    inherit_cache = True
    type = Moment()
    name = "day_after"

    def __init__(self, day: ColumnElement[Any]) -> None:
        super().__init__(day)


@compiles(day_after, "sqlite")
def _sqlite_day_after(element: day_after, compiler: SQLCompiler, **kw: Any) -> str:
    return f"strftime('%Y-%m-%d 00:00:00.000000', {compiler.process(element.clauses, **kw)}, '+1 day')"


@compiles(day_after, "postgresql")
def _postgresql_day_after(element: day_after, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(({compiler.process(element.clauses, **kw)} + 1)::timestamp AT TIME ZONE 'UTC')"


@dataclass(frozen=True, slots=True)
class SealedNumbers:
    """Where the numbers of a row are that no column names: a sealed JSON, and its fields."""

    column: Column[Any]
    context: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GoesWith:
    """Rows of another table that speak of a row alone: by a column that names it, or one that names a row ``through``.

    ``through`` is that table's key and its column that names the row.
    """

    column: Column[Any]
    through: tuple[Column[Any], Column[Any]] | None = None

    def of(self, ids: Sequence[Any]) -> ColumnElement[bool]:
        """Whether they go with one of these."""
        if self.through is None:
            return self.column.in_(ids)
        key, names_it = self.through
        return self.column.in_(select(key).where(names_it.in_(ids)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """``clocks``: the moment by the law's word for it; ``since`` is no later than any of them, and cheap to ask.

    ``stays`` says by which words a row stays though its time is over. ``goes_with``: rows of other tables that speak of
    this one alone, and go before it. ``blank``: what is emptied, where the row itself stays. Without ``country`` the
    entry for everywhere holds, without ``seller`` the rows are no one seller's.
    """

    data_class: DataClass
    table: Table
    clocks: Mapping[Clock, ColumnElement[datetime]]
    since: ColumnElement[datetime]
    country: ColumnElement[Any] | None = None
    seller: ColumnElement[Any] | None = None
    held: ColumnElement[bool] = field(default_factory=false)
    stays: Mapping[str, ColumnElement[bool]] = field(default_factory=dict)
    goes_with: tuple[GoesWith, ...] = ()
    blank: tuple[Column[Any], ...] = ()
    todo: ColumnElement[bool] | None = None
    sealed_numbers: SealedNumbers | None = None

    @property
    def key(self) -> tuple[Column[Any], ...]:
        """The primary key's columns."""
        return tuple(self.table.primary_key.columns)

    @property
    def goes_whole(self) -> bool:
        """Whether its rows are deleted, so that a whole month of them may go at once."""
        return not self.blank and self.todo is None

    @property
    def is_due(self) -> ColumnElement[bool]:
        """Whether there is anything left to do about the row."""
        if self.todo is not None:
            return self.todo
        return or_(*(column.is_not(None) for column in self.blank)) if self.blank else literal(True)

    @property
    def is_kept(self) -> ColumnElement[bool]:
        """Whether a hold or anything else keeps it."""
        return or_(self.held, *self.stays.values())


def created(column: ColumnElement[datetime]) -> Mapping[Clock, ColumnElement[datetime]]:
    """The one clock of most tables."""
    return {Clock.CREATION: column}


def closed(column: ColumnElement[datetime]) -> Mapping[Clock, ColumnElement[datetime]]:
    """The clock of what has an end."""
    return {Clock.CLOSING: column}


def number_is_held(number: ColumnElement[Any], seller: ColumnElement[Any] | None = None) -> ColumnElement[bool]:
    """Whether a hold stands on that number, of that seller or of anyone."""
    standing = and_(holds.c.released_at.is_(None), holds.c.number_key == number)
    return exists().where(standing, *(() if seller is None else (holds.c.seller_id == seller,)))


def one_of(query: Select[Any]) -> ColumnElement[Any]:
    """The single value of a query about the row."""
    return query.limit(1).scalar_subquery()


def latest(
    column: ColumnElement[Any], otherwise: ColumnElement[Any], *where: ColumnElement[bool]
) -> ColumnElement[Any]:
    """The latest of these moments, or the other one where there is none."""
    return func.coalesce(select(func.max(column)).where(*where).scalar_subquery(), otherwise)
