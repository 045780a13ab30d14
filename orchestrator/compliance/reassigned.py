"""What the Reassigned Numbers Database said: a yes always refuses, and some laws want a no before every call."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from orchestrator.compliance.case import Case, Moment
from orchestrator.compliance.entry import Entry
from orchestrator.compliance.rule import ALLOWED, Finding, Heading, Shelf, refusal
from orchestrator.domain.contact_request import ReassignedResult
from orchestrator.domain.decision import Cure


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignedNumber:
    """A number that was given to somebody else is not called."""

    kind: ClassVar[str] = "reassigned_number"
    covers: ClassVar[bool] = False
    lookback_days: int = 0

    def judge(self, case: Case, _at: Moment, _: Heading, /) -> Finding:
        """Refuse on a clear yes; a consent does not count either where the database has no data."""
        answer = case.request.reassigned
        if answer is None or answer.result is not ReassignedResult.YES:
            return ALLOWED
        return refusal(f"The number was reassigned, said the database on {answer.checked_at.date()}.", Cure.CONSENT)


def read_reassigned_number(_entry: Entry, _: Shelf) -> ReassignedNumber:
    """Nothing more to read."""
    return ReassignedNumber()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignedChecked:
    """The database was asked so many days ago at most, and said that the number is still the same person's."""

    kind: ClassVar[str] = "reassigned_checked"
    covers: ClassVar[bool] = False
    max_age: timedelta
    lookback_days: int = 0

    def judge(self, case: Case, moment: Moment, _: Heading, /) -> Finding:
        """Refuse unless the answer is a no and is fresh; no data is no no."""
        answer = case.request.reassigned
        if answer is None:
            return self._unknown("has not been asked about this number")
        if answer.result is not ReassignedResult.NO:
            return self._unknown("does not say that the number is still the same person's")
        if not timedelta(0) <= moment.at - answer.checked_at <= self.max_age:
            return self._unknown(f"was asked too long ago, on {answer.checked_at.date()}")
        return ALLOWED

    def _unknown(self, what: str) -> Finding:
        return refusal(f"The Reassigned Numbers Database {what}.", Cure.REASSIGNED)


def read_reassigned_checked(entry: Entry, _: Shelf) -> ReassignedChecked:
    """Read ``max_age_days``."""
    return ReassignedChecked(max_age=timedelta(days=entry.whole("max_age_days")))
