"""Decisions: one row a question to the gate; the same hold again only raises a count."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from orchestrator.domain.decision import Verdict
from orchestrator.persistence.tables.campaigns import decisions

Same = tuple[int, bytes, str, str | None, str, datetime | None]  # enrollment, number, channel, mode, rule, until

# Built once, since each batch asks.
HELD = select(
    decisions.c.id,
    decisions.c.enrollment_id,
    decisions.c.number_key,
    decisions.c.channel,
    decisions.c.mode,
    decisions.c.rules,
    decisions.c.until,
).where(decisions.c.enrollment_id.in_(bindparam("b_enrollments", expanding=True)), decisions.c.verdict != Verdict.ALLOW)
RECORD = insert(decisions)


def held_already(tx: Connection, enrollment_ids: Sequence[int]) -> Mapping[Same, UUID]:
    """The holds and refusals on record for these enrollments, by what would make a new one the same."""
    return {
        (row.enrollment_id, bytes(row.number_key), row.channel, row.mode, _first(row.rules), row.until): row.id
        for row in tx.execute(HELD, {"b_enrollments": enrollment_ids})
    }


def _first(rules: Sequence[str]) -> str:
    return rules[0] if rules else ""


def record(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store new decisions."""
    if rows:
        tx.execute(RECORD, [dict(row) for row in rows])


def repeat(tx: Connection, ids: Sequence[UUID], now: datetime) -> None:
    """Count the same answer once more."""
    if not ids:
        return
    statement = (
        update(decisions).where(decisions.c.id == bindparam("b_id")).values(times=decisions.c.times + 1, last_at=now)
    )
    tx.execute(statement, [{"b_id": decision_id} for decision_id in ids])
