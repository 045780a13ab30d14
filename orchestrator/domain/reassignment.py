"""Which answers of the Reassigned Numbers Database hold for a person: each was asked about a day.

The database tells whether a number was taken from its holder on that day or later, so the day must be the last on
which the number is known to have been the person's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from orchestrator.domain.contact_request import ConsentFacts, ReassignedAnswer, ReassignedResult

COVERED = frozenset({"US", "AS", "GU", "MP", "PR", "VI"})  # whose numbers the database holds
NEXT_EDITION = timedelta(days=30)  # the database changes once a month; a yes or no data is not asked for again before
DAYS_END_LAST = timedelta(hours=11)  # behind UTC, in American Samoa


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswer:
    """What the database said of a number, about which day and when."""

    last_verified_on: date
    result: ReassignedResult
    checked_at: datetime


def last_verified_on(consents: Iterable[ConsentFacts], recorded_at: datetime, now: datetime) -> date:
    """The day to ask about: that of the newest proven consent, else the one on which the number came to us."""
    proven = (consent.given_at for consent in consents if consent.evidence and consent.given_at <= now)
    return day_of(max(proven, default=recorded_at))


def day_of(moment: datetime) -> date:
    """The earliest of the days that it may have been for an American: asking about an earlier day asks for more."""
    return (moment.astimezone(UTC) - DAYS_END_LAST).date()


def holding(known: Sequence[KnownAnswer], verified_on: date) -> ReassignedAnswer | None:
    """The answer that holds for somebody whose number it was on that day: a yes before all others, then the newest."""
    fitting = [answer for answer in known if _fits(answer, verified_on)]
    if not fitting:
        return None
    said = max(fitting, key=lambda answer: (answer.result is ReassignedResult.YES, answer.checked_at))
    return ReassignedAnswer(checked_at=said.checked_at, result=said.result)


def is_fresh(answer: ReassignedAnswer, days: int, now: datetime) -> bool:
    """Whether an answer is new enough for whoever wants one that is so many days old at most; the future is not new."""
    wanted = timedelta(days=days)
    longest = wanted if answer.result is ReassignedResult.NO else max(wanted, NEXT_EDITION)
    return timedelta(0) <= now - answer.checked_at <= longest


def _fits(answer: KnownAnswer, verified_on: date) -> bool:
    """A yes since a later day is a yes since this one, and a no since an earlier day a no; what is not known is not."""
    if answer.result is ReassignedResult.YES:
        return answer.last_verified_on >= verified_on
    if answer.result is ReassignedResult.NO:
        return answer.last_verified_on <= verified_on
    return answer.last_verified_on == verified_on
