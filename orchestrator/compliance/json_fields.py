"""Reading the fields of plain JSON into nouns, with one clear sentence where one cannot be used.

Hand-written: it runs before every decision, where a general validator would cost more than the decision. A field's
path is put together only when something is wrong with it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, time
from enum import StrEnum
from typing import Any, TypeVar

from orchestrator.compliance.entry import nearest
from orchestrator.compliance.holiday_calendar import WEEKDAYS
from orchestrator.compliance.zone import zone
from orchestrator.domain.errors import UserError

Read = Callable[[Any], Any]
Member = TypeVar("Member", bound=StrEnum)


class FieldError(Exception):
    """What is wrong with a value; the path to it grows on the way out."""

    def __init__(self, what: str, path: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.path = path

    def within(self, step: str) -> "FieldError":
        """The same, one step further out."""
        dot = "." if self.path and not self.path.startswith("[") else ""
        return FieldError(self.what, f"{step}{dot}{self.path}")

    def sentence(self) -> str:
        """For a person."""
        return f"{self.path or 'The question'} {self.what}."


class Shape:
    """The fields of one JSON object: how each is read, which must be there, and which the noun names otherwise."""

    def __init__(
        self,
        noun: type,
        fields: Mapping[str, Read],
        needed: tuple[str, ...] = (),
        names: Mapping[str, str] | None = None,
    ) -> None:
        self.noun = noun
        self.fields = fields
        self.needed = needed
        self.names = {field: field for field in fields} | dict(names or {})

    def __call__(self, value: Any) -> Any:
        """The noun that the object describes; FieldError names the field that is wrong."""
        if not isinstance(value, dict):
            raise FieldError("must be an object")
        found = {}
        field = ""
        try:
            for field, item in value.items():
                found[self.names[field]] = self.fields[field](item)
        except KeyError:
            raise FieldError(f"is no field of the question{nearest(field, self.fields)}", field) from None
        except FieldError as error:
            raise error.within(field) from None
        for name in self.needed:
            if name not in value:
                raise FieldError("is missing", name)
        return self.noun(**found)


def read_whole(shape: Shape, value: object) -> Any:
    """The noun that the value describes; UserError says in a sentence what is wrong with it."""
    try:
        return shape(value)
    except FieldError as error:
        raise UserError(error.sentence()) from None


def text(value: Any) -> str:
    """A string."""
    if not isinstance(value, str):
        raise FieldError("must be a text")
    return value


def flag(value: Any) -> bool:
    """A boolean."""
    if not isinstance(value, bool):
        raise FieldError("must be true or false")
    return value


def moment(value: Any) -> datetime:
    """An aware datetime."""
    try:
        found = datetime.fromisoformat(text(value))
    except ValueError:
        raise FieldError("must be a moment as in 2026-11-22T10:00:00-05:00") from None
    if found.tzinfo is None or value[10] not in "Tt":
        raise FieldError("must be a moment with its UTC offset, as in 2026-11-22T10:00:00-05:00")
    if not 1900 <= found.year < 2200:
        raise FieldError("lies outside of the years 1900 to 2199")
    return found


def country(value: Any) -> str:
    """An ISO 3166-1 alpha-2 code."""
    code = text(value).upper()
    if len(code) != 2 or not code.isalpha():
        raise FieldError("must be a country as two letters, as in US")
    return code


def region(value: Any) -> str:
    """An ISO 3166-2 subdivision without its country."""
    return text(value).upper()


def zone_name(value: Any) -> str:
    """An IANA time zone."""
    name = text(value)
    try:
        zone(name)
    except UserError as error:
        raise FieldError(f"is not usable: {error}".rstrip(".")) from None
    return name


def wall_time(value: Any) -> time:
    """A time of day as HH:MM; 24:00 is midnight."""
    digits = text(value)
    if digits == "24:00":
        return time(0)
    hours, _, minutes = digits.partition(":")
    two_digits = len(hours) == 2 and len(minutes) == 2 and digits.isascii() and (hours + minutes).isdecimal()
    if not two_digits or int(hours) > 23 or int(minutes) > 59:
        raise FieldError("must be a time of day as in 18:30")
    return time(int(hours), int(minutes))


def whole(least: int) -> Read:
    """A whole number of at least that."""

    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise FieldError(f"must be a whole number of at least {least}")
        return value

    return read


def word(kind: type[Member]) -> Read:
    """One of an enumeration's words."""
    members: Mapping[str, Member] = {member.value: member for member in kind}

    def read(value: Any) -> Member:
        found = members.get(value) if isinstance(value, str) else None
        if found is None:
            raise FieldError(f"must be one of {', '.join(members)}{nearest(str(value), members)}")
        return found

    return read


def many(read_one: Read, most: int | None = None) -> Read:
    """A list of such, so many at most."""

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise FieldError("must be a list")
        if most is not None and len(value) > most:
            raise FieldError(f"must not hold more than {most}")
        found: list[Any] = []
        try:
            for item in value:
                found.append(read_one(item))  # noqa: PERF401 - the error tells how far it came
        except FieldError as error:
            raise error.within(f"[{len(found)}]") from None
        return tuple(found)

    return read


def weekday(value: Any) -> str:
    """mon to sun."""
    if value not in WEEKDAYS:
        raise FieldError(f"must be one of {', '.join(WEEKDAYS)}")
    return str(value)


def or_null(read_one: Read) -> Read:
    """Such, or null."""

    def read(value: Any) -> Any:
        return None if value is None else read_one(value)

    return read
