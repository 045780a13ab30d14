"""Hours of the week in which a person may be contacted, in every zone where that person may be, and holidays."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from orchestrator.compliance.case import Case, Moment
from orchestrator.compliance.entry import Entry
from orchestrator.compliance.holiday_calendar import WEEKDAYS, HolidayCalendar
from orchestrator.compliance.rule import ALLOWED, EVERYWHERE, Finding, Heading, Shelf, hold, refusal
from orchestrator.compliance.wording import DAY_NAMES, local_time, sentence, spans, until_when
from orchestrator.compliance.zone import moment_of, zone
from orchestrator.domain.decision import Cure, RuleClass
from orchestrator.domain.errors import UserError

CALLED_PARTY = "called-party"
HORIZON_DAYS = 30  # hours repeat weekly and no holidays last longer: what is closed for so long never opens
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingWindow:
    """Spans of each weekday, half-open; ``on_holidays`` replaces the weekday's where it is not None."""

    kind: ClassVar[str] = "calling_window"
    covers: ClassVar[bool] = True
    week: tuple[Spans, ...]
    on_holidays: Spans | None
    calendars: tuple[HolidayCalendar, ...]
    on_their_clock: bool
    clocks: tuple[ZoneInfo, ...]
    shelf: Shelf
    lookback_days: int = 0

    def judge(self, case: Case, moment: Moment, heading: Heading, /) -> Finding:
        """Hold until the first moment at which the window is open on every clock."""
        calendars = self._calendars(case)
        walls = [
            *(moment.walls if self.on_their_clock else ()),
            *(moment.at.astimezone(clock) for clock in self.clocks),
        ]
        if all(self._open(wall, calendars) for wall in walls):
            return ALLOWED
        zones = (*(case.place.zones if self.on_their_clock else ()), *self.clocks)
        until = self._opening(moment.at, zones, calendars)
        if until is None:
            return refusal(
                f"{sentence(self._where(case, heading))} has no hour that is open everywhere the contact may be.",
                Cure.JURISDICTION,
            )
        closed = next(wall for wall in walls if not self._open(wall, calendars))
        return hold(until, self._because(until, closed, calendars, self._where(case, heading)))

    def _calendars(self, case: Case) -> tuple[HolidayCalendar, ...]:
        if not self.calendars:
            return ()
        return tuple(
            calendar
            for calendar in self.calendars
            if calendar.jurisdiction == EVERYWHERE or case.place.is_in_any(frozenset({calendar.jurisdiction}))
        )

    def spans_on(self, day: date, calendars: tuple[HolidayCalendar, ...]) -> Spans:
        """The hours of that date."""
        if self.on_holidays is not None and any(calendar.name(day) for calendar in calendars):
            return self.on_holidays
        return self.week[day.weekday()]

    def _open(self, wall: datetime, calendars: tuple[HolidayCalendar, ...]) -> bool:
        seconds = wall.hour * 3600 + wall.minute * 60 + wall.second
        return any(opens <= seconds < closes for opens, closes in self.spans_on(wall.date(), calendars))

    def _opening(
        self, at: datetime, zones: tuple[ZoneInfo, ...], calendars: tuple[HolidayCalendar, ...]
    ) -> datetime | None:
        """The first moment from then on at which it is open in every zone at once; None within the horizon."""
        horizon = at + timedelta(days=HORIZON_DAYS)
        until: datetime | None = at
        while until is not None and until < horizon:
            later = [self._opening_in(where, until, calendars) for where in zones]
            if all(moment == until for moment in later):
                return until
            until = None if None in later else max(moment for moment in later if moment is not None)
        return None

    def _opening_in(self, where: ZoneInfo, at: datetime, calendars: tuple[HolidayCalendar, ...]) -> datetime | None:
        wall = at.astimezone(where)
        if self._open(wall, calendars):
            return at
        openings = self._openings(wall.date(), calendars)
        moments = (moment_of(opening, where, at) for opening in openings if opening > wall.replace(tzinfo=None))
        return next(moments, None)

    def _openings(self, day: date, calendars: tuple[HolidayCalendar, ...]) -> Iterator[datetime]:
        for later in range(HORIZON_DAYS):
            date_then = day + timedelta(days=later)
            for opens, _ in self.spans_on(date_then, calendars):
                yield datetime.combine(date_then, time(0)) + timedelta(seconds=opens)

    def _where(self, case: Case, heading: Heading) -> str:
        named = heading.applies.jurisdictions & set(case.place.jurisdictions)
        places = " and ".join(self.shelf.label(jurisdiction) for jurisdiction in sorted(named)) or "this rule"
        return f"the house's rule for {places}" if heading.rule_class is RuleClass.POLICY else places

    def _because(self, until: datetime, closed: datetime, calendars: tuple[HolidayCalendar, ...], where: str) -> str:
        zone_of = closed.tzinfo if isinstance(closed.tzinfo, ZoneInfo) else zone("UTC")
        day = closed.date()
        holiday = next(filter(None, (calendar.name(day) for calendar in calendars)), None)
        special = holiday if self.on_holidays is not None else None
        when = f"on {special}" if special else f"on {DAY_NAMES[day.weekday()]}"
        open_spans = self.spans_on(day, calendars)
        what = f"allows contact from {spans(open_spans)}" if open_spans else "allows no contact"
        return (
            f"Held until {until_when(until, closed, zone_of)}: {when} {where} {what}; "
            f"it is {local_time(closed, zone_of)}."
        )


def read_calling_window(entry: Entry, shelf: Shelf) -> CallingWindow:
    """Read the hours: ``mon_fri`` or single weekdays; a day without hours is closed."""
    clocks = entry.texts("clock") or (CALLED_PARTY,)
    return CallingWindow(
        week=tuple(_day(entry, weekday) for weekday in WEEKDAYS),
        on_holidays=_on_holidays(entry),
        calendars=tuple(_calendar(entry, name, shelf) for name in entry.texts("holidays")),
        on_their_clock=CALLED_PARTY in clocks,
        clocks=tuple(_clock(entry, clock) for clock in clocks if clock != CALLED_PARTY),
        shelf=shelf,
    )


def _clock(entry: Entry, name: str) -> ZoneInfo:
    try:
        return zone(name)
    except UserError as error:
        raise entry.wrong("clock", str(error).removesuffix(".")) from None


def _day(entry: Entry, weekday: str) -> Spans:
    own = entry.hours(weekday)
    working = entry.hours("mon_fri") if weekday not in {"sat", "sun"} else None
    return own if own is not None else working or ()


def _on_holidays(entry: Entry) -> Spans | None:
    open_then = entry.hours("holiday")
    if entry.has("holiday") and not entry.has("holidays"):
        raise entry.wrong("holidays", "is missing, so that the hours of holidays would never count")
    return (open_then or ()) if entry.has("holidays") else None


def _calendar(entry: Entry, name: str, shelf: Shelf) -> HolidayCalendar:
    calendar = shelf.calendars.get(name)
    if calendar is None:
        raise entry.wrong("holidays", f"'{name}' is no holiday_calendar of this rulebook")
    binds = entry.table("applies").texts("jurisdiction")
    if calendar.jurisdiction != EVERYWHERE and not any(_lies_in(calendar, place) for place in binds):
        raise entry.wrong("holidays", f"'{name}' is of {calendar.jurisdiction}, where this rule does not bind")
    return calendar


def _lies_in(calendar: HolidayCalendar, place: str) -> bool:
    return place in {EVERYWHERE, calendar.jurisdiction} or calendar.jurisdiction.startswith(f"{place}-")
