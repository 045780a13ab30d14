"""The record of rows that the law took away: an erasure, a retention run, the end of a seller, a dropped partition."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Table, insert

from orchestrator.persistence.tables.proof import removals

ROWS_A_NOTE = 1000


class Cause(StrEnum):
    """By which right rows go."""

    ERASURE = "erasure"
    RETENTION = "retention"
    CLOSING = "closing"
    PARTITION = "partition"


class How(StrEnum):
    """What became of them."""

    DELETED = "deleted"
    BLANKED = "blanked"


def note(
    tx: Connection,
    *,
    relation: Table,
    rows: Iterable[object],
    how: How,
    cause: Cause,
    reason: str,
    at: datetime,
    seller_id: str | None,
) -> int:
    """Note rows of one table in the transaction that takes them away; returns how many.

    ``rows`` are their primary keys, ``seller_id`` None for a partition and for rows of no one seller's. Nothing is
    noted for no rows.
    """
    ids = sorted({str(row) for row in rows})
    shared = {
        "relation": relation.name,
        "how": how.value,
        "cause": cause.value,
        "reason": reason,
        "at": at,
        "seller_id": seller_id,
    }
    notes = [{**shared, "rows": ids[start : start + ROWS_A_NOTE]} for start in range(0, len(ids), ROWS_A_NOTE)]
    if notes:
        tx.execute(insert(removals), notes)
    return len(ids)
