"""The same link for whoever calls in: of the last time that each seller contacted the number."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.pipeline.unsubscribing.links import GOOD_FOR, link, token_for


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportLink:
    """A way out of one seller's contact, and when it was last made."""

    seller_id: str
    at: datetime
    link: str


def links(tx: Connection, keyring: Keyring, number_key: bytes, people_url: str, now: datetime) -> list[SupportLink]:
    """One for each seller that has tried to reach the number within the year that a link is good for."""
    return list(_links(tx, keyring, number_key, people_url, now))


def _links(
    tx: Connection, keyring: Keyring, number_key: bytes, people_url: str, now: datetime
) -> Iterator[SupportLink]:
    recent = attempts.c.number_key == number_key, attempts.c.planned_at > now - GOOD_FOR
    last = select(attempts.c.seller_id, func.max(attempts.c.planned_at).label("at")).where(*recent)
    newest = last.group_by(attempts.c.seller_id).subquery()
    query = (
        select(attempts.c.id, attempts.c.seller_id, attempts.c.planned_at)
        .join(newest, (newest.c.seller_id == attempts.c.seller_id) & (newest.c.at == attempts.c.planned_at))
        .where(*recent)
        .order_by(attempts.c.seller_id, attempts.c.id)
    )
    for row in {row.seller_id: row for row in tx.execute(query)}.values():
        token = token_for(keyring, row.id, row.seller_id, number_key)
        yield SupportLink(seller_id=row.seller_id, at=row.planned_at, link=link(people_url, token))
