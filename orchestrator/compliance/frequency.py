"""How often a person may be contacted: caps over a rolling period, and pauses after what happened before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import ClassVar
from zoneinfo import ZoneInfo

from orchestrator.compliance.case import Case, Moment
from orchestrator.compliance.consent_needed import GIVEN, over
from orchestrator.compliance.entry import Entry
from orchestrator.compliance.past_condition import same
from orchestrator.compliance.rule import ALLOWED, Finding, Heading, Shelf, hold
from orchestrator.compliance.wording import until_when
from orchestrator.compliance.zone import midnight, zone
from orchestrator.domain.contact_request import (
    Channel,
    ConsentFacts,
    ConsentSource,
    Direction,
    Mode,
    PastContact,
    PastOutcome,
)

UTC_ZONE = zone("UTC")
OUTBOUND, BOTH_WAYS = "outbound", "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Which earlier contacts a rule looks at; what an entry does not say counts as what this attempt is."""

    channels: frozenset[Channel]
    modes: frozenset[Mode]
    only: frozenset[PastOutcome]
    never: frozenset[PastOutcome]
    inbound_too: bool
    by_detection: bool
    per_subject: bool
    per_debt: bool

    @classmethod
    def read(cls, entry: Entry) -> "Counted":
        """Read the ``counts`` table."""
        table = entry.table("counts")
        per = table.texts("per")
        if not {"subject", "debt"}.issuperset(per):
            raise table.wrong("per", "must be subject or debt")
        counted = cls(
            channels=table.members("channel", Channel) or frozenset(Channel),
            modes=table.members("mode", Mode),
            only=table.members("outcome", PastOutcome),
            never=table.members("not_outcome", PastOutcome),
            inbound_too=table.flag("inbound_too"),
            by_detection=table.flag("by_detection"),
            per_subject="subject" in per,
            per_debt="debt" in per,
        )
        table.finish()
        if counted.only & counted.never:
            raise table.wrong("not_outcome", "names what outcome names too")
        return counted

    def among(self, case: Case, heading: Heading) -> Iterator[PastContact]:
        """The entries of the history that count."""
        for entry in case.request.history:
            if self._happened(entry) and self._about(entry, case, heading):
                yield entry

    def _happened(self, entry: PastContact) -> bool:
        way = self.inbound_too or entry.direction is Direction.OUTBOUND
        mode = not self.modes or entry.mode is None or entry.mode in self.modes
        outcome = (not self.only or entry.outcome in self.only) and entry.outcome not in self.never
        return way and entry.channel in self.channels and mode and outcome and (entry.amd or not self.by_detection)

    def _about(self, entry: PastContact, case: Case, heading: Heading) -> bool:
        ours = case.request.campaign
        purpose = entry.purpose in {None, ours.purpose} or entry.purpose in heading.applies.purposes
        subject = not self.per_subject or same(entry.subject, ours.subject)
        return purpose and subject and (not self.per_debt or same(entry.debt, case.request.debt))


def under_consent(case: Case, then: datetime, days: int, *, before: bool) -> bool:
    """Whether a consent to be called covers a call at that moment.

    It lasts so many dates or until a conversation; ``before`` leaves out a conversation at the moment itself.
    """
    return any(_covers(consent, case, then, days, before=before) for consent in case.consents if consent.level in GIVEN)


def _covers(consent: ConsentFacts, case: Case, then: datetime, days: int, *, before: bool) -> bool:
    if consent.given_at > then or over(consent, then):
        return False
    ends = [
        midnight(consent.given_at.astimezone(where).date() + timedelta(days=days), where) for where in case.place.zones
    ]
    if not ends or then >= min(ends):
        return False
    return not any(
        entry.outcome is PastOutcome.CONVERSATION
        and entry.channel is Channel.VOICE
        and consent.given_at < entry.at
        and (entry.at < then if before else entry.at <= then)
        for entry in case.request.history
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequencyCap:
    """At most so many contacts in any period of that length, counted back from the attempt.

    An entry exactly as old as the period no longer counts.
    """

    kind: ClassVar[str] = "frequency_cap"
    covers: ClassVar[bool] = False
    most: int
    period: timedelta
    counted: Counted
    free_under_consent_days: int | None
    lookback_days: int

    def judge(self, case: Case, moment: Moment, heading: Heading, /) -> Finding:
        """Hold until enough of the earlier contacts are old enough."""
        if len(case.request.history) < self.most:
            return ALLOWED
        start = moment.at - self.period
        times = sorted(
            entry.at
            for entry in self.counted.among(case, heading)
            if entry.at > start and not self._excused(entry, case)
        )
        if len(times) < self.most or self._free(case, moment):
            return ALLOWED
        until = (times[len(times) - self.most] + self.period).astimezone(UTC)
        return hold(until, self._because(until, len(times), moment, case))

    def _excused(self, entry: PastContact, case: Case) -> bool:
        days = self.free_under_consent_days
        return days is not None and under_consent(case, entry.at, days, before=True)

    def _free(self, case: Case, moment: Moment) -> bool:
        days = self.free_under_consent_days
        return days is not None and under_consent(case, moment.at, days, before=False)

    def _because(self, until: datetime, made: int, moment: Moment, case: Case) -> str:
        length = (
            f"{self.period.days} days" if self.period.days > 1 else f"{int(self.period.total_seconds() // 3600)} hours"
        )
        about = " about the same debt" if self.counted.per_debt else ""
        about = " on the same subject" if self.counted.per_subject else about
        when = until_when(until, moment.at, first_zone(case))
        times = "time" if self.most == 1 else "times"
        count = "one such contact counts" if made == 1 else f"{made} such contacts count"
        return f"Held until {when}: at most {self.most} {times} in any {length}{about}, and {count}."


def read_frequency_cap(entry: Entry, _: Shelf) -> FrequencyCap:
    """Read ``max`` in ``hours`` or ``days``."""
    hours = entry.whole("hours") if entry.has("hours") else 24 * entry.whole("days")
    return FrequencyCap(
        most=entry.whole("max"),
        period=timedelta(hours=hours),
        counted=Counted.read(entry),
        free_under_consent_days=entry.whole_or_none("free_under_consent_days"),
        lookback_days=ceil(hours / 24),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseAfter:
    """No contact for so long after an earlier contact that ended in one of these ways.

    ``dates`` counts local dates, the day of the contact being the first; 1 is the rest of that day.
    """

    kind: ClassVar[str] = "pause_after"
    covers: ClassVar[bool] = False
    hours: int | None
    dates: int | None
    clock: ZoneInfo | None
    counted: Counted
    free_under_consent_days: int | None
    lifted_by_callback: bool  # asked for after the contact
    lookback_days: int

    def judge(self, case: Case, moment: Moment, heading: Heading, /) -> Finding:
        """Hold until the last of the pauses is over on every clock."""
        if not case.request.history:
            return ALLOWED
        ends = [
            (self._end(entry, case), entry)
            for entry in self.counted.among(case, heading)
            if not (self.lifted_by_callback and called_back(entry, case, moment.at))
        ]
        until, entry = max(ends, key=lambda end: end[0], default=(moment.at, None))
        days = self.free_under_consent_days
        if until <= moment.at or entry is None or (days and under_consent(case, moment.at, days, before=False)):
            return ALLOWED
        return hold(until, self._because(until, entry, moment, case))

    def _end(self, entry: PastContact, case: Case) -> datetime:
        if self.hours is not None:
            return (entry.at + timedelta(hours=self.hours)).astimezone(UTC)
        zones = (self.clock,) if self.clock else case.place.zones or (UTC_ZONE,)
        days = timedelta(days=self.dates or 1)
        return max(midnight(entry.at.astimezone(where).date() + days, where) for where in zones)

    def _because(self, until: datetime, entry: PastContact, moment: Moment, case: Case) -> str:
        where = self.clock or first_zone(case)
        what = (entry.outcome or PastOutcome.CONVERSATION).value.replace("_", " ")
        then = entry.at.astimezone(where)
        return (
            f"Held until {until_when(until, moment.at, where)}: an earlier contact ended as {what} on "
            f"{then:%d %b %Y at %H:%M} ({where.key}), and this kind of contact must pause after that."
        )


def read_pause_after(entry: Entry, _: Shelf) -> PauseAfter:
    """Read ``hours``, or ``dates`` on the called party's clock or on ``clock``."""
    hours = entry.whole_or_none("hours")
    dates = entry.whole_or_none("dates")
    if (hours is None) == (dates is None):
        raise entry.wrong("hours", "and dates: exactly one of the two must be written")
    return PauseAfter(
        hours=hours,
        dates=dates,
        clock=zone(entry.text("clock")) if entry.has("clock") else None,
        counted=Counted.read(entry),
        free_under_consent_days=entry.whole_or_none("free_under_consent_days"),
        lifted_by_callback=entry.flag("lifted_by_callback"),
        lookback_days=ceil(hours / 24) if hours else (dates or 0) + 1,
    )


def called_back(entry: PastContact, case: Case, at: datetime) -> bool:
    """Whether the person asked for a call back after that contact."""
    return any(
        consent.source is ConsentSource.CALLBACK_REQUEST and entry.at <= consent.given_at and not over(consent, at)
        for consent in case.consents
    )


def first_zone(case: Case) -> ZoneInfo:
    """A zone to tell the time in."""
    return case.place.zones[0] if case.place.zones else UTC_ZONE
