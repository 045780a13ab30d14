"""Messages that may be refusals: each stops the person provisionally until somebody has read it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from orchestrator.domain.errors import UserError
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.conversations import reviews
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.people import suppressions


def ask(tx: Connection, *, seller_id: str, number_key: bytes, sid: str, suppression_id: int, at: datetime) -> None:
    """Ask a person whether the message was a stop."""
    row = {"seller_id": seller_id, "number_key": number_key, "sid": sid, "suppression_id": suppression_id}
    tx.execute(insert(reviews).values(row | {"asked_at": at}))


def waiting(tx: Connection, seller_id: str | None = None) -> Sequence[Record]:
    """The doubts that nobody has decided, oldest first, each with the message and its thread."""
    query = (
        select(reviews, inbound_contacts.c.body_sealed, inbound_contacts.c.thread_id, inbound_contacts.c.sender)
        .outerjoin(inbound_contacts, inbound_contacts.c.sid == reviews.c.sid)
        .where(reviews.c.decided_at.is_(None))
        .order_by(reviews.c.asked_at, reviews.c.id)
    )
    return tx.execute(query if seller_id is None else query.where(reviews.c.seller_id == seller_id)).all()


def decide(tx: Connection, review_id: int, decision: str, by: str, now: datetime) -> Record:
    """Note who decided; ``other`` lifts that one stop alone. UserError where no such doubt waits."""
    open_one = (reviews.c.id == review_id) & reviews.c.decided_at.is_(None)
    values = {"decision": decision, "decided_by": by, "decided_at": now}
    row = tx.execute(update(reviews).where(open_one).values(values).returning(reviews)).one_or_none()
    if row is None:
        raise UserError(f"No doubt {review_id} waits; `orchestrator messages unsure` lists those that do.")
    if decision == "other":
        this = (suppressions.c.id == row.suppression_id) & suppressions.c.lifted_at.is_(None)
        tx.execute(update(suppressions).where(this).values(lifted_at=now, news_filed_at=None))
    return row
