"""Counting the days of an answer: months by the corresponding date, working days, and clocks that stand."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

from orchestrator.compliance.holiday_calendar import KNOWN, WEEKDAYS, HolidayCalendar

ONE_DAY = timedelta(days=1)
WEEKEND = frozenset({"sat", "sun"})
OTHER_WEEKENDS = {"IL": frozenset({"fri", "sat"})}


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The days on which offices of a place are open: neither its weekend nor one of its public holidays."""

    place: str

    def is_one(self, day: date) -> bool:
        """Whether that day is a working day there."""
        weekend = OTHER_WEEKENDS.get(self.place.partition("-")[0], WEEKEND)
        return WEEKDAYS[day.weekday()] not in weekend and holidays_of(self.place).name(day) is None

    def from_(self, day: date) -> date:
        """That day, or the first working day after it."""
        while not self.is_one(day):
            day += ONE_DAY
        return day

    def after(self, day: date, count: int) -> date:
        """The day on which so many working days have passed, that day itself not counted."""
        for _ in range(count):
            day = self.from_(day + ONE_DAY)
        return day


@lru_cache(maxsize=64)
def holidays_of(place: str) -> HolidayCalendar:
    """The public holidays of a country or of one of its parts, as the library of holidays lists them."""
    return HolidayCalendar(
        id=f"rights.{place}",
        jurisdiction=place,
        base=_base(place),
        without=frozenset(),
        days=(),
        citation="public holidays",
        source="holidays",
    )


def _base(place: str) -> str | None:
    """The library's name for the place: of a part that it does not know, the whole country; None for neither."""
    country, _, part = place.partition("-")
    if country not in KNOWN:
        return None
    return place if part and part in getattr(holidays, country).subdivisions else country


def months_after(day: date, months: int) -> date:
    """The corresponding date so many months later, or the last day of that month where it has none (Reg. 1182/71)."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
