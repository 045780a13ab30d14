"""What is known of a sender: whose it is, of what kind, and who answers a STOP that comes to it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from orchestrator.domain.errors import UserError
from orchestrator.domain.sender import Sender, SenderKind, StopsBy
from orchestrator.persistence import sellers
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import senders


def receiving(tx: Connection, to: str, service: str | None) -> Sender:
    """The sender that a message came to. A messaging service that is registered says who answers; the number its kind.

    ``seller_id`` is None where neither is registered.
    """
    asked = select(senders).where(senders.c.address.in_([to, service or to]))
    rows = {row.address: row for row in tx.execute(asked)}
    number, behind = rows.get(to), rows.get(service or "")
    kind = number.kind if number is not None else None
    owner = number if number is not None else behind
    stops_by = next((row.stops_by for row in (behind, number) if row is not None and row.stops_by), None)
    return Sender.of(to, kind, stops_by, owner.seller_id if owner is not None else None)


def register(
    tx: Connection, seller_id: str, address: str, kind: SenderKind | None, stops_by: StopsBy | None, now: datetime
) -> Sender:
    """Bind the sender to the seller and note what is said of it; raises UserError where another seller holds it."""
    sellers.require(tx, seller_id)
    sellers.claim_senders(tx, seller_id, [address], now)
    said = {"kind": kind, "stops_by": stops_by}
    values = {name: value for name, value in said.items() if value is not None}
    if values:
        tx.execute(update(senders).where(senders.c.address == address).values(values))
    return find(tx, address)


def find(tx: Connection, address: str) -> Sender:
    """The registered sender; raises UserError that says how to register one."""
    row = tx.execute(select(senders).where(senders.c.address == address)).one_or_none()
    if row is None:
        raise UserError(
            f"{address} is no sender of anybody's; add it with `orchestrator sellers sender SELLER {address}`."
        )
    return _sender(row)


def everyone(tx: Connection, seller_id: str | None = None) -> Sequence[Sender]:
    """All senders, or one seller's, by seller and address."""
    query = select(senders).order_by(senders.c.seller_id, senders.c.address)
    query = query if seller_id is None else query.where(senders.c.seller_id == seller_id)
    return [_sender(row) for row in tx.execute(query)]


def _sender(row: Record) -> Sender:
    return Sender.of(row.address, row.kind, row.stops_by, row.seller_id)
