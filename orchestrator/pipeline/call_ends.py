"""How a call that is over has ended: who was reached, who was abandoned, and who left by themselves."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from orchestrator.domain.attempt import CALL_OUTCOME, Outcome
from orchestrator.domain.carrier import AnsweredBy, CallStatus
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.waiting import spent_at

NOT_FOUND = 404  # SIP: nobody has this number
ANSWERED_BY_NOBODY = frozenset({AnsweredBy.MACHINE, AnsweredBy.FAX})
MEETS_WITHIN = timedelta(seconds=3)  # a leg that lasts longer after its agent was claimed has met them
STAMP_LASTS = timedelta(seconds=1)  # the carrier's moments and durations are whole seconds

Ending = tuple[Outcome, Mapping[str, Any]]


def how_it_ended(attempt: Record, status: CallStatus, at: datetime, facts: Mapping[str, Any]) -> Ending:
    """The outcome, and the columns that go with it. ``at``: when it ended, as far as the carrier says."""
    if status is not CallStatus.COMPLETED:
        gone = status is CallStatus.FAILED and facts.get("sip_code") == NOT_FOUND
        return (Outcome.NOT_IN_SERVICE if gone else CALL_OUTCOME[status]), facts
    if attempt.marked_outcome is not None:  # the agent was on the line, and knows better than detection
        return Outcome(attempt.marked_outcome), facts
    answered_by = facts.get("answered_by") or attempt.answered_by
    if answered_by in ANSWERED_BY_NOBODY:
        return (Outcome.MACHINE if answered_by == AnsweredBy.MACHINE else Outcome.FAX), facts
    outcome, columns = _of_a_person(attempt, _left_at(attempt, at, facts))
    return outcome, {**facts, **columns}


def _of_a_person(attempt: Record, left_at: datetime) -> Ending:
    if attempt.connected_at is not None:
        return Outcome.REACHED, {}
    if attempt.joining_since is not None:
        # Nobody told us that they met. Whoever never fetched the document of their agent did not.
        met = attempt.redirect_at is None and left_at - attempt.joining_since >= MEETS_WITHIN
        return (Outcome.REACHED, {"connected_at": attempt.joining_since}) if met else (Outcome.HUNG_UP, {})
    was_told = attempt.abandoned_at is not None and attempt.redirect_at is None
    if was_told or _kept_waiting(attempt, left_at):
        return Outcome.ABANDONED, {"abandoned_at": attempt.abandoned_at or spent_at(attempt)}
    return Outcome.HUNG_UP, {"abandoned_at": None}


def _kept_waiting(attempt: Record, left_at: datetime) -> bool:
    """Whether they stayed longer than the law lets them wait, and heard nothing all the same."""
    waited = attempt.waiting_since is not None or attempt.abandoned_at is not None
    return waited and left_at > spent_at(attempt)


def _left_at(attempt: Record, at: datetime, facts: Mapping[str, Any]) -> datetime:
    """The earlier of both words: when the carrier says that it ended, and how long it says that it lasted."""
    lasted = facts.get("duration_seconds")
    if lasted is None or attempt.answered_at is None:
        return at
    lasted_until: datetime = attempt.answered_at + timedelta(seconds=lasted) + STAMP_LASTS
    return min(at, lasted_until)
