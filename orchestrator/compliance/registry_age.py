"""How old a registry's answer may be: days, working days, a month, the month of the calendar, or the issue in force."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from orchestrator.compliance.case import Moment
from orchestrator.compliance.entry import Entry
from orchestrator.compliance.zone import months_after, working_days


class MaxAge(Protocol):
    """One way in which a law says how fresh an answer must be."""

    def allows(self, obtained_at: datetime, moment: Moment) -> bool:
        """Whether an answer of that moment may still be used."""


@dataclass(frozen=True, slots=True)
class Days:
    """So many times 24 hours."""

    most: timedelta

    def allows(self, obtained_at: datetime, moment: Moment) -> bool:
        """Whether it is no older than that."""
        return moment.at - obtained_at <= self.most


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """So many Mondays to Fridays."""

    most: int

    def allows(self, obtained_at: datetime, moment: Moment) -> bool:
        """Whether no more of them have begun since."""
        return working_days(obtained_at, moment.at, clocks(moment)) <= self.most


@dataclass(frozen=True, slots=True)
class Months:
    """So many calendar months."""

    most: int

    def allows(self, obtained_at: datetime, moment: Moment) -> bool:
        """Whether they have not passed."""
        return moment.at <= months_after(obtained_at, self.most)


@dataclass(frozen=True, slots=True)
class SameMonth:
    """The calendar month of the attempt."""

    def allows(self, obtained_at: datetime, moment: Moment) -> bool:
        """Whether it is of the month that the clocks show, on each of them."""
        walls = [(obtained_at.astimezone(wall.tzinfo), wall) for wall in moment.walls]
        return all((then.year, then.month) == (wall.year, wall.month) for then, wall in walls)


@dataclass(frozen=True, slots=True)
class Issues:
    """The issue in force: lists appear on these days of the year and bind so many days later."""

    days: tuple[tuple[int, int], ...]
    grace_days: int

    def allows(self, obtained_at: datetime, moment: Moment) -> bool:
        """Whether it is no older than the newest issue whose days of grace are over."""
        return obtained_at >= self._in_force(moment.last_date)

    def _in_force(self, today: date) -> datetime:
        days = (date(year, month, day) for year in (today.year - 1, today.year) for month, day in self.days)
        newest = max(day for day in days if day + timedelta(days=self.grace_days) <= today)
        return datetime.combine(newest, time(0), UTC)


def clocks(moment: Moment) -> list[ZoneInfo]:
    """The zones in question."""
    return [wall.tzinfo for wall in moment.walls if isinstance(wall.tzinfo, ZoneInfo)]


def read_max_age(entry: Entry) -> MaxAge | None:
    """Read the one way that the entry says; None where it says none, UserError where it says several."""
    grace = entry.whole_or_none("grace_days") or 0
    days, working, months = (
        entry.whole_or_none(field) for field in ("max_age_days", "max_age_working_days", "max_age_months")
    )
    issued = tuple(_month_and_day(entry, text) for text in entry.texts("issued"))
    ways: list[MaxAge | None] = [
        Days(timedelta(days=days)) if days else None,
        WorkingDays(working) if working else None,
        Months(months) if months else None,
        SameMonth() if entry.flag("same_month") else None,
        Issues(issued, grace) if issued else None,
    ]
    said = [way for way in ways if way]
    if len(said) > 1:
        raise entry.wrong("max_age_days", "and another age: exactly one of them must be written")
    return said[0] if said else None


def _month_and_day(entry: Entry, text: str) -> tuple[int, int]:
    try:
        day = date.fromisoformat(f"2027-{text}")
    except ValueError:
        raise entry.wrong("issued", f"'{text}' is no month and day as in 04-01") from None
    return day.month, day.day
