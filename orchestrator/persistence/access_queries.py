"""Who read whose data, out of the record of readings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.proof import access_numbers, accesses

AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which readings: from ``since`` on and before ``until``, by this actor, of this seller's people or this number."""

    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    seller_id: str | None = None
    number_key: bytes | None = None


def newest_first(tx: Connection, asked: Asked, limit: int) -> Sequence[Record]:
    """The readings, the newest first."""
    query = select(accesses).where(*_conditions(asked)).order_by(accesses.c.at.desc(), accesses.c.id.desc())
    return tx.execute(query.limit(limit)).all()


def in_order(tx: Connection, asked: Asked) -> Sequence[Record]:
    """Every one of the readings, as they came."""
    return tx.execute(select(accesses).where(*_conditions(asked)).order_by(accesses.c.at, accesses.c.id)).all()


def keys_read(tx: Connection, access_ids: Sequence[int]) -> dict[int, set[bytes]]:
    """Whose numbers each reading was of."""
    found: dict[int, set[bytes]] = {one: set() for one in access_ids}
    for start in range(0, len(access_ids), AT_ONCE):
        some = access_numbers.c.access_id.in_(access_ids[start : start + AT_ONCE])
        for row in tx.execute(select(access_numbers).where(some)):
            found[row.access_id].add(bytes(row.number_key))
    return found


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    at, wanted = accesses.c.at, []
    if asked.since is not None:
        wanted.append(at >= asked.since)
    if asked.until is not None:
        wanted.append(at < asked.until)
    if asked.actor is not None:
        wanted.append(accesses.c.actor == asked.actor)
    if asked.seller_id is not None:
        wanted.append(accesses.c.seller_id == asked.seller_id)
    if asked.number_key is not None:
        of_number = select(access_numbers.c.access_id).where(access_numbers.c.number_key == asked.number_key)
        wanted.append(accesses.c.id.in_(of_number))
    return wanted
