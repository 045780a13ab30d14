"""Pacers' states, which outlive a restart, and the reasons of their last hours."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.pacing.reason import PacingReason
from orchestrator.persistence.tables.pacing import pacer_states, pacing_reasons


def _saving(insert: Any) -> Executable:
    statement = insert(pacer_states)
    changes = {name: statement.excluded[name] for name in ("shift_began_at", "decided_at", "agents", "state")}
    saving: Executable = statement.on_conflict_do_update(index_elements=[pacer_states.c.campaign_id], set_=changes)
    return saving


# Built once: they run every few seconds.
DIALECTS = {"sqlite": sqlite, "postgresql": postgresql}
SAVE = {name: _saving(dialect.insert) for name, dialect in DIALECTS.items()}
GIVE = {name: dialect.insert(pacing_reasons).on_conflict_do_nothing() for name, dialect in DIALECTS.items()}
FORGET = delete(pacing_reasons).where(
    pacing_reasons.c.campaign_id == bindparam("b_campaign"), pacing_reasons.c.at < bindparam("b_before")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PacerMemory:
    """What one campaign's pacer has learnt in its shift, as plain JSON."""

    campaign_id: int
    shift_began_at: datetime
    decided_at: datetime
    agents: int
    state: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Given:
    """A reason, when it was given, and whose totals and target were paced by."""

    at: datetime
    regime: str
    reason: PacingReason


def save(tx: Connection, memory: PacerMemory) -> None:
    """Keep the state in place of the one before."""
    tx.execute(SAVE[tx.dialect.name], {column.name: getattr(memory, column.name) for column in pacer_states.c})


def load(tx: Connection, campaign_id: int) -> PacerMemory | None:
    """The state that was kept last."""
    row = tx.execute(select(pacer_states).where(pacer_states.c.campaign_id == campaign_id)).one_or_none()
    return None if row is None else PacerMemory(**row._asdict())


def give(tx: Connection, campaign_id: int, reasons: Sequence[Given]) -> None:
    """Keep the reasons; one moment has one reason, whoever gives it again."""
    rows = [{"campaign_id": campaign_id, "at": one.at, "regime": one.regime, **_columns(one.reason)} for one in reasons]
    if rows:
        tx.execute(GIVE[tx.dialect.name], rows)


def given(tx: Connection, campaign_id: int, since: datetime, limit: int) -> list[Given]:
    """The reasons given since then, the newest first."""
    here = (pacing_reasons.c.campaign_id == campaign_id, pacing_reasons.c.at >= since)
    rows = tx.execute(select(pacing_reasons).where(*here).order_by(pacing_reasons.c.at.desc()).limit(limit)).all()
    return [Given(row.at, row.regime, _reason(row._asdict())) for row in rows]


def forget(tx: Connection, before: datetime, campaign_id: int) -> int:
    """Drop the reasons given before then; how many."""
    return tx.execute(FORGET, {"b_campaign": campaign_id, "b_before": before}).rowcount


def _columns(reason: PacingReason) -> dict[str, Any]:
    values = asdict(reason)
    return {**{name: value for name, value in values.items() if name != "limit"}, "limited_by": reason.limit}


def _reason(row: Mapping[str, Any]) -> PacingReason:
    names = ("calls", "ready", "ringing", "detecting", "waiting", "risk", "allowed", "tokens")
    return PacingReason(**{name: row[name] for name in names}, limit=row["limited_by"])
