"""Sellers, on whose behalf people are contacted, and the numbers that each of them shows."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.domain.campaign import Seller
from orchestrator.domain.contact_request import CallerKind
from orchestrator.domain.errors import UserError
from orchestrator.persistence import closings
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import sellers, senders


def add(tx: Connection, seller: Seller, now: datetime) -> bool:
    """Store the seller, or complete one that an import made without a callback number; False where it is there."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    facts = {
        "name": seller.name,
        "country": seller.country,
        "callback_number": seller.callback_number,
        "kind": seller.kind,
        "registrations": list(seller.registrations),
    }
    row = insert(sellers).values(id=seller.id, created_at=now, **facts).on_conflict_do_nothing()
    if tx.execute(row.returning(sellers.c.id)).first() is not None:
        return True
    unfinished = (sellers.c.id == seller.id) & (sellers.c.callback_number == "")
    return tx.execute(update(sellers).where(unfinished).values(facts)).rowcount == 1


def find(tx: Connection, seller_id: str) -> Seller | None:
    """The seller, None for an unknown id."""
    row = tx.execute(select(sellers).where(sellers.c.id == seller_id)).one_or_none()
    return None if row is None else seller_of(row)


def require(tx: Connection, seller_id: str) -> Seller:
    """The seller; raises UserError that says how to add it, or that it is leaving."""
    seller = find(tx, seller_id)
    if closings.find(tx, seller_id) is not None:
        raise UserError(f"Seller '{seller_id}' leaves; `orchestrator sellers close {seller_id}` shows how far that is.")
    if seller is None:
        raise _unknown(seller_id)
    return seller


def require_known(tx: Connection, seller_id: str | None) -> None:
    """Raise UserError for a name that no seller has or had: nothing on record of it would look like an answer."""
    if seller_id is not None:
        on_record(tx, seller_id)


def on_record(tx: Connection, seller_id: str) -> Seller:
    """The seller, also one that leaves or has left, of which the law keeps records; UserError for none."""
    seller = find(tx, seller_id)
    if seller is None:
        raise _unknown(seller_id)
    return seller


def _unknown(seller_id: str) -> UserError:
    return UserError(
        f"There is no seller '{seller_id}'; add it with `orchestrator sellers add {seller_id} --name … "
        "--callback-number … --country …`."
    )


def register(tx: Connection, seller_id: str, registrations: Iterable[str]) -> list[str]:
    """Add registrations to those that the seller has; all of them, sorted."""
    row = tx.execute(select(sellers.c.registrations).where(sellers.c.id == seller_id).with_for_update()).one()
    held = sorted({*row.registrations, *registrations})
    tx.execute(update(sellers).where(sellers.c.id == seller_id).values(registrations=held))
    return held


def everyone(tx: Connection) -> list[Seller]:
    """All sellers by id."""
    return [seller_of(row) for row in tx.execute(select(sellers).order_by(sellers.c.id))]


def claim_senders(tx: Connection, seller_id: str, addresses: Iterable[str], now: datetime) -> None:
    """Bind numbers and messaging services to the seller; raises UserError for one that another seller holds.

    A STOP that comes to an address binds whoever holds it, so no address is ever shared.
    """
    wanted = sorted(set(addresses))
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    for address in wanted:
        row = insert(senders).values(address=address, seller_id=seller_id, created_at=now)
        tx.execute(row.on_conflict_do_nothing())
    foreign = _foreign(tx, seller_id, wanted)
    if foreign:
        raise UserError(f"{foreign[0]} belongs to another seller than '{seller_id}'; use a sender of this seller.")


def holders(tx: Connection) -> dict[str, str]:
    """Every number and messaging service that calls and texts may show, with the seller that holds it."""
    rows = tx.execute(select(senders.c.address, senders.c.seller_id).order_by(senders.c.seller_id, senders.c.address))
    return {row.address: row.seller_id for row in rows}


def _foreign(tx: Connection, seller_id: str, addresses: Sequence[str]) -> Sequence[str]:
    query = select(senders.c.address).where(senders.c.address.in_(addresses), senders.c.seller_id != seller_id)
    return tx.execute(query.order_by(senders.c.address)).scalars().all()


def seller_of(row: Record) -> Seller:
    """The seller that a row of the table is."""
    return Seller(
        id=row.id,
        name=row.name,
        country=row.country,
        callback_number=row.callback_number,
        kind=CallerKind(row.kind),
        registrations=tuple(row.registrations),
    )
