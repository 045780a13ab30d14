"""What agents said of a person's calls, promised them, and whom they handed them to, in sentences."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from orchestrator.persistence import dispositions
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.desk import callbacks, transfers

Happened = tuple[datetime, str, str, Mapping[str, Any]]  # when, which kind, a sentence, the same as JSON


def happened(tx: Connection, keyring: Keyring, attempt_ids: Sequence[UUID]) -> Iterator[Happened]:
    """Everything of these calls, in no order."""
    for row in dispositions.of_attempts(tx, attempt_ids):
        note = None if row.note_sealed is None else keyring.open(row.note_sealed, dispositions.NOTE)
        facts = {"disposition": row.disposition, "agent_id": row.agent_id, "default": row.is_default, "note": note}
        yield row.at, "disposition", _said(row, note), {"attempt_id": str(row.attempt_id), **facts}
    for row in tx.execute(select(callbacks).where(callbacks.c.attempt_id.in_(attempt_ids))):
        facts = {"due_at": row.due_at.isoformat(), "for_agent": row.for_agent, "state": row.state}
        yield row.asked_at, "callback", _promised(row), {"attempt_id": str(row.attempt_id), **facts}
    for row in tx.execute(select(transfers).where(transfers.c.attempt_id.in_(attempt_ids))):
        facts = {"from_agent": row.from_agent, "to_agent": row.to_agent, "way": row.kind, "state": row.state}
        yield row.asked_at, "transfer", _handed(row), {"attempt_id": str(row.attempt_id), **facts}


def _said(row: Record, note: str | None) -> str:
    what = f"{row.disposition}; next: {row.next_step.replace('_', ' ')}."
    if row.is_default:
        return f"By the end of the wrap-up nobody had said what the call came to; the default applies: {what}"
    beside = f" They noted “{note}”." if note else ""
    return f"Agent {row.agent_id} said what the call came to: {what}{beside}"


def _promised(row: Record) -> str:
    local = row.due_at.astimezone(ZoneInfo(row.time_zone))
    whose = "anyone" if row.for_agent is None else f"agent {row.for_agent}, or anyone later"
    reason = f" ({row.reason})" if row.reason else ""
    return (
        f"Agent {row.asked_by} promised a call back on {local:%a %Y-%m-%d %H:%M} {row.time_zone}, by {whose}; it is "
        f"{row.state}{reason}."
    )


def _handed(row: Record) -> str:
    to = "somebody outside" if row.to_agent is None else f"agent {row.to_agent}"
    reason = f" ({row.error})" if row.error else ""
    return f"Agent {row.from_agent} handed the person on to {to}, {row.kind}: {row.state.replace('_', ' ')}{reason}."
