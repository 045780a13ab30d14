"""An ended attempt gives its enrollment the next step: a rest, another number, or the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, update

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.disposition import GOES_ON, AfterCall
from orchestrator.domain.enrollment import DoneReason, EnrollmentStage, Lane
from orchestrator.persistence import attempts, callbacks
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import cancellations
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.agent_desk import unsaid
from orchestrator.pipeline.stop_watch import said_stop_to_everything

AT_ONCE = 100
DONE: Mapping[Outcome, DoneReason] = {Outcome.REACHED: DoneReason.REACHED}
RELEASED_REST = timedelta(seconds=10)  # the carrier was busy, or we were late: soon again, and nothing was spent
# Built once: each call that ends is followed up. Done also where they are due again: that they were reached may be
# heard after the end of their call. A promise that was kept is over: from now on the strategy says how they are tried.
_THEIRS = update(enrollments).where(enrollments.c.id == bindparam("b_id"))
_IN_FLIGHT = enrollments.c.stage == EnrollmentStage.IN_FLIGHT
OVER = _THEIRS.where(_IN_FLIGHT | (enrollments.c.stage == EnrollmentStage.DUE)).values(stage=EnrollmentStage.DONE)
PROMISED = _THEIRS.where(_IN_FLIGHT).values(stage=EnrollmentStage.DUE, lane=Lane.CALLBACK, held_by="callback")
AGAIN = _THEIRS.where(_IN_FLIGHT).values(
    stage=EnrollmentStage.DUE,
    held_by=None,
    lane=case((enrollments.c.lane == Lane.CALLBACK, Lane.PREVIEW), else_=enrollments.c.lane),
)
ENDED_BY_ITSELF = (
    update(cancellations)
    .where(cancellations.c.attempt_id.in_(bindparam("b_ids", expanding=True)), cancellations.c.done_at.is_(None))
    .values(done_at=bindparam("b_now"), result="ended by itself")
)


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
        ended = attempts.to_follow_up(tx, now, limit)
        if not ended:
            return FollowUpReport(0)
        rows = unsaid.settle(tx, store.keyring, ended, now)
        # A stop that came while the attempt was in flight found nobody waiting whom it could have ended.
        stopped = set(said_stop_to_everything(tx, [row.id for row in rows]))
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
    theirs = {"b_id": attempt.enrollment_id, "updated_at": now}
    reason = _end(attempt, ended_by)
    if reason is not None:
        tx.execute(OVER, {**theirs, "done_reason": reason})
        callbacks.withdraw(tx, attempt.enrollment_id, f"done: {reason}", now)
        return
    if promised is not None:
        tx.execute(PROMISED, {**theirs, "next_eligible_at": promised.due_at})
        return
    unheard = attempt.outcome in {Outcome.NEVER_SENT, Outcome.CANCELED} and attempt.ringing_at is None
    pause = RELEASED_REST if unheard else timedelta(0)
    tx.execute(AGAIN, {**theirs, "next_eligible_at": now + pause})


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
    tx.execute(ENDED_BY_ITSELF, {"b_ids": [row.id for row in rows], "b_now": now})
