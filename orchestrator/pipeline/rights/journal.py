"""The journal of erasures, replayed before a restored database is used: whoever was erased stays so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from orchestrator.domain.contact_request import SuppressionKind
from orchestrator.domain.rights import RequestState, Right
from orchestrator.persistence import contacts, erasures
from orchestrator.persistence import rights_requests as stored
from orchestrator.persistence.erasure_file import Entry, not_here
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import contact_points, sellers
from orchestrator.persistence.tables.people import contacts as contacts_table
from orchestrator.pipeline.reception.stops import Stop, suppress
from orchestrator.pipeline.rights.erasing import Eraser


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """How many entries were new here, how many people were erased anew, and how many erasures still wait."""

    entries: int
    people: int
    waiting: int


def replay(store: Store, eraser: Eraser, path: Path, now: datetime) -> Replayed:
    """Erase again whoever the file names and this database does not know to be erased; UserError for a foreign file."""
    new = not_here(store, path)
    begun = [begin(store, eraser, list(group), now) for _, group in groupby(sorted(new, key=_person), key=_person)]
    ids = [request_id for request_id in begun if request_id is not None]
    states = [eraser.go_on(request_id, now).state for request_id in ids]
    waiting = sum(state != RequestState.DONE for state in states)
    return Replayed(entries=len(new), people=len(ids), waiting=waiting)


def _person(entry: Entry) -> tuple[str, str, int]:
    """What the keys of one erasure share."""
    return entry.seller_id, entry.at.isoformat(), entry.request_id or 0


def begin(store: Store, eraser: Eraser, group: Sequence[Entry], now: datetime) -> int | None:
    """The no, the journal's own rows and a request that the erasure goes on from, in one transaction; its number.

    None where another process, which was started at the same time, has done so meanwhile.
    """
    first, numbers = group[0], [entry.key for entry in group if entry.is_number]
    with store.write() as tx:
        contacts.lock_seller(tx, first.seller_id)
        if erasures.known(tx, [entry.id for entry in group]):
            return None
        person = _who(tx, group)
        shared = {key: _is_shared(tx, first.seller_id, key, person) for key in numbers}
        request_id = stored.add(tx, _request(tx, eraser, first, person, now), shared)
        for key in numbers:
            suppress(tx, _stop(first.seller_id, key, request_id), now)
        for entry in group:
            erasures.add(tx, _row(entry, request_id, now))
        stored.log(tx, store.keyring, request_id, "replayed", "journal", now)
        return request_id


def _stop(seller_id: str, key: bytes, request_id: int) -> Stop:
    return Stop(seller_id=seller_id, number_key=key, kind=SuppressionKind.ERASED, source=f"request {request_id}")


def _who(tx: Connection, group: Sequence[Entry]) -> Record | None:
    """Whoever of this database the keys mean: by the seller's own id, else by the contact's, if the number fits."""
    external = [entry.key for entry in group if not entry.is_number]
    by_id = select(contacts_table).where(
        contacts_table.c.seller_id == group[0].seller_id, contacts_table.c.external_key.in_(external)
    )
    found = tx.execute(by_id).first() if external else None
    if found is not None:
        return found
    holds_one = select(contact_points.c.contact_id).where(
        contact_points.c.number_key.in_([entry.key for entry in group if entry.is_number]),
        contact_points.c.contact_id == group[0].contact_id,
    )
    return tx.execute(select(contacts_table).where(contacts_table.c.id.in_(holds_one))).first()


def _is_shared(tx: Connection, seller_id: str, key: bytes, person: Record | None) -> bool:
    """Whether somebody besides the person has the number; where the person is not known, everybody there is meant."""
    others = select(contact_points.c.contact_id).where(
        contact_points.c.seller_id == seller_id, contact_points.c.number_key == key
    )
    return person is not None and any(one != person.id for one in tx.execute(others).scalars())


def _request(tx: Connection, eraser: Eraser, first: Entry, person: Record | None, now: datetime) -> dict[str, Any]:
    country = tx.execute(select(sellers.c.country).where(sellers.c.id == first.seller_id)).scalar_one()
    place = person.country if person is not None else country
    rule = eraser.law.deadline_rule(Right.ERASE, place, now.date())
    return {
        "seller_id": first.seller_id,
        "kind": Right.ERASE.value,
        "contact_id": person.id if person is not None else None,
        "jurisdiction": place,
        "channel": "journal",
        "received_at": first.at,
        "recorded_at": now,
        "recorded_by": "journal",
        "state": RequestState.STOPPING.value,
        "rule": rule.ground.id,
        "due_on": first.at.date(),
    }


def _row(entry: Entry, request_id: int, now: datetime) -> dict[str, Any]:
    return {
        "id": entry.id,
        "seller_id": entry.seller_id,
        "subject_key": entry.key,
        "is_number": entry.is_number,
        "contact_id": entry.contact_id,
        "at": entry.at,
        "request_id": request_id,
        "exported_at": now,
    }
