"""Conditions on what happened before: a contact of the person's own, a no that waits for its answer, a lookup."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.compliance.case import Case
from orchestrator.compliance.entry import Entry
from orchestrator.domain.contact_request import Channel, Direction, ReassignedResult


def same(theirs: str | None, ours: str | None) -> bool:
    """Whether the two may be the same: what is not known is taken as the same."""
    return theirs is None or ours is None or theirs == ours


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardFrom:
    """A message or call of the person's own, so many days back at most."""

    channel: Channel
    days: int | None

    @classmethod
    def read(cls, table: Entry) -> "HeardFrom":
        """Read an ``inbound`` table."""
        channels = table.members("channel", Channel)
        if len(channels) != 1:
            raise table.wrong("channel", "must be one channel")
        return cls(channel=min(channels), days=table.whole_or_none("days"))

    def met(self, case: Case, at: datetime) -> bool:
        """Whether the history holds such a contact."""
        return any(
            entry.direction is Direction.INBOUND
            and entry.channel is self.channel
            and self._lately(entry.at, at)
            and same(entry.debt, case.request.debt)
            for entry in case.request.history
        )

    def _lately(self, heard_at: datetime, at: datetime) -> bool:
        return heard_at <= at and (self.days is None or at - heard_at <= timedelta(days=self.days))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersStop:
    """A no of the person's, so many minutes old at most, to which nothing has been sent yet."""

    minutes: int

    def met(self, case: Case, at: datetime) -> bool:
        """Whether such a no waits for its confirmation."""
        return any(no.at is not None and self._fresh(no.at, case, at) for no in case.request.suppressions)

    def _fresh(self, said_at: datetime, case: Case, at: datetime) -> bool:
        answered = any(
            entry.direction is Direction.OUTBOUND and entry.channel is case.channel and said_at <= entry.at
            for entry in case.request.history
        )
        return timedelta(0) <= at - said_at <= timedelta(minutes=self.minutes) and not answered


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReassigned:
    """An answer of the Reassigned Numbers Database that the number is still the person's, so many days old at most."""

    days: int

    def met(self, case: Case, at: datetime) -> bool:
        """Whether such an answer was given."""
        answer = case.request.reassigned
        if answer is None or answer.result is not ReassignedResult.NO:
            return False
        return timedelta(0) <= at - answer.checked_at <= timedelta(days=self.days)
