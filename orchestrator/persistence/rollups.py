"""Totals shown to people, moved in the transaction of the fact that they count."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Executable, select
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.persistence.tables.campaigns import rollups

Counts = Counter[tuple[int, str]]  # (campaign id, metric) -> how many more


def _adding(insert: Any) -> Executable:
    statement = insert(rollups)
    total = rollups.c.value + statement.excluded.value
    adding: Executable = statement.on_conflict_do_update(
        index_elements=[rollups.c.campaign_id, rollups.c.metric], set_={"value": total}
    )
    return adding


ADD = {"sqlite": _adding(sqlite.insert), "postgresql": _adding(postgresql.insert)}  # built once: each call counts


def add(tx: Connection, counts: Counts) -> None:
    """Add to the totals, in a fixed order, so that two workers never wait for each other in a ring."""
    rows = [{"campaign_id": campaign, "metric": metric, "value": n} for (campaign, metric), n in sorted(counts.items())]
    if not rows:
        return
    tx.execute(ADD[tx.dialect.name], rows)


def totals(tx: Connection, campaign_id: int, prefix: str = "") -> Mapping[str, int]:
    """The campaign's totals whose metric begins so."""
    query = select(rollups.c.metric, rollups.c.value).where(
        rollups.c.campaign_id == campaign_id, rollups.c.metric.startswith(prefix, autoescape=True)
    )
    return {row.metric: row.value for row in tx.execute(query.order_by(rollups.c.metric))}


def attempt_metric(channel: str, mode: str | None, outcome: str) -> str:
    """The metric that counts ended attempts."""
    return f"attempts|{channel}|{mode or '-'}|{outcome}"


def decision_metric(verdict: str, rule: str) -> str:
    """The metric that counts decisions by the rule that decided."""
    return f"decisions|{verdict}|{rule or '-'}"
