"""What the carrier holds of a call or text goes with its row here: asked by workers until the carrier confirms."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Table, select, update

from orchestrator.persistence import carrier_erasures
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.rights import carrier_erasures as asked
from orchestrator.pipeline.leaving.rows import Leaving


def ask_carrier(
    tx: Connection, leaving: Leaving, table: Table, keys: Sequence[tuple[object, ...]], now: datetime
) -> None:
    """File the deletion, under the carrier's own name for it: the row that bears the name is about to go."""
    if table is not attempts and table is not inbound_contacts:
        return
    here = table.c.id.in_([key[0] for key in keys])
    rows = tx.execute(select(table.c.id, table.c.channel, table.c.sid).where(here, table.c.sid.is_not(None))).all()
    if table is attempts:
        for row in rows:  # an erasure may have asked already, and would look the name up in the row
            tx.execute(update(asked).where(asked.c.attempt_id == row.id, asked.c.sid.is_(None)).values(sid=row.sid))
    filed = [
        {"channel": row.channel, "attempt_id": row.id if table is attempts else None, "sid": row.sid} for row in rows
    ]
    carrier_erasures.file(tx, filed, seller_id=leaving.seller_id, request_id=None, now=now)
