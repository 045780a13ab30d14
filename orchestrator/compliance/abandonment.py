"""The share of answered calls that reach nobody, by the regime of the called party."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from orchestrator.compliance.case import Case, Moment
from orchestrator.compliance.entry import Entry
from orchestrator.compliance.frequency import UTC_ZONE, first_zone
from orchestrator.compliance.rule import ALLOWED, Finding, Heading, Shelf, hold, refusal
from orchestrator.compliance.wording import until_when
from orchestrator.compliance.zone import midnight, next_month, zone
from orchestrator.domain.contact_request import AbandonmentCounts
from orchestrator.domain.decision import Cure

THIRTY_DAYS, DAY, MONTH = "30-days", "day", "month"
PICK_UP, GREETING_END = "pick-up", "greeting-end"  # since when a person counts as kept waiting
STRICTEST_SECONDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonmentLimit:
    """At most so many per cent in a fixed window; counts of a window that is over no longer count."""

    kind: ClassVar[str] = "abandonment"
    covers: ClassVar[bool] = False
    max_percent: int
    window: str
    clock: ZoneInfo | None
    with_false_positives: bool
    lookback_days: int = 0
    within_seconds: int = STRICTEST_SECONDS
    counted_from: str = PICK_UP

    def judge(self, case: Case, moment: Moment, _: Heading, /) -> Finding:
        """Hold to the end of the window where the rate is over the limit; refuse where that end is not known."""
        counts = case.request.campaign.abandonment
        if counts is None:
            return refusal("How many answered calls this campaign abandoned is not known.", Cure.CAMPAIGN)
        end = self._end(counts, case)
        if (end is not None and moment.at >= end) or not self._over(counts):
            return ALLOWED
        fact = f"{counts.abandoned} of {counts.live_answered} live answers were abandoned, over {self.max_percent} %"
        if end is None:
            return refusal(f"{fact}, and when the window began is not known.", Cure.CAMPAIGN)
        when = until_when(end, moment.at, self.clock or first_zone(case))
        return hold(end, f"Held until {when}, when the window ends: {fact}.")

    def _over(self, counts: AbandonmentCounts) -> bool:
        wrong = counts.amd_false_positives_estimated if self.with_false_positives else 0
        return (counts.abandoned + wrong) * 100 > self.max_percent * (counts.live_answered + wrong)

    def _end(self, counts: AbandonmentCounts, case: Case) -> datetime | None:
        start = counts.window_started_at
        if start is None:
            return None  # counts stand for whatever window they are of, so none of its ends is known
        if self.window == THIRTY_DAYS:
            return (start + timedelta(days=30)).astimezone(UTC)
        zones = (self.clock,) if self.clock else case.place.zones or (UTC_ZONE,)
        days = [(start.astimezone(where).date(), where) for where in zones]
        if self.window == DAY:
            return max(midnight(day + timedelta(days=1), where) for day, where in days)
        return max(midnight(next_month(day), where) for day, where in days)


def read_abandonment(entry: Entry, _: Shelf) -> AbandonmentLimit:
    """Read ``max_percent``, the ``window`` over which it is measured, and when an answered call is abandoned.

    That is ``within_seconds`` (else 2) after what ``counted_from`` says (else the pick-up, which is the earliest).
    """
    if entry.whole("max_percent") > 100:
        raise entry.wrong("max_percent", "must be 100 at most")
    return AbandonmentLimit(
        max_percent=entry.whole("max_percent"),
        window=entry.one_of("window", (THIRTY_DAYS, DAY, MONTH)),
        clock=zone(entry.text("clock")) if entry.has("clock") else None,
        with_false_positives=entry.flag("with_false_positives"),
        within_seconds=entry.whole_or_none("within_seconds") or STRICTEST_SECONDS,
        counted_from=entry.one_of("counted_from", (PICK_UP, GREETING_END)) if entry.has("counted_from") else PICK_UP,
    )
