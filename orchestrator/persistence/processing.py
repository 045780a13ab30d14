"""What is processed on behalf of a seller, out of the tables, without opening anything about a person."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, select

from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.documents import documents
from orchestrator.persistence.tables.lists import imports, lists
from orchestrator.persistence.tables.people import consents, contact_points, contacts
from orchestrator.persistence.tables.seals import seal_heads


def people_by_country(tx: Connection, seller_id: str) -> dict[str, int]:
    """How many people of each country are on its lists."""
    return _counted(tx, contacts, contacts.c.country, seller_id, contacts.c.erased_at.is_(None))


def numbers_by_country(tx: Connection, seller_id: str) -> dict[str, int]:
    """How many telephone numbers of each country."""
    return _counted(tx, contact_points, contact_points.c.country, seller_id)


def consents_by_event(tx: Connection, seller_id: str) -> dict[str, int]:
    """How many events of each kind are in its record of consents."""
    return _counted(tx, consents, consents.c.event, seller_id)


def _counted(tx: Connection, table: Table, column: Any, seller_id: str, *more: Any) -> dict[str, int]:
    query = select(column, func.count()).where(table.c.seller_id == seller_id, *more).group_by(column)
    return {str(row[0]): row[1] for row in tx.execute(query.order_by(column))}


def fields_imported(tx: Connection, seller_id: str) -> Counter[str]:
    """Which fields its files brought, and in how many files."""
    query = select(imports.c.reading).join(lists, lists.c.id == imports.c.list_id).where(lists.c.seller_id == seller_id)
    return Counter(field for row in tx.execute(query) for field in {one[1] for one in row.reading.get("mapping", ())})


def list_names(tx: Connection, seller_id: str) -> Sequence[str]:
    """The names of its lists."""
    return tx.execute(select(lists.c.name).where(lists.c.seller_id == seller_id).order_by(lists.c.name)).scalars().all()


def papers(tx: Connection, seller_id: str) -> Sequence[Record]:
    """Its documents on file that are not retired."""
    standing = (documents.c.seller_id == seller_id, documents.c.retired_at.is_(None))
    facts = (documents.c.kind, documents.c.title, documents.c.party, documents.c.valid_from, documents.c.valid_until)
    return tx.execute(select(*facts).where(*standing).order_by(documents.c.id)).all()


def sealed_head(tx: Connection, seller_id: str) -> Record | None:
    """The newest head of its sealed log (size, root, at); None where nothing of it is sealed."""
    query = select(seal_heads.c.size, seal_heads.c.root, seal_heads.c.at).where(seal_heads.c.log == seller_id)
    return tx.execute(query.order_by(seal_heads.c.size.desc()).limit(1)).one_or_none()
