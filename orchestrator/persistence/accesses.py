"""The record of who read people's data in bulk, why, and whose it was."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, insert

from orchestrator.persistence.bulk_insert import bulk_insert
from orchestrator.persistence.tables.proof import access_numbers, accesses


def record(
    tx: Connection,
    *,
    actor: str,
    action: str,
    reason: str,
    number_keys: Iterable[bytes],
    at: datetime,
    seller_id: str | None = None,
) -> int:
    """Note a reading in the transaction that reads, before anything leaves; the number of the note.

    ``actor`` is cli:NAME, user:NAME, token:ID or step:NAME; ``action`` a word of 32 characters at most; ``seller_id``
    None for a reading over all sellers.
    """
    keys = sorted(set(number_keys))
    row = {"actor": actor, "action": action, "seller_id": seller_id, "reason": reason, "people": len(keys), "at": at}
    number: int = tx.execute(insert(accesses).values(row).returning(accesses.c.id)).scalar_one()
    bulk_insert(tx, access_numbers, [{"access_id": number, "number_key": key} for key in keys])
    return number
