"""Reading the fields of plain JSON into nouns, with one clear sentence where one cannot be used.

Hand-written: it runs before every decision, where a general validator would cost more than the decision.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, time
from enum import StrEnum
from typing import Any, TypeVar

from orchestrator.compliance.entry import nearest
from orchestrator.compliance.holiday_calendar import WEEKDAYS
from orchestrator.compliance.zone import zone
from orchestrator.domain.errors import UserError

Read = Callable[[str, Any], Any]
Member = TypeVar("Member", bound=StrEnum)


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
        self.names = names or {}

    def __call__(self, path: str, value: Any) -> Any:
        """The noun that the object describes; UserError names the field that is wrong."""
        if not isinstance(value, dict):
            raise wrong(path, "must be an object")
        found = {}
        for field, item in value.items():
            read = self.fields.get(field)
            if read is None:
                raise UserError(f"{within(path, field)} is no field of the question{nearest(field, self.fields)}.")
            found[self.names.get(field, field)] = read(within(path, field), item)
        for field in self.needed:
            if field not in value:
                raise wrong(within(path, field), "is missing")
        return self.noun(**found)


def within(path: str, field: str) -> str:
    """The field's path in the question, as in contact.number."""
    return f"{path}.{field}" if path else field


def wrong(path: str, what: str) -> UserError:
    """The error for that field."""
    return UserError(f"{path or 'The question'} {what}.")


def text(path: str, value: Any) -> str:
    """A string."""
    if not isinstance(value, str):
        raise wrong(path, "must be a text")
    return value


def flag(path: str, value: Any) -> bool:
    """A boolean."""
    if not isinstance(value, bool):
        raise wrong(path, "must be true or false")
    return value


def moment(path: str, value: Any) -> datetime:
    """An aware datetime."""
    try:
        found = datetime.fromisoformat(text(path, value))
    except ValueError:
        raise wrong(path, "must be a moment as in 2026-11-22T10:00:00-05:00") from None
    if found.tzinfo is None or "T" not in value.upper():
        raise wrong(path, "must be a moment with its UTC offset, as in 2026-11-22T10:00:00-05:00")
    if not 1900 <= found.year < 2200:
        raise wrong(path, "lies outside of the years 1900 to 2199")
    return found


def moment_or_null(path: str, value: Any) -> datetime | None:
    """An aware datetime, or null."""
    return None if value is None else moment(path, value)


def country(path: str, value: Any) -> str:
    """An ISO 3166-1 alpha-2 code."""
    code = text(path, value).upper()
    if len(code) != 2 or not code.isalpha():
        raise wrong(path, "must be a country as two letters, as in US")
    return code


def region(path: str, value: Any) -> str:
    """An ISO 3166-2 subdivision without its country."""
    return text(path, value).upper()


def zone_name(path: str, value: Any) -> str:
    """An IANA time zone."""
    name = text(path, value)
    try:
        zone(name)
    except UserError as error:
        raise wrong(path, f"is not usable: {error}".rstrip(".")) from None
    return name


def wall_time(path: str, value: Any) -> time:
    """A time of day as HH:MM; 24:00 is midnight."""
    digits = text(path, value)
    if digits == "24:00":
        return time(0)
    hours, _, minutes = digits.partition(":")
    two_digits = len(hours) == 2 and len(minutes) == 2 and hours.isdecimal() and minutes.isdecimal()
    if not two_digits or int(hours) > 23 or int(minutes) > 59:
        raise wrong(path, "must be a time of day as in 18:30")
    return time(int(hours), int(minutes))


def whole(least: int) -> Read:
    """A whole number of at least that."""

    def read(path: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise wrong(path, f"must be a whole number of at least {least}")
        return value

    return read


def word(kind: type[Member]) -> Read:
    """One of an enumeration's words."""
    members: Mapping[str, Member] = {member.value: member for member in kind}

    def read(path: str, value: Any) -> Member:
        found = members.get(value) if isinstance(value, str) else None
        if found is None:
            raise wrong(path, f"must be one of {', '.join(members)}{nearest(str(value), members)}")
        return found

    return read


def many(read_one: Read) -> Read:
    """A list of such."""

    def read(path: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise wrong(path, "must be a list")
        return tuple([read_one(f"{path}[{at}]", item) for at, item in enumerate(value)])

    return read


def weekday(path: str, value: Any) -> str:
    """mon to sun."""
    if value not in WEEKDAYS:
        raise wrong(path, f"must be one of {', '.join(WEEKDAYS)}")
    return str(value)


def or_null(read_one: Read) -> Read:
    """Such, or null."""

    def read(path: str, value: Any) -> Any:
        return None if value is None else read_one(path, value)

    return read
