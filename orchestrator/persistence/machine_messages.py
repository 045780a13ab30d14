"""Leave to leave messages on machines: given with the call, used once at most."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from orchestrator.persistence.tables.attempts import attempts, machine_messages
from orchestrator.persistence.tables.columns import Record, real_now

IS_OPEN = machine_messages.c.done_at.is_(None)


def permit_all(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store what the gate allowed, beside the attempts that are planned in this transaction."""
    if rows:
        tx.execute(insert(machine_messages), [dict(row) for row in rows])


def permitted(tx: Connection, attempt_id: UUID, now: datetime) -> bool:
    """Whether a machine that answers this call may be left the message at this moment."""
    query = select(machine_messages.c.attempt_id).where(
        machine_messages.c.attempt_id == attempt_id, machine_messages.c.valid_until > now
    )
    return tx.execute(query).first() is not None


def ask(tx: Connection, attempt_id: UUID, now: datetime) -> bool:
    """A worker is to take the call to its message; False where one has been told already."""
    untold = (machine_messages.c.attempt_id == attempt_id) & machine_messages.c.asked_at.is_(None)
    return tx.execute(update(machine_messages).where(untold).values(asked_at=now, due_at=real_now())).rowcount == 1


def to_take_there(tx: Connection, limit: int) -> Sequence[Record]:
    """Calls that wait to be taken to their message, oldest first, with their attempt's stage and sid."""
    query = (
        select(machine_messages, attempts.c.stage, attempts.c.sid)
        .join(attempts, attempts.c.id == machine_messages.c.attempt_id)
        .where(machine_messages.c.due_at <= real_now(), IS_OPEN)
        .order_by(machine_messages.c.due_at)
    )
    return tx.execute(query.limit(limit)).all()


def again(tx: Connection, attempt_id: UUID, tries: int, seconds: float) -> None:
    """The carrier could not be asked; try again in so many real seconds."""
    here = (machine_messages.c.attempt_id == attempt_id) & IS_OPEN
    tx.execute(update(machine_messages).where(here).values(tries=tries, due_at=real_now(seconds)))


def done(tx: Connection, attempt_id: UUID, result: str, now: datetime) -> None:
    """Nothing more is to be done for this call."""
    here = (machine_messages.c.attempt_id == attempt_id) & IS_OPEN
    tx.execute(update(machine_messages).where(here).values(done_at=now, result=result))
