"""What was said of calls: every word is kept, the last one holds."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from orchestrator.domain.disposition import Disposition
from orchestrator.persistence import call_counts
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.desk import dispositions

NOTE = "dispositions.note"
# Built once: each conversation has its word.
KEEP = insert(dispositions)
HOLDS = update(attempts).where(attempts.c.id == bindparam("b_id"))


def record(
    tx: Connection,
    keyring: Keyring,
    attempt: Record,
    said: Disposition,
    *,
    agent_id: str | None,
    note: str | None,
    now: datetime,
) -> None:
    """Keep the word, and let it hold for the attempt. ``agent_id`` None: nobody said it, it applies by default."""
    row = {
        "attempt_id": attempt.id,
        "campaign_id": attempt.campaign_id,
        "agent_id": agent_id,
        "disposition": said.id,
        "outcome": said.outcome,
        "next_step": said.next_step,
        "rest_seconds": said.rest_seconds,
        "is_default": agent_id is None,
        # Of somebody who was erased while the agent wrote, nothing is written down any more.
        "note_sealed": None if note is None or attempt.erased_at is not None else keyring.seal(note, NOTE),
        "at": now,
    }
    tx.execute(KEEP, row)
    holds = {
        "disposition": said.id,
        "marked_outcome": said.outcome,
        "next_step": said.next_step,
        "rest_seconds": said.rest_seconds,
        "marked_machine": said.marks_machine,
    }
    with call_counts.recounting(tx, attempt.id):
        tx.execute(HOLDS, {"b_id": attempt.id, **holds})


def of_attempts(tx: Connection, attempt_ids: Sequence[object]) -> Sequence[Record]:
    """Every word on these calls, oldest first."""
    query = select(dispositions).where(dispositions.c.attempt_id.in_(attempt_ids))
    return tx.execute(query.order_by(dispositions.c.id)).all()
