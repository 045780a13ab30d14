"""Who answers for the protection of a seller's data; their names and contacts are sealed."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.domain.protection import Protection
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.accountability import seller_protection

CONTACTS = "seller_protection.contacts"
IN_CLEAR = ("time_zone", "language", "is_another_firm")


def of_seller(tx: Connection, keyring: Keyring, seller_id: str) -> Protection:
    """What the seller has named; nothing where nobody has said anything."""
    row = tx.execute(select(seller_protection).where(seller_protection.c.seller_id == seller_id)).one_or_none()
    if row is None:
        return Protection()
    in_clear = {name: row._mapping[name] for name in IN_CLEAR}
    return Protection(**keyring.open_json(row.contacts_sealed, CONTACTS), **in_clear)


def change(
    tx: Connection, keyring: Keyring, seller_id: str, said: dict[str, Any], by: str, now: datetime
) -> Protection:
    """Take down what was said, beside what was said before; everything that is known then."""
    known = replace(of_seller(tx, keyring, seller_id), **said)
    fields = asdict(known)
    in_clear = {name: fields.pop(name) for name in IN_CLEAR}
    values = {
        "contacts_sealed": keyring.seal_json(fields, CONTACTS),
        **in_clear,
        "updated_at": now,
        "updated_by": by,
    }
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    row = insert(seller_protection).values(seller_id=seller_id, **values)
    tx.execute(row.on_conflict_do_update(index_elements=[seller_protection.c.seller_id], set_=values))
    return known
