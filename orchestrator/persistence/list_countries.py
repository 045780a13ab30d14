"""In which countries the numbers of a campaign's lists are."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from orchestrator.persistence.campaigns import CONTACTABLE, list_ids
from orchestrator.persistence.tables.lists import list_rows
from orchestrator.persistence.tables.people import contact_points


def countries(tx: Connection, seller_id: str, names: Collection[str]) -> list[str]:
    """Every country, in two letters, of a number of whoever may be enrolled from these lists."""
    ids = list(list_ids(tx, seller_id, names).values())
    listed = select(list_rows.c.contact_id).where(list_rows.c.list_id.in_(ids), list_rows.c.verdict.in_(CONTACTABLE))
    query = select(contact_points.c.country).distinct().where(contact_points.c.contact_id.in_(listed))
    return sorted(tx.execute(query).scalars())
