"""Hours of the week as people write them in files: ``mon-fri = [["09:30", "12:30"]]``, local to whom they are about."""

from collections.abc import Mapping, Sequence
from datetime import time
from itertools import pairwise
from typing import Any

from orchestrator.domain.campaign import Hours

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_hours(table: Any) -> Hours:
    """Spans by weekday; a day that is not named has none. Raises ValueError with a clause that says what to change."""
    if not isinstance(table, Mapping):
        raise ValueError('must be a table of days, as in mon-fri = [["09:30", "12:30"]]')  # noqa: TRY004 - for pydantic
    hours: dict[str, tuple[tuple[time, time], ...]] = {}
    for name, spans in table.items():
        for day in _days(name):
            if day in hours:
                raise ValueError(f"names {day} twice; '{name}' covers it again")
            hours[day] = _spans(name, spans)
    if not any(hours.values()):
        raise ValueError("leaves no hour open; name a day with a span, or leave the table out")
    return hours


def _days(name: str) -> Sequence[str]:
    first, dash, last = name.partition("-")
    if first in WEEKDAYS and (not dash or last in WEEKDAYS):
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last if dash else first)
        if begin <= end:
            return WEEKDAYS[begin : end + 1]
    raise ValueError(f"has no day '{name}'; use mon, tue, wed, thu, fri, sat or sun, or two in order, as in mon-fri")


def _spans(day: str, spans: Any) -> tuple[tuple[time, time], ...]:
    if not isinstance(spans, list | tuple):
        raise ValueError(f'must give {day} a list of spans, as in [["09:30", "12:30"]]')  # noqa: TRY004
    read = tuple(_span(day, span) for span in spans)
    for (_, ended), (starts, _) in pairwise(read):
        if starts < ended:
            raise ValueError(f"must list the spans of {day} in order without overlap")
    return read


def _span(day: str, span: Any) -> tuple[time, time]:
    if not isinstance(span, list | tuple) or len(span) != 2:
        raise ValueError(f'must give each span of {day} as two times, as in ["09:30", "12:30"]')
    starts, ends = (_time(day, part) for part in span)
    if starts >= ends:
        raise ValueError(f"must let each span of {day} start before it ends, not {starts:%H:%M} to {ends:%H:%M}")
    return starts, ends


def _time(day: str, part: Any) -> time:
    if isinstance(part, time):
        return part.replace(tzinfo=None)
    try:
        parsed = time.fromisoformat(str(part))
    except ValueError:
        raise ValueError(f'must give the times of {day} as "HH:MM" from "00:00" to "23:59", not {part!r}') from None
    return parsed.replace(tzinfo=None)
