"""Senders as they receive: whose each is, of what type, and who answers a STOP that comes to it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from orchestrator.domain.errors import UserError
from orchestrator.domain.sender import Sender
from orchestrator.domain.text_sender import StopsBy
from orchestrator.persistence import sellers
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import senders
from orchestrator.persistence.tables.texting import text_senders

SENDERS = select(senders, text_senders.c.type).outerjoin(text_senders, text_senders.c.address == senders.c.address)


def receiving(tx: Connection, to: str, service: str | None) -> Sender:
    """The sender that a message came to. A messaging service that is registered says who answers; the number its type.

    ``seller_id`` is None where neither is registered.
    """
    asked = SENDERS.where(senders.c.address.in_([to, service or to]))
    rows = {row.address: row for row in tx.execute(asked)}
    number, behind = rows.get(to), rows.get(service or "")
    type_ = number.type if number is not None else None
    owner = number if number is not None else behind
    stops_by = next((row.stops_by for row in (behind, number) if row is not None and row.stops_by), None)
    return Sender.of(to, type_, stops_by, owner.seller_id if owner is not None else None)


def register(tx: Connection, seller_id: str, address: str, stops_by: StopsBy | None, now: datetime) -> Sender:
    """Bind the sender to the seller and note who answers there; raises UserError where another seller holds it."""
    sellers.require(tx, seller_id)
    sellers.claim_senders(tx, seller_id, [address], now)
    if stops_by is not None:
        tx.execute(update(senders).where(senders.c.address == address).values(stops_by=stops_by))
    return find(tx, address)


def find(tx: Connection, address: str) -> Sender:
    """The registered sender; raises UserError that says how to register one."""
    row = tx.execute(SENDERS.where(senders.c.address == address)).one_or_none()
    if row is None:
        raise UserError(
            f"{address} is no sender of anybody's; add it with `orchestrator senders add {address} --seller …`."
        )
    return _sender(row)


def everyone(tx: Connection, seller_id: str | None = None) -> Sequence[Sender]:
    """All senders, or one seller's, by seller and address."""
    query = SENDERS.order_by(senders.c.seller_id, senders.c.address)
    query = query if seller_id is None else query.where(senders.c.seller_id == seller_id)
    return [_sender(row) for row in tx.execute(query)]


def _sender(row: Record) -> Sender:
    return Sender.of(row.address, row.type, row.stops_by, row.seller_id)
