"""Senders of texts: what is known of each, what its day brought, and from which of them a person is texted."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import Connection, Executable, bindparam, delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.domain.text_sender import SenderRest, SenderType, StopsBy, TextSender
from orchestrator.persistence import sender_rests
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import senders
from orchestrator.persistence.tables.texting import sender_bonds, sender_days, text_brands, text_senders

KNOWN = ("type", "segments_per_second", "daily_segments", "brand", "service")
DIALECTS = {"sqlite": sqlite, "postgresql": postgresql}
# Built once: every text of a pool asks for its person's sender.
BONDED = (
    select(sender_bonds.c.address)
    .where(
        sender_bonds.c.seller_id == bindparam("b_seller"),
        sender_bonds.c.number_key == bindparam("b_key"),
        sender_bonds.c.address.in_(bindparam("b_addresses", expanding=True)),
    )
    .order_by(sender_bonds.c.since.desc(), sender_bonds.c.address)
    .limit(1)
)
BOND: dict[str, Executable] = {}
for _name, _dialect in DIALECTS.items():
    _row = _dialect.insert(sender_bonds)
    BOND[_name] = _row.on_conflict_do_update(
        index_elements=("seller_id", "number_key", "address"), set_={"since": _row.excluded.since}
    )


def standing(tx: Connection, addresses: Collection[str], now: datetime) -> dict[str, TextSender]:
    """How each of these senders stands, by address, as the list goes; one that nobody holds has no seller."""
    query = select(senders.c.address.label("held"), senders.c.seller_id, senders.c.stops_by, text_senders).outerjoin(
        text_senders, text_senders.c.address == senders.c.address
    )
    rows = {row.held: row for row in tx.execute(query.where(senders.c.address.in_(addresses)))}
    rests = sender_rests.open_now(tx, addresses, now)
    return {address: _sender(address, rows.get(address), rests.get(address)) for address in addresses}


def _sender(address: str, row: Record | None, rest: SenderRest | None) -> TextSender:
    if row is None:
        return TextSender(address=address, seller_id="", rest=rest)
    return TextSender(
        address=address,
        seller_id=row.seller_id,
        type=SenderType(row.type) if row.type else None,
        segments_per_second=row.segments_per_second,
        daily_segments=row.daily_segments,
        brand=row.brand,
        service=row.service,
        stops_by=StopsBy(row.stops_by) if row.stops_by else None,
        rest=rest,
    )


def members(tx: Connection, service: str, now: datetime) -> list[TextSender]:
    """The senders that are known to be in the messaging service."""
    found = tx.execute(select(text_senders.c.address).where(text_senders.c.service == service)).scalars().all()
    return list(standing(tx, found, now).values())


def keep(tx: Connection, sender: TextSender, now: datetime) -> None:
    """Write what is known of a sender that a seller holds, all of it anew."""
    values = {name: getattr(sender, name) for name in KNOWN} | {"updated_at": now}
    row = DIALECTS[tx.dialect.name].insert(text_senders).values(address=sender.address, created_at=now, **values)
    tx.execute(row.on_conflict_do_update(index_elements=("address",), set_=values))
    tx.execute(update(senders).where(senders.c.address == sender.address).values(stops_by=sender.stops_by))


def brand_caps(tx: Connection, seller_id: str) -> dict[str, int]:
    """Segments a day by brand, of those brands of the seller that have a cap."""
    query = select(text_brands.c.name, text_brands.c.daily_segments).where(text_brands.c.seller_id == seller_id)
    return dict(tx.execute(query.order_by(text_brands.c.name)).all())


def cap_brand(tx: Connection, seller_id: str, name: str, daily_segments: int | None) -> None:
    """Set what the brand sends a day over all its senders; None: no cap."""
    here = (text_brands.c.seller_id == seller_id) & (text_brands.c.name == name)
    tx.execute(delete(text_brands).where(here))
    if daily_segments is not None:
        row = {"seller_id": seller_id, "name": name, "daily_segments": daily_segments}
        tx.execute(DIALECTS[tx.dialect.name].insert(text_brands).values(row))


def hold_days(tx: Connection, keys: Collection[str], on: date) -> dict[str, int]:
    """What each has planned that day, in segments; ``tx`` holds the rows from here on, in the order of their keys."""
    wanted = sorted(keys)
    if not wanted:
        return {}
    rows = [{"key": key, "on": on, "segments": 0} for key in wanted]
    tx.execute(DIALECTS[tx.dialect.name].insert(sender_days).on_conflict_do_nothing(), rows)
    return _counted(tx, wanted, on, lock=True)


def days(tx: Connection, keys: Collection[str], on: date) -> dict[str, int]:
    """The same, to be looked at alone; none where nothing was planned."""
    return _counted(tx, keys, on, lock=False)


def _counted(tx: Connection, keys: Collection[str], on: date, *, lock: bool) -> dict[str, int]:
    query = select(sender_days.c.key, sender_days.c.segments).where(
        tuple_(sender_days.c.key, sender_days.c.on).in_([(key, on) for key in keys])
    )
    query = query.order_by(sender_days.c.key)
    return dict(tx.execute(query.with_for_update() if lock else query).all())


def count_planned(tx: Connection, planned: Mapping[str, int], on: date) -> None:
    """Add segments to the day of each, whose rows are held."""
    for key, segments in sorted(planned.items()):
        here = (sender_days.c.key == key) & (sender_days.c.on == on)
        tx.execute(update(sender_days).where(here).values(segments=sender_days.c.segments + segments))


def bonded(tx: Connection, seller_id: str, number_key: bytes, addresses: Collection[str]) -> str | None:
    """From which of these the seller texted the person last; None where from none of them."""
    asked = {"b_seller": seller_id, "b_key": number_key, "b_addresses": list(addresses)}
    return tx.execute(BONDED, asked).scalars().first()


def bond(tx: Connection, seller_id: str, number_key: bytes, address: str, now: datetime) -> None:
    """From now on the seller texts the person from there."""
    row = {"seller_id": seller_id, "number_key": number_key, "address": address, "since": now}
    tx.execute(BOND[tx.dialect.name], row)
