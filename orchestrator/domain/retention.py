"""How long data stays: what sorts of it there are, from when their time runs, and what becomes of them after."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

ONE_TICK = timedelta(microseconds=1)


class DataClass(StrEnum):
    """Everything that is stored belongs to one of these."""

    CONTACTS = "contacts"
    NUMBER_FACTS = "number-facts"
    LIST_ROWS = "list-rows"
    RAW_DELIVERIES = "raw-deliveries"
    MESSAGE_BODIES = "message-bodies"
    AGENTS_NOTES = "agents-notes"
    RECORDINGS = "recordings"
    ATTEMPTS = "attempts"
    CARRIER_SIDE = "carrier-side"
    DECISIONS = "decisions"
    CONSENTS = "consents"
    SUPPRESSIONS = "suppressions"
    ERASURES = "erasures"
    SCRUBS = "scrubs"
    REASSIGNED_ANSWERS = "reassigned-answers"
    REGISTRY_VERSIONS = "registry-versions"
    RIGHTS_REQUESTS = "rights-requests"
    HOLDS = "holds"
    ACCESSES = "accesses"
    ACTIONS = "actions"
    REMOVALS = "removals"
    RETENTION_RUNS = "retention-runs"
    AGENTS = "agents"
    AGENT_STATES = "agent-states"
    OFFERS = "offers"
    PACING_MEMORY = "pacing-memory"
    CALL_COUNTS = "call-counts"
    CALLER_DAYS = "caller-days"
    CARRIER_BOOKS = "carrier-books"
    DOCUMENTS = "documents"
    BREACHES = "breaches"
    SET_UP = "set-up"
    LIVE_STATE = "live-state"


class Clock(StrEnum):
    """The moment since which the time of a row runs."""

    CREATION = "creation"
    LAST_CONTACT = "last-contact"
    EACH_USE = "each-use"  # from the grant, and again from each contact that relied on it
    CLOSING = "closing"  # the end of what the row is about


class Action(StrEnum):
    """What is done once the time is over."""

    DELETE = "delete"
    BLANK = "blank"
    CARRIER_DELETES = "carrier-deletes"
    KEEP = "keep"


CLOCKS: Mapping[DataClass, frozenset[Clock]] = {
    DataClass.CONTACTS: frozenset({Clock.LAST_CONTACT}),
    DataClass.CONSENTS: frozenset({Clock.EACH_USE, Clock.CREATION}),
    DataClass.RIGHTS_REQUESTS: frozenset({Clock.CLOSING}),
    DataClass.HOLDS: frozenset({Clock.CLOSING}),
    DataClass.DOCUMENTS: frozenset({Clock.CLOSING}),
    DataClass.BREACHES: frozenset({Clock.CLOSING}),
}
ACTIONS: Mapping[DataClass, Action] = {
    DataClass.MESSAGE_BODIES: Action.BLANK,
    DataClass.AGENTS_NOTES: Action.BLANK,
    DataClass.CARRIER_SIDE: Action.CARRIER_DELETES,
}


@dataclass(frozen=True, slots=True)
class Period:
    """So many months and then days, counted on the calendar in UTC.

    A day that the last month lacks is taken as the beginning of the month after it: five years from a 29 February end
    with the 28th. So a period never ends early.
    """

    months: int
    days: int = 0

    def end_of(self, start: datetime) -> datetime:
        """When what began at ``start`` is over: at that moment it goes, the microsecond before it stays."""
        return _month_later(start, self.months) + timedelta(days=self.days)

    def last_start(self, now: datetime) -> datetime:
        """The latest beginning that is over by now; whatever began later stays."""
        moved = now.astimezone(UTC) - timedelta(days=self.days)
        earlier = _month_later(moved, -self.months)
        # The day that the earlier month lacks stands for its end, and nothing of the next day is over yet.
        return earlier if earlier.day == moved.day else earlier - ONE_TICK

    @property
    def fewest_days(self) -> int:
        """How many days it lasts at least, in whichever months it lies; longer and shorter ones compare by it."""
        return 365 * (self.months // 12) + 28 * (self.months % 12) + self.days

    def __str__(self) -> str:
        """As people say it."""
        years, months = divmod(self.months, 12)
        counts = ((years, "year"), (months, "month"), (self.days, "day"))
        return " ".join(f"{count} {unit}{'s' if count > 1 else ''}" for count, unit in counts if count)


def _month_later(moment: datetime, months: int) -> datetime:
    """The same day and time of another month, or the first moment of the month after where that day is missing."""
    in_utc = moment.astimezone(UTC)
    count = in_utc.year * 12 + in_utc.month - 1 + months
    year, month = count // 12, count % 12 + 1
    if in_utc.day <= calendar.monthrange(year, month)[1]:
        return in_utc.replace(year=year, month=month)
    count += 1
    return datetime(count // 12, count % 12 + 1, 1, tzinfo=UTC)
