"""A statement of ours made ready once: its SQL, what each value goes through, and how rows are read.

SQLAlchemy does this anew at each execution, on top of a cache of the SQL alone; it takes most of a rehearsal's time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Delete, Dialect, Insert, Select, Update
from sqlalchemy.engine import result_tuple
from sqlalchemy.types import TupleType, TypeEngine

LIST = "__[POSTCOMPILE_{name}]"  # as SQLAlchemy leaves room for a list whose length is not known yet
Change = Callable[[Any], Any]


class Slot(NamedTuple):
    """One place for a value: the name it is given by, the one it has otherwise, and what makes it fit to be stored."""

    name: str
    otherwise: Any
    fit: Change | None
    is_list: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A statement with its slots in their order; ``row`` None: it returns no rows, ``reads``: of values by place."""

    text: str
    slots: Sequence[Slot]
    row: Callable[[Sequence[Any]], Any] | None
    reads: Sequence[tuple[int, Change]]

    def bound(self, given: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """The SQL with room for as many values as there are, and the values."""
        text: str = self.text
        bound: list[Any] = []
        for name, otherwise, fit, is_list in self.slots:
            value = given.get(name, otherwise)
            if is_list:
                bound += value if fit is None else map(fit, value)
                text = text.replace(LIST.format(name=name), ",".join("?" * len(value)))
            else:
                bound.append(value if fit is None else fit(value))
        return text, bound

    def rows(self, found: Sequence[tuple[Any, ...]]) -> Sequence[Any]:
        """Rows as SQLAlchemy would have given them."""
        assert self.row is not None, "a statement that returns rows"  # noqa: S101
        return list(map(self.row, found if not self.reads else map(self._read, found)))

    def _read(self, values: Sequence[Any]) -> Sequence[Any]:
        """What is not there is read as None by every type of ours."""
        read = list(values)
        for place, change in self.reads:
            read[place] = None if read[place] is None else change(read[place])
        return read


def prepare(statement: object, names: Sequence[str], dialect: Dialect, *, many: bool) -> Prepared | None:
    """The statement for values given by these names; None for one that only SQLAlchemy knows how to run.

    In its rows an expression that was given no name may have another one than SQLAlchemy gives it.
    """
    if not isinstance(statement, Select | Insert | Update | Delete):
        return None
    returns = isinstance(statement, Select) or bool(statement.returning_column_descriptions)
    plain = statement.inline() if isinstance(statement, Insert) and not returns else statement
    compiled: Any = plain.compile(dialect=dialect, column_keys=list(names))
    slots = [_slot(name, compiled.binds[name], dialect) for name in compiled.positiontup]
    lists = [slot.name for slot in slots if slot.is_list]  # one that occurs twice is there twice
    columns = list(statement.exported_columns.items()) if returns else []
    odd = (
        compiled.insert_prefetch or compiled.update_prefetch,  # values that SQLAlchemy makes at each execution
        any(isinstance(compiled.binds[name].type, TupleType) for name in lists),
        str(compiled).count("POSTCOMPILE") > len(lists),
        any(column.key not in {None, key} for key, column in columns),  # two of one name
        many and (returns or lists),
    )
    if any(odd):
        return None
    row = result_tuple([str(key) for key, _ in columns]) if returns else None
    return Prepared(text=str(compiled), slots=slots, row=row, reads=_reads([column for _, column in columns], dialect))


def _slot(name: str, bind: BindParameter[Any], dialect: Dialect) -> Slot:
    fit = _impl(bind.type, dialect).bind_processor(dialect)
    return Slot(name=name, otherwise=bind.effective_value, fit=fit, is_list=bind.expanding)


def _reads(columns: Sequence[Any], dialect: Dialect) -> Sequence[tuple[int, Change]]:
    changes = [_impl(column.type, dialect).result_processor(dialect, None) for column in columns]
    return [(place, change) for place, change in enumerate(changes) if change is not None]


def _impl(of: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return of.dialect_impl(dialect)
