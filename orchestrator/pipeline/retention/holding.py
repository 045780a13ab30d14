"""Holds by hand: a claim or a lawsuit keeps every row of a number, beside the holds that complaints place."""

from datetime import datetime
from typing import Any

import phonenumbers
from sqlalchemy import select

from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.errors import UserError
from orchestrator.persistence import contacts, holds
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.rights import holds as table


def place(store: Store, seller_id: str, number: str, reason: str, by: str, now: datetime) -> int:
    """Place a hold, under the lock that retention takes before rows go; its number. UserError for no valid number."""
    refuse_cards(reason, "The reason")
    key = store.keyring.number_key(_e164(number))
    with store.write() as tx:
        contacts.lock_seller(tx, seller_id)
        return holds.place(tx, store.keyring, seller_id=seller_id, number_key=key, reason=reason, by=by, now=now)


def release(store: Store, number: int, by: str, now: datetime) -> bool:
    """Release it; False where none of that number stands."""
    with store.write() as tx:
        return holds.release(tx, number, by, now)


def told(store: Store, seller_id: str | None, *, released_too: bool) -> list[dict[str, Any]]:
    """The holds with their reasons, oldest first; whose number it is cannot be told from the key."""
    query = select(table).order_by(table.c.id)
    if seller_id is not None:
        query = query.where(table.c.seller_id == seller_id)
    if not released_too:
        query = query.where(holds.STANDS)
    with store.read() as tx:
        return [_form(store, row) for row in tx.execute(query)]


def _form(store: Store, row: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "seller": row.seller_id,
        "placed_at": _iso(row.placed_at),
        "placed_by": row.placed_by,
        "request": row.request_id,
        "reason": holds.reason_of(store.keyring, row),
        "released_at": None if row.released_at is None else _iso(row.released_at),
        "released_by": row.released_by,
    }


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _e164(text: str) -> str:
    try:
        parsed = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        raise UserError("That is no valid number; write it in E.164, as in +12125550100.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
