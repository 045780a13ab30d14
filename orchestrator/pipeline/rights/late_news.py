"""News of attempts whose person was erased meanwhile: applied, and not kept."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select

from orchestrator.persistence import carrier_erasures, removals
from orchestrator.persistence.inbox import Delivery
from orchestrator.persistence.removals import Cause, How
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.deliveries import inbox


def drop(tx: Connection, applied: Sequence[Delivery], now: datetime) -> int:
    """Delete those of these deliveries that are about somebody erased, in the transaction that applied them; how many.

    They carry the number again. Where one is the first that we hear of an attempt at all, the carrier is asked to
    delete its record after all.
    """
    named = {delivery.event.reference for delivery in applied} - {None}
    if not named:
        return 0
    query = select(attempts.c.id, attempts.c.seller_id).where(
        attempts.c.id.in_(named), attempts.c.erased_at.is_not(None)
    )
    sellers = {row.id: row.seller_id for row in tx.execute(query)}
    late = [delivery for delivery in applied if delivery.event.reference in sellers]
    for delivery in late:
        assert delivery.event.reference is not None, "found by it"  # noqa: S101 - narrows the type
        removals.note(
            tx,
            relation=inbox,
            rows=[delivery.id],
            how=How.DELETED,
            cause=Cause.ERASURE,
            reason="news of somebody erased",
            at=now,
            seller_id=sellers[delivery.event.reference],
        )
    if late:
        tx.execute(delete(inbox).where(inbox.c.id.in_([delivery.id for delivery in late])))
        carrier_erasures.reopen_named(tx, list(sellers))
    return len(late)
