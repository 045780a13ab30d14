"""A moment as an agent hears it said, in the person's own time."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from orchestrator.compliance.zone import moment_of
from orchestrator.domain.errors import UserError

FORM = re.compile(r"(?:(?P<day>\S+)\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOW = "write it as in '15:30', 'tomorrow 15:30', 'fri 9:00' or '2026-11-27 15:30', in the person's own time"


def read(text: str, where: ZoneInfo, now: datetime) -> datetime:
    """The next moment that is meant, in UTC; raises UserError for what is no time, or has passed.

    A wall time that a clock change skips comes out later that day.
    """
    found = FORM.fullmatch(text.strip().lower())
    if found is None or int(found["hour"]) > 23 or int(found["minute"]) > 59:
        raise UserError(f"'{text}' is no time: {HOW}.")
    wall = time(int(found["hour"]), int(found["minute"]))
    today = now.astimezone(where).date()
    moments = [moment_of(datetime.combine(day, wall), where, now) for day in _days(found["day"], today, text)]
    ahead = [moment for moment in moments if moment > now]
    if not ahead:
        raise UserError(f"'{text}' has passed in {where.key}; it is {now.astimezone(where):%a %Y-%m-%d %H:%M} there.")
    return ahead[0]


def _days(named: str | None, today: date, text: str) -> list[date]:
    """The days that may be meant, the nearest first."""
    if named is None:
        return [today, today + timedelta(days=1)]
    if named in {"today", "tomorrow"}:
        return [today + timedelta(days=named == "tomorrow")]
    if named[:3] in WEEKDAYS and named.isalpha():
        ahead = (WEEKDAYS.index(named[:3]) - today.weekday()) % 7
        return [today + timedelta(days=ahead), today + timedelta(days=ahead + 7)]
    try:
        return [date.fromisoformat(named)]
    except ValueError:
        raise UserError(f"'{text}' names no day: {HOW}.") from None
