"""What an ended attempt was before a later word on it: kept where the attempt was sealed by then."""

from uuid import UUID

from sqlalchemy import ColumnElement, Connection, insert, literal, select

from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import Record, real_now
from orchestrator.persistence.tables.seals import rejudgements


def note_outcome(tx: Connection, was: Record) -> None:
    """Keep how the attempt had ended, in the transaction that says otherwise, after it has said so."""
    outcome, connected_at = (
        literal(was.outcome, attempts.c.outcome.type),
        literal(was.connected_at, attempts.c.ended_at.type),
    )
    _note(tx, was.id, outcome=outcome, connected_at=connected_at)


def note_naming(tx: Connection, attempt_id: UUID) -> None:
    """Keep that the carrier had not named the attempt."""
    _note(tx, attempt_id, sid=literal(None, attempts.c.sid.type))


def _note(tx: Connection, attempt_id: UUID, **was: ColumnElement[object]) -> None:
    """The row's lock is held by now, so that whether it is sealed is known for certain."""
    values = {
        "attempt_id": attempts.c.id,
        "seller_id": attempts.c.seller_id,
        "outcome": attempts.c.outcome,
        "connected_at": attempts.c.connected_at,
        "sid": attempts.c.sid,
        **was,
        "at": real_now(),
    }
    sealed = select(*values.values()).where(attempts.c.id == attempt_id, attempts.c.sealed_in.is_not(None))
    tx.execute(insert(rejudgements).from_select(list(values), sealed))
