"""Time zones by name, and the way back from a wall clock to the moment it shows.

Zones come from the tzdata package alone: the host's own table may be years older, and its version is not in the
rulebook's digest.
"""

import zoneinfo
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from orchestrator.domain.errors import UserError

zoneinfo.reset_tzpath(to=())


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name; UserError where there is none."""
    try:
        return ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise UserError(f"'{name}' is not an IANA time zone; write it as in America/New_York.") from None


def moment_of(wall: datetime, where: ZoneInfo, not_before: datetime) -> datetime:
    """The first moment from ``not_before`` on at which clocks there show ``wall`` (naive), in UTC.

    A wall time skipped by a clock change comes out later that day, never earlier: late costs a call, early a fine.
    """
    first = wall.replace(tzinfo=where).astimezone(UTC)
    return first if first >= not_before else wall.replace(tzinfo=where, fold=1).astimezone(UTC)


def midnight(day: date, where: ZoneInfo) -> datetime:
    """The moment at which that date begins there, in UTC."""
    return datetime.combine(day, time(0), where).astimezone(UTC)


def next_month(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def months_after(start: datetime, months: int) -> datetime:
    """The same clock time so many calendar months later; the last day of a shorter month stands for what it lacks."""
    year, month = divmod(start.month - 1 + months, 12)
    first = start.replace(year=start.year + year, month=month + 1, day=1)
    last_day = (next_month(first.date()) - timedelta(days=1)).day
    return first.replace(day=min(start.day, last_day))


def working_days(since: datetime, until: datetime, zones: Iterable[ZoneInfo]) -> int:
    """How many Mondays to Fridays begin after the date of ``since`` and by the date of ``until``, where that is most.

    Holidays count as working days: ages come out longer, never shorter.
    """
    where = tuple(zones) or (zone("UTC"),)
    return max(_weekdays(since.astimezone(clock).date(), until.astimezone(clock).date()) for clock in where)


def _weekdays(after: date, by: date) -> int:
    """Mondays to Fridays among the dates that follow ``after`` up to and with ``by``."""
    weeks, rest = divmod(max(0, (by - after).days), 7)
    return 5 * weeks + sum((after + timedelta(days=day)).weekday() < 5 for day in range(1, rest + 1))
