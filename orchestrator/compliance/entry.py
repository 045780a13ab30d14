"""Reading one table of a rule file field by field, with errors that name the file, the entry and the field."""

import difflib
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import TypeVar

from orchestrator.domain.errors import UserError

Member = TypeVar("Member", bound=StrEnum)
Value = TypeVar("Value")

MOST = 100_000  # of days, hours or contacts: more is a slip of the pen
HOW_VERIFIED = ("read", "read-2nd", "recalled")


class Entry:
    """A table that is read once: what nobody asked for by the end is an unknown field."""

    def __init__(self, where: str, data: Mapping[str, object]) -> None:
        self.where = where
        self._data = dict(data)
        self._known: set[str] = set()

    @property
    def fields(self) -> tuple[str, ...]:
        """What is written, in the file's order."""
        return tuple(self._data)

    def wrong(self, field: str, what: str) -> UserError:
        """The error for this field, ready to be raised."""
        return UserError(f"{self.where}, field '{field}': {what}.")

    def has(self, field: str) -> bool:
        """Whether the field is written; asking counts as reading it."""
        self._known.add(field)
        return field in self._data

    def _take(self, field: str, kind: type[Value], name: str) -> Value:
        if not self.has(field):
            raise self.wrong(field, "is missing")
        value = self._data[field]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.wrong(field, f"must be {name}")
        return value

    def raw(self, field: str) -> object:
        """What is written, whatever it is, for a reader that looks for itself."""
        return self._take(field, object, "a value")

    def text(self, field: str) -> str:
        """A string that is not empty."""
        value = self._take(field, str, "a text")
        if not value.strip():
            raise self.wrong(field, "is empty")
        return value

    def whole(self, field: str) -> int:
        """A whole number above zero."""
        value = self._take(field, int, "a whole number")
        if value < 1:
            raise self.wrong(field, "must be above zero")
        if value > MOST:
            raise self.wrong(field, f"must be {MOST} at most")
        return value

    def whole_or_none(self, field: str) -> int | None:
        """A whole number above zero, None where the field is absent."""
        return self.whole(field) if self.has(field) else None

    def offset(self, field: str) -> int | None:
        """A whole number of either sign, None where the field is absent."""
        return self._take(field, int, "a whole number") if self.has(field) else None

    def flag(self, field: str) -> bool:
        """A boolean; False where the field is absent."""
        return self._take(field, bool, "true or false") if self.has(field) else False

    def day(self, field: str) -> date:
        """A date written as 2026-11-22."""
        day = self._take(field, date, "a date")
        if isinstance(day, datetime):
            raise self.wrong(field, "must be a date without a time of day")
        return day

    def day_or_none(self, field: str) -> date | None:
        """A date, None where the field is absent."""
        return self.day(field) if self.has(field) else None

    def texts(self, field: str) -> tuple[str, ...]:
        """One text or a list of them; empty where the field is absent."""
        if not self.has(field):
            return ()
        value = self._data[field]
        found = value if isinstance(value, list) else [value]
        if not found or not all(isinstance(item, str) and item for item in found):
            raise self.wrong(field, "must be a text or a list of texts")
        return tuple(found)

    def members(self, field: str, kind: type[Member]) -> frozenset[Member]:
        """Words of that vocabulary; empty where the field is absent."""
        return frozenset(self._member(field, kind, word) for word in self.texts(field))

    def _member(self, field: str, kind: type[Member], word: str) -> Member:
        try:
            return kind(word)
        except ValueError:
            raise self.wrong(field, f"'{word}' is none of {', '.join(kind)}{nearest(word, kind)}") from None

    def one_of(self, field: str, words: Collection[str]) -> str:
        """One of these words."""
        word = self.text(field)
        if word not in words:
            raise self.wrong(field, f"'{word}' is none of {', '.join(words)}")
        return word

    def table(self, field: str) -> "Entry":
        """A table inside this one."""
        return Entry(f"{self.where}, {field}", self._take(field, dict, "a table"))

    def tables(self, field: str) -> tuple["Entry", ...]:
        """A list of tables; empty where the field is absent."""
        if not self.has(field):
            return ()
        value = self._take(field, list, "a list of tables")
        if not all(isinstance(item, dict) for item in value):
            raise self.wrong(field, "must be a list of tables")
        return tuple(Entry(f"{self.where}, {field} {at + 1}", item) for at, item in enumerate(value))

    def wholes(self, field: str) -> tuple[int, ...]:
        """A list of whole numbers above zero, in rising order."""
        value = self._take(field, list, "a list of whole numbers")
        if not value or not all(type(item) is int and 0 < item <= MOST for item in value):
            raise self.wrong(field, "must be a list of whole numbers above zero")
        return tuple(sorted(value))

    def hours(self, field: str) -> tuple[tuple[int, int], ...] | None:
        """Spans of a day as seconds since midnight, written [["09:00", "20:00"]]; None where the field is absent."""
        if not self.has(field):
            return None
        return tuple(self._span(field, span) for span in self._take(field, list, 'a list like [["09:00", "20:00"]]'))

    def _span(self, field: str, span: object) -> tuple[int, int]:
        if not (isinstance(span, list) and len(span) == 2):
            raise self.wrong(field, 'must be a list like [["09:00", "20:00"]]')
        opens, closes = (self._seconds(field, str(wall)) for wall in span)
        if opens >= closes:
            raise self.wrong(field, "opens after it closes")
        return opens, closes

    def _seconds(self, field: str, wall: str) -> int:
        if wall == "24:00":
            return 86400
        try:
            read = time.fromisoformat(wall)
        except ValueError:
            raise self.wrong(field, f"'{wall}' is no time of day") from None
        if read.tzinfo is not None:
            raise self.wrong(field, f"'{wall}' names a time zone; hours are those of the person's clock")
        return read.hour * 3600 + read.minute * 60 + read.second

    def finish(self) -> None:
        """Refuse what is written and means nothing."""
        for field in self._data:
            if field not in self._known:
                raise self.wrong(field, f"is unknown{nearest(field, self._known)}")


def read_all(entries: Iterable[Entry], read: Callable[[Entry], Value]) -> tuple[Value, ...]:
    """What ``read`` makes of each entry, with every field accounted for."""
    found = []
    for entry in entries:
        found.append(read(entry))
        entry.finish()
    return tuple(found)


def nearest(word: str, known: Iterable[str]) -> str:
    """``; did you mean …`` where one of the known words is close, else nothing."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean '{close[0]}'" if close else ""
