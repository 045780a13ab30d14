"""What must be taken back at the carrier: filed in a transaction, retried by workers until the carrier confirms."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.persistence.tables.attempts import attempts, cancellations
from orchestrator.persistence.tables.columns import Record, real_now

LONGEST_WAIT_SECONDS = 60
OPEN = (  # built once: workers look four times a second
    select(
        cancellations.c.attempt_id,
        cancellations.c.reason,
        cancellations.c.tries,
        attempts.c.sid,
        attempts.c.channel,
        attempts.c.stage,
    )
    .join(attempts, attempts.c.id == cancellations.c.attempt_id)
    .where(cancellations.c.done_at.is_(None), cancellations.c.due_at <= real_now())
    .order_by(cancellations.c.due_at)
    .limit(bindparam("b_limit"))
)


def file(tx: Connection, attempt_ids: Iterable[UUID], reason: str, now: datetime) -> int:
    """Ask for these attempts to be taken back; one already asked for stays as it is."""
    rows = [{"attempt_id": attempt_id, "reason": reason, "filed_at": now} for attempt_id in attempt_ids]
    if not rows:
        return 0
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = insert(cancellations).values(due_at=real_now()).on_conflict_do_nothing()
    returning = statement.returning(cancellations.c.attempt_id)
    return sum(tx.execute(returning, row).first() is not None for row in rows)


def open_ones(tx: Connection, limit: int) -> Sequence[Record]:
    """What is due to be tried, oldest first, with the attempt it is about."""
    return tx.execute(OPEN, {"b_limit": limit}).all()


def is_filed(tx: Connection, attempt_id: UUID) -> bool:
    """Whether the attempt is to be taken back, or was."""
    return tx.execute(select(cancellations.c.tries).where(cancellations.c.attempt_id == attempt_id)).first() is not None


def done(tx: Connection, attempt_id: UUID, result: str, now: datetime) -> None:
    """The carrier has confirmed, or there is nothing left to take back."""
    tx.execute(update(cancellations).where(cancellations.c.attempt_id == attempt_id).values(done_at=now, result=result))


def again(tx: Connection, attempt_id: UUID, tries: int, error: str) -> None:
    """Try later: one second, two, four, up to a minute."""
    wait = min(2.0**tries, LONGEST_WAIT_SECONDS)
    tx.execute(
        update(cancellations)
        .where(cancellations.c.attempt_id == attempt_id)
        .values(due_at=real_now(wait), tries=tries + 1, result=error)
    )
