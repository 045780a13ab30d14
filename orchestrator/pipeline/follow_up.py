"""An ended attempt gives its enrollment the next step: a rest, another number, or the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, update

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.disposition import GOES_ON, AfterCall
from orchestrator.domain.enrollment import DoneReason, EnrollmentStage, Lane
from orchestrator.persistence import attempts, callbacks
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts as attempts_table
from orchestrator.persistence.tables.attempts import cancellations
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.agent_desk import unsaid
from orchestrator.pipeline.stop_watch import said_stop

AT_ONCE = 100
DONE: Mapping[Outcome, DoneReason] = {Outcome.REACHED: DoneReason.REACHED}
RELEASED_REST = timedelta(seconds=10)  # the carrier was busy, or we were late: soon again, and nothing was spent


@dataclass(frozen=True, slots=True)
class FollowUpReport:
    """How many attempts were followed up."""

    followed: int

    @property
    def more(self) -> bool:
        """Whether another run would find work at once."""
        return self.followed >= AT_ONCE


def run_once(store: Store, now: datetime, limit: int = AT_ONCE) -> FollowUpReport:
    """Give the enrollments of ended attempts their next step."""
    with store.write() as tx:
        rows = unsaid.settle(tx, store.keyring, attempts.to_follow_up(tx, now, limit), now)
        # A stop that came while the attempt was in flight found nobody waiting whom it could have ended.
        stopped = set(said_stop(tx, attempts_table.c.id.in_([row.id for row in rows]), to_everything=True))
        promised = callbacks.waiting(tx, [row.enrollment_id for row in rows])
        for row in rows:
            ended_by = DoneReason.SUPPRESSED if row.id in stopped else None
            _follow(tx, row, ended_by, promised.get(row.enrollment_id), now)
        attempts.followed_up(tx, [row.id for row in rows])
        _settle_cancellations(tx, rows, now)
    return FollowUpReport(len(rows))


def _follow(
    tx: Connection, attempt: Record, ended_by: DoneReason | None, promised: Record | None, now: datetime
) -> None:
    """The strategy decides about rests when the enrollment is claimed next; here it only becomes due again."""
    theirs = update(enrollments).where(enrollments.c.id == attempt.enrollment_id).values(updated_at=now)
    in_flight = enrollments.c.stage == EnrollmentStage.IN_FLIGHT
    reason = _end(attempt, ended_by)
    if reason is not None:
        # Also where they are due again: that they were reached may be heard after the end of their call.
        over = in_flight | (enrollments.c.stage == EnrollmentStage.DUE)
        tx.execute(theirs.where(over).values(stage=EnrollmentStage.DONE, done_reason=reason))
        callbacks.withdraw(tx, attempt.enrollment_id, f"done: {reason}", now)
        return
    if promised is not None:
        asked = {"lane": Lane.CALLBACK, "next_eligible_at": promised.due_at, "held_by": "callback"}
        tx.execute(theirs.where(in_flight).values(stage=EnrollmentStage.DUE, **asked))
        return
    unheard = attempt.outcome in {Outcome.NEVER_SENT, Outcome.CANCELED} and attempt.ringing_at is None
    pause = RELEASED_REST if unheard else timedelta(0)
    # A promise that was kept is over: from now on the strategy says how they are tried.
    lane = case((enrollments.c.lane == Lane.CALLBACK, Lane.PREVIEW), else_=enrollments.c.lane)
    tx.execute(
        theirs.where(in_flight).values(stage=EnrollmentStage.DUE, next_eligible_at=now + pause, held_by=None, lane=lane)
    )


def _end(attempt: Record, ended_by: DoneReason | None) -> DoneReason | None:
    """Why nothing more will be tried; None where the person is due again. What the agent said comes first."""
    if attempt.next_step in GOES_ON:
        return ended_by
    if attempt.next_step == AfterCall.DO_NOT_CALL:
        return DoneReason.SUPPRESSED
    said_done = DoneReason.REACHED if attempt.next_step == AfterCall.DONE else None
    return DONE.get(Outcome(attempt.outcome), said_done or ended_by)


def _settle_cancellations(tx: Connection, rows: Sequence[Record], now: datetime) -> None:
    """What has ended by itself need not be taken back any more."""
    ended = cancellations.c.attempt_id.in_([row.id for row in rows])
    change = update(cancellations).where(ended, cancellations.c.done_at.is_(None))
    tx.execute(change.values(done_at=now, result="ended by itself"))
