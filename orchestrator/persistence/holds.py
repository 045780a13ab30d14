"""Numbers whose rows must not go while a complaint or a claim needs them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.rights import holds

REASON = "holds.reason"
STANDS = holds.c.released_at.is_(None)


def place(
    tx: Connection,
    keyring: Keyring,
    *,
    seller_id: str,
    number_key: bytes,
    reason: str,
    by: str,
    now: datetime,
    request_id: int | None = None,
) -> int:
    """Keep every row of this number until somebody releases it; the hold's number."""
    row = {
        "seller_id": seller_id,
        "number_key": number_key,
        "request_id": request_id,
        "reason_sealed": keyring.seal(reason, REASON),
        "placed_at": now,
        "placed_by": by,
    }
    number: int = tx.execute(insert(holds).values(row).returning(holds.c.id)).scalar_one()
    return number


def carry_over(
    tx: Connection, keyring: Keyring, seller_id: str, old_key: bytes, new_key: bytes, by: str, now: datetime
) -> None:
    """What a complaint or a claim needs is the person's, whatever number they are kept under from now on."""
    for hold in standing(tx, seller_id, [old_key]):
        reason, of = reason_of(keyring, hold), hold.request_id
        place(tx, keyring, seller_id=seller_id, number_key=new_key, reason=reason, by=by, now=now, request_id=of)


def release(tx: Connection, number: int, by: str, now: datetime) -> bool:
    """Let its rows go again; False where it had been released, or there is none of that number."""
    standing = (holds.c.id == number) & STANDS
    return tx.execute(update(holds).where(standing).values(released_at=now, released_by=by)).rowcount == 1


def release_of(tx: Connection, request_id: int, by: str, now: datetime) -> int:
    """Release what a request had placed; how many."""
    theirs = (holds.c.request_id == request_id) & STANDS
    return tx.execute(update(holds).where(theirs).values(released_at=now, released_by=by)).rowcount


def standing(tx: Connection, seller_id: str, number_keys: Collection[bytes]) -> Sequence[Record]:
    """The holds on these numbers, oldest first."""
    query = select(holds).where(STANDS, holds.c.seller_id == seller_id, holds.c.number_key.in_(number_keys))
    return tx.execute(query.order_by(holds.c.id)).all()


def reason_of(keyring: Keyring, hold: Record) -> str:
    """Why it was placed."""
    return keyring.open(hold.reason_sealed, REASON)
