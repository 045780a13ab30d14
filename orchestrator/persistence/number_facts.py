"""What is known of a number whoever holds it: its line type, and whether it is dead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.domain.contact_request import LineType
from orchestrator.persistence.tables.people import contact_points, number_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a lookup found of a number. ``error``: the carrier's code where it failed; ``dead``: why, where it is."""

    number_key: bytes
    line_type: LineType
    error: int | None = None
    dead: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """For how long a line type holds, and when one that was not found is asked for again."""

    known: timedelta
    unknown: timedelta
    failed: timedelta


@dataclass(frozen=True, slots=True)
class SealedNumber:
    """A number to look up."""

    number_key: bytes
    number_sealed: bytes


def record(tx: Connection, findings: Sequence[Finding], now: datetime) -> None:
    """Write what lookups found. A number once dead stays dead; a lookup that failed makes the line type unknown."""
    in_order = sorted(findings, key=lambda finding: finding.number_key)  # two writers lock rows in one order
    rows: list[dict[str, object]] = [
        {
            "number_key": finding.number_key,
            "line_type": finding.line_type,
            "line_type_at": now,
            "line_type_error": finding.error,
            "dead_at": now if finding.dead else None,
            "dead_reason": finding.dead,
        }
        for finding in in_order
    ]
    _upsert(tx, rows, ("line_type", "line_type_at", "line_type_error"))


def mark_dead(tx: Connection, number_key: bytes, reason: str, now: datetime) -> None:
    """The number is invalid or disconnected, for all campaigns; the first reason stays."""
    _upsert(tx, [{"number_key": number_key, "dead_at": now, "dead_reason": reason}], ())


def without_line_type(
    tx: Connection, these: ColumnElement[bool], now: datetime, freshness: Freshness, limit: int
) -> list[SealedNumber]:
    """Of these contact points the numbers that are not dead and whose line type is missing or too old, each once."""
    lacking = (
        select(func.min(contact_points.c.id))
        .outerjoin(number_facts, number_facts.c.number_key == contact_points.c.number_key)
        .where(these, number_facts.c.dead_at.is_(None), _due(now, freshness))
        .group_by(contact_points.c.number_key)
        .order_by(func.min(contact_points.c.id))
        .limit(limit)
    )
    query = select(contact_points.c.number_key, contact_points.c.number_sealed).where(contact_points.c.id.in_(lacking))
    rows = tx.execute(query.order_by(contact_points.c.id))
    return [SealedNumber(bytes(row.number_key), row.number_sealed) for row in rows]


def line_types(tx: Connection, number_keys: Sequence[bytes]) -> dict[bytes, LineType]:
    """The line types on record; a number of which nothing is known is absent."""
    query = select(number_facts.c.number_key, number_facts.c.line_type).where(
        number_facts.c.number_key.in_(number_keys)
    )
    return {bytes(key): LineType(line_type) for key, line_type in tx.execute(query)}


def _due(now: datetime, freshness: Freshness) -> ColumnElement[bool]:
    facts = number_facts.c
    unknown = facts.line_type == LineType.UNKNOWN
    return or_(
        facts.line_type_at.is_(None),
        facts.line_type_at <= now - freshness.known,
        and_(unknown, facts.line_type_at <= now - freshness.unknown),
        and_(facts.line_type_error.is_not(None), facts.line_type_at <= now - freshness.failed),
    )


def _upsert(tx: Connection, rows: Sequence[dict[str, object]], replaced: Sequence[str]) -> None:
    """Insert, else replace those columns; what is dead keeps its first moment and reason."""
    if not rows:
        return
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    statement = insert(number_facts)
    kept = {name: func.coalesce(number_facts.c[name], statement.excluded[name]) for name in ("dead_at", "dead_reason")}
    values = {name: statement.excluded[name] for name in replaced} | kept
    tx.execute(statement.on_conflict_do_update(index_elements=[number_facts.c.number_key], set_=values), rows)
