"""The journal of erasures: keys alone, so that whoever was erased stays so when an older database is restored."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from orchestrator.persistence.identity import new_id
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.rights import erasures

AT_ONCE = 500


def note(
    tx: Connection,
    *,
    seller_id: str,
    numbers: Collection[bytes],
    external: Collection[bytes],
    contact_id: int | None,
    request_id: int | None,
    now: datetime,
) -> None:
    """Note that the person under these keys is erased, in the transaction that begins it."""
    keys = [(key, True) for key in sorted(numbers)] + [(key, False) for key in sorted(external)]
    rows = [
        {
            "id": new_id(now),
            "seller_id": seller_id,
            "subject_key": key,
            "is_number": is_number,
            "contact_id": contact_id,
            "at": now,
            "request_id": request_id,
        }
        for key, is_number in keys
    ]
    if rows:
        tx.execute(insert(erasures), rows)


def add(tx: Connection, row: Mapping[str, Any]) -> None:
    """Take an entry over from the journal of another copy of this database."""
    tx.execute(insert(erasures).values(dict(row)))


def known(tx: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these entries that are here."""
    chunks = (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
    return {one for few in chunks for one in tx.execute(select(erasures.c.id).where(erasures.c.id.in_(few))).scalars()}


def every(tx: Connection) -> Sequence[Record]:
    """The whole journal, oldest first."""
    return tx.execute(select(erasures).order_by(erasures.c.at, erasures.c.id)).all()


def not_exported(tx: Connection) -> Sequence[Record]:
    """What the journal's file does not have yet, oldest first."""
    query = select(erasures).where(erasures.c.exported_at.is_(None))
    return tx.execute(query.order_by(erasures.c.at, erasures.c.id)).all()


def exported(tx: Connection, ids: Sequence[UUID], now: datetime) -> None:
    """Note that the file has these."""
    for start in range(0, len(ids), AT_ONCE):
        some = erasures.c.id.in_(ids[start : start + AT_ONCE])
        tx.execute(update(erasures).where(some).values(exported_at=now))


def erased_ids(tx: Connection, seller_id: str, external_keys: Collection[bytes]) -> set[bytes]:
    """Those of the seller's own ids whose person was erased and has not opted in again since."""
    theirs = select(erasures.c.subject_key).where(
        erasures.c.seller_id == seller_id,
        erasures.c.is_number.is_(False),
        erasures.c.lifted_at.is_(None),
        erasures.c.subject_key.in_(external_keys),
    )
    return {bytes(key) for key in tx.execute(theirs).scalars()} if external_keys else set()


def lift(tx: Connection, seller_id: str, number_key: bytes, at: datetime) -> int:
    """The person under this number has opted in again: their own id may come in as well. Returns how many entries."""
    with_it = select(erasures.c.at).where(
        erasures.c.seller_id == seller_id, erasures.c.is_number, erasures.c.subject_key == number_key
    )
    theirs = (erasures.c.seller_id == seller_id) & erasures.c.at.in_(with_it) & erasures.c.lifted_at.is_(None)
    return tx.execute(update(erasures).where(theirs).values(lifted_at=at)).rowcount
