"""Moments of a week's hours on the clocks of where the contact may be."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from orchestrator.domain.campaign import Hours
from orchestrator.domain.local_hours import WEEKDAYS

DAYS_AHEAD = 15  # two whole weeks: hours of two zones that share none in a week share none at all
ROUNDS = 64


def opening(hours: Hours, moment: datetime, zones: Sequence[str]) -> datetime | None:
    """The first moment from ``moment`` on that lies inside the hours in all zones; None where they never share one."""
    at = moment
    for _ in range(ROUNDS):
        openings = [_opening_in(hours, at, ZoneInfo(zone)) for zone in zones]
        latest = max(openings, default=at)
        if latest == at:
            return at
        if latest - moment > timedelta(days=DAYS_AHEAD):
            return None
        at = latest
    return None


def next_start_that_day(hours: Hours, moment: datetime, zone: ZoneInfo) -> datetime:
    """``moment``, or the next start of a span on the same local day where it lies outside all spans."""
    local = moment.astimezone(zone)
    spans = hours.get(WEEKDAYS[local.weekday()], ())
    if any(starts <= local.time() < ends for starts, ends in spans):
        return moment
    starts_later = (_on(local.date(), starts, zone) for starts, _ in spans if starts > local.time())
    return next(starts_later, moment)


def closing_of_day(hours: Hours, moment: datetime, zones: Sequence[str]) -> datetime | None:
    """The last end of today's spans on any of the clocks; None where none is still to come."""
    ends = [end for zone in zones for end in _ends_on_day_of(hours, moment, ZoneInfo(zone))]
    return max((end for end in ends if end > moment), default=None)


def _ends_on_day_of(hours: Hours, moment: datetime, zone: ZoneInfo) -> list[datetime]:
    today = moment.astimezone(zone).date()
    return [_on(today, ends, zone) for _, ends in hours.get(WEEKDAYS[today.weekday()], ())]


def _opening_in(hours: Hours, moment: datetime, zone: ZoneInfo) -> datetime:
    today = moment.astimezone(zone).date()
    for days in range(DAYS_AHEAD + 1):
        found = _opening_on(hours, today + timedelta(days=days), moment, zone)
        if found is not None:
            return found
    return moment + timedelta(days=DAYS_AHEAD + 1)


def _opening_on(hours: Hours, day: date, moment: datetime, zone: ZoneInfo) -> datetime | None:
    for starts, ends in hours.get(WEEKDAYS[day.weekday()], ()):
        opens, closes = _on(day, starts, zone), _on(day, ends, zone)
        if moment < closes and opens < closes:
            return max(moment, opens)
    return None


def _on(day: date, at: time, zone: ZoneInfo) -> datetime:
    # A local time that a clock change skips lands after the gap: late costs a call, early could cost a person's rest.
    return datetime.combine(day, at, zone).astimezone(UTC)
