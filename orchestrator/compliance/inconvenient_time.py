"""Times that the person said are inconvenient, in every zone where that person may be."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from orchestrator.compliance.case import Case, Moment
from orchestrator.compliance.entry import Entry
from orchestrator.compliance.frequency import first_zone
from orchestrator.compliance.holiday_calendar import WEEKDAYS
from orchestrator.compliance.rule import ALLOWED, Finding, Heading, Shelf, hold, refusal
from orchestrator.compliance.wording import until_when
from orchestrator.compliance.zone import moment_of
from orchestrator.domain.contact_request import Direction, InconvenientTime
from orchestrator.domain.decision import Cure

HORIZON = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class InconvenientTimes:
    """Hold while any of the person's own times runs on any clock in question."""

    kind: ClassVar[str] = "inconvenient_time"
    covers: ClassVar[bool] = False
    lookback_days: int = 0

    def judge(self, case: Case, moment: Moment, _: Heading, /) -> Finding:
        """Hold until none of them runs any more."""
        if not case.request.contact.inconvenient or self._replies(case, moment.at):
            return ALLOWED
        until, horizon = moment.at, moment.at + HORIZON
        while until < horizon:
            later = self._latest_end(case, until)
            if later == until:
                break
            until = later
        if until == moment.at:
            return ALLOWED
        if until >= horizon:
            return refusal("The person said that every hour of the week is inconvenient.", Cure.NONE)
        when = until_when(until, moment.at, first_zone(case))
        return hold(until, f"Held until {when}: the person said that this is an inconvenient time.")

    def _replies(self, case: Case, at: datetime) -> bool:
        """Whether this is the one reply to a contact that the person began at such a time, in the same medium."""
        ours = [entry for entry in case.request.history if entry.channel is case.channel and entry.at <= at]
        last = max(ours, key=lambda entry: (entry.at, entry.direction is Direction.OUTBOUND), default=None)
        return last is not None and last.direction is Direction.INBOUND and self._latest_end(case, last.at) > at

    def _latest_end(self, case: Case, at: datetime) -> datetime:
        ends = (end_of(period, at, where) for period in case.request.contact.inconvenient for where in case.place.zones)
        return max((end for end in ends if end is not None), default=at)


def end_of(period: InconvenientTime, at: datetime, where: ZoneInfo) -> datetime | None:
    """When the period that runs at that moment ends; None where it does not run."""
    wall = at.astimezone(where)
    now, today = wall.time(), wall.date()
    overnight = period.starts >= period.ends
    if _names(period, wall.weekday()) and now >= period.starts and (overnight or now < period.ends):
        last_day = today + timedelta(days=1) if overnight else today
    elif overnight and _names(period, wall.weekday() - 1) and now < period.ends:
        last_day = today
    else:
        return None
    return moment_of(datetime.combine(last_day, period.ends), where, at)


def _names(period: InconvenientTime, weekday: int) -> bool:
    return not period.weekdays or WEEKDAYS[weekday % 7] in period.weekdays


def read_inconvenient_time(_entry: Entry, _: Shelf) -> InconvenientTimes:
    """Nothing more to read."""
    return InconvenientTimes()
