"""Moments, hours and lists in words for a person, in the called party's time."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

DAY_NAMES = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


def clock_time(seconds: int) -> str:
    """Seconds since midnight as 09:00, or 09:00:30 where there are odd seconds."""
    hours, rest = divmod(seconds, 3600)
    minutes, odd = divmod(rest, 60)
    return f"{hours:02}:{minutes:02}:{odd:02}" if odd else f"{hours:02}:{minutes:02}"


def local_time(at: datetime, where: ZoneInfo) -> str:
    """The moment on the clocks there, as in 11:30 in Chicago's time zone."""
    city = where.key.rpartition("/")[2].replace("_", " ")
    return f"{at.astimezone(where):%H:%M} in {city}'s time zone"


def cited(sentence: str, citation: str) -> str:
    """The sentence with its law in brackets: before what the clock shows, else at the end."""
    said, semicolon, clock = sentence.partition("; it is ")
    if semicolon:
        return f"{said} ({citation}){semicolon}{clock}"
    return f"{sentence.removesuffix('.')} ({citation})."


def until_when(until: datetime, at: datetime, where: ZoneInfo) -> str:
    """A later moment on the clocks there, with its date where that is another day."""
    wall = until.astimezone(where)
    return f"{wall:%H:%M}" if wall.date() == at.astimezone(where).date() else f"{wall:%a %d %b %Y %H:%M}"


def spans(hours: Iterable[tuple[int, int]]) -> str:
    """Opening hours in words."""
    return " and ".join(f"{clock_time(opens)} to {clock_time(closes)}" for opens, closes in hours)


def sentence(words: str) -> str:
    """The words with a capital at the beginning."""
    return f"{words[:1].upper()}{words[1:]}"


def alternatives(words: Iterable[str]) -> str:
    """As in express, express written or oral."""
    found = sorted(word.replace("_", " ") for word in words)
    return f"{', '.join(found[:-1])} or {found[-1]}" if len(found) > 1 else "".join(found)
