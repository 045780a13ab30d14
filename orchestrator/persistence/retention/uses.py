"""The last contact of a number, remembered before the record of it goes: a consent's proof runs from there."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Executable, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.people import consents
from orchestrator.persistence.tables.retention import last_uses


def _keeping_the_later(insert: Any) -> Executable:
    adding = insert(last_uses)
    values = {"used_at": adding.excluded.used_at, "country": adding.excluded.country}
    later = last_uses.c.used_at < adding.excluded.used_at
    key = [last_uses.c.seller_id, last_uses.c.number_key]
    kept: Executable = adding.on_conflict_do_update(index_elements=key, set_=values, where=later)
    return kept


KEEP = {"sqlite": _keeping_the_later(sqlite.insert), "postgresql": _keeping_the_later(postgresql.insert)}


def remember(tx: Connection, attempt_ids: Sequence[Any]) -> None:
    """Keep when each of these numbers was contacted last, where there is a consent of it."""
    has_consent = exists().where(
        consents.c.seller_id == attempts.c.seller_id, consents.c.number_key == attempts.c.number_key
    )
    query = (
        select(
            attempts.c.seller_id,
            attempts.c.number_key,
            func.max(attempts.c.planned_at).label("used_at"),
            func.max(attempts.c.country).label("country"),
        )
        .where(attempts.c.id.in_(attempt_ids), has_consent)
        .group_by(attempts.c.seller_id, attempts.c.number_key)
    )
    rows = [dict(row._mapping) for row in tx.execute(query)]
    if rows:
        tx.execute(KEEP[tx.dialect.name], rows)
