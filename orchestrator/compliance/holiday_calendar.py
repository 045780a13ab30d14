"""Holidays as the law of calling names them: a library's list of who rests, corrected by our own days.

A weekend holiday that is kept on another day closes both days: the law seldom says which one it means.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import holidays
from dateutil.easter import easter  # type: ignore[import-untyped]
from holidays.registry import COUNTRIES

from orchestrator.compliance.entry import HOW_VERIFIED, Entry, read_all

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KEEPING = ("as-is", "observed", "monday-after-weekend", "moved-to-monday", "weekend-plus-two")
YEARS = ("every", "even", "inauguration")
KNOWN = frozenset(name for names in COUNTRIES.values() for name in names)
ONE_DAY = timedelta(days=1)
DAYS_AROUND_EASTER = 100
MONDAY, TUESDAY, SATURDAY, SUNDAY = 0, 1, 5, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRule:
    """One day a year: a fixed date, a distance from Easter Sunday, the n-th weekday of a month, or election day."""

    name: str
    month: int | None = None
    day: int | None = None
    easter: int | None = None
    nth: int | None = None
    weekday: int | None = None
    election: bool = False
    keeping: str = "as-is"
    years: str = "every"
    since: date = date.min

    def in_year(self, year: int) -> Iterator[date]:
        """The day, and the days on which it is kept instead."""
        if (self.years == "even" and year % 2) or (self.years == "inauguration" and year % 4 != 1):
            return
        day = self._itself(year)
        itself = () if self.keeping == "moved-to-monday" else (day,)
        yield from (kept for kept in {*itself, *moved(day, self.keeping)} if kept >= self.since)

    def _itself(self, year: int) -> date:
        if self.easter is not None:
            sunday: date = easter(year)
            return sunday + timedelta(days=self.easter)
        if self.election:
            return nth_weekday(year, 11, MONDAY, 1) + ONE_DAY
        if self.nth is not None and self.weekday is not None and self.month is not None:
            return nth_weekday(year, self.month, self.weekday, self.nth)
        return date(year, self.month or 1, self.day or 1)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The n-th Monday (0) to Sunday (6) of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def moved(day: date, keeping: str) -> tuple[date, ...]:
    """The other days on which a holiday is kept."""
    weekday = day.weekday()
    if keeping == "observed":
        return {SATURDAY: (day - ONE_DAY,), SUNDAY: (day + ONE_DAY,)}.get(weekday, ())
    if keeping == "weekend-plus-two":
        return (day + 2 * ONE_DAY,) if weekday >= SATURDAY else ()
    following_monday = day + timedelta(days=7 - weekday)
    if keeping == "monday-after-weekend":
        return (following_monday,) if weekday >= SATURDAY else ()
    if keeping == "moved-to-monday":
        return (following_monday if weekday >= SATURDAY else day - timedelta(days=weekday),)
    return ()


@dataclass(slots=True, kw_only=True)
class HolidayCalendar:
    """The holidays of one jurisdiction, worked out a year at a time and remembered."""

    id: str
    jurisdiction: str
    base: str | None
    without: frozenset[str]
    days: tuple[DayRule, ...]
    citation: str
    source: str
    eve_of: "HolidayCalendar | None" = None
    _years: dict[int, Mapping[date, str]] = field(default_factory=dict, repr=False)

    def name(self, day: date) -> str | None:
        """The holiday on that date; None where it is none."""
        year = self._years.get(day.year)
        if year is None:
            year = self._years.setdefault(day.year, self._work_out(day.year))
        return year.get(day)

    def _work_out(self, year: int) -> dict[date, str]:
        if self.eve_of is not None:
            return self._eves(self.eve_of, year)
        found = dict(self._from_library(year))
        for rule in self.days:
            for near in (year - 1, year, year + 1):
                found.update({day: rule.name for day in rule.in_year(near) if day.year == year})
        return found

    def _eves(self, of: "HolidayCalendar", year: int) -> dict[date, str]:
        first = date(year, 1, 1)
        days = (first + timedelta(days=at) for at in range(366))
        named = ((day, of.name(day + ONE_DAY)) for day in days if day.year == year)
        return {day: f"the day before {name}" for day, name in named if name}

    def _from_library(self, year: int) -> Iterator[tuple[date, str]]:
        if self.base is None:
            return
        country, _, subdivision = self.base.partition("-")
        listed = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
        for day, name in listed.items():
            if name.removesuffix(" (observed)") not in self.without:
                yield day, name


def read_calendar(entry: Entry, earlier: Mapping[str, HolidayCalendar]) -> HolidayCalendar:
    """Read a ``holiday_calendar`` entry; ``eve_of`` names one of the ``earlier`` calendars by its id."""
    verified = entry.table("verified")
    verified.day("on")
    verified.one_of("how", HOW_VERIFIED)
    verified.finish()
    entry.day("effective")
    if entry.has("note"):
        entry.text("note")
    if not any(map(entry.has, ("base", "days", "eve_of"))):
        raise entry.wrong("base", "is missing, and so are days and eve_of: the calendar would have no holiday")
    return HolidayCalendar(
        id=entry.text("id"),
        jurisdiction=entry.text("jurisdiction"),
        base=_base(entry),
        without=frozenset(entry.texts("without")),
        days=read_all(entry.tables("days"), _read_day),
        citation=entry.text("citation"),
        source=entry.text("source"),
        eve_of=_eve_of(entry, earlier),
    )


def _eve_of(entry: Entry, earlier: Mapping[str, HolidayCalendar]) -> HolidayCalendar | None:
    if not entry.has("eve_of"):
        return None
    named = earlier.get(entry.text("eve_of"))
    if named is None:
        raise entry.wrong("eve_of", "names no holiday_calendar that stands earlier")
    if entry.has("base") or entry.has("days"):
        raise entry.wrong("eve_of", "stands beside base or days, which would not count")
    return named


def _base(entry: Entry) -> str | None:
    if not entry.has("base"):
        return None
    base = entry.text("base")
    country, _, subdivision = base.partition("-")
    # Asking the library which it supports would import every country in the world.
    if country not in KNOWN or (subdivision and subdivision not in getattr(holidays, country).subdivisions):
        raise entry.wrong("base", f"'{base}' is no calendar of the holidays library")
    return base


def _read_day(entry: Entry) -> DayRule:
    ways = [way for way in ("on", "easter", "election", "weekday") if entry.has(way)]
    if len(ways) != 1:
        raise entry.wrong("on", "or easter, election or weekday: exactly one of them must be written")
    month, day = _month_and_day(entry) if entry.has("on") else (entry.whole_or_none("month"), None)
    weekday = entry.one_of("weekday", WEEKDAYS) if entry.has("weekday") else None
    nth, easter_away = entry.whole_or_none("nth"), entry.offset("easter")
    if weekday and (nth is None or month is None or nth > 4 or month > 12):
        raise entry.wrong("weekday", "needs nth, from 1 to 4, and a month")
    if easter_away is not None and abs(easter_away) > DAYS_AROUND_EASTER:
        raise entry.wrong("easter", f"must lie within {DAYS_AROUND_EASTER} days of Easter Sunday")
    if entry.has("election") and not entry.flag("election"):
        raise entry.wrong("election", "must be true or left out")
    return DayRule(
        name=entry.text("name"),
        month=month,
        day=day,
        easter=easter_away,
        nth=nth,
        weekday=WEEKDAYS.index(weekday) if weekday else None,
        election=entry.flag("election"),
        keeping=entry.one_of("keeping", KEEPING) if entry.has("keeping") else "as-is",
        years=entry.one_of("years", YEARS) if entry.has("years") else "every",
        since=entry.day_or_none("since") or date.min,
    )


def _month_and_day(entry: Entry) -> tuple[int, int]:
    """A day that every year has."""
    try:
        read = date.fromisoformat(f"2027-{entry.text('on')}")
    except ValueError:
        raise entry.wrong("on", "must be a month and day as in 05-04, and of every year") from None
    return read.month, read.day
