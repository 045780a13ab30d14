"""Opt-ins: one pending for a seller and a number, moved by compare-and-set, emptied when it has ended."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, exists, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.domain.consent_event import ConsentState
from orchestrator.domain.opt_in import OptInSource, OptInState
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.tables.attempts import IS_LIVE, attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.opting_in import opt_in_requests, opt_ins
from orchestrator.persistence.tables.people import consents

NUMBER = "opt_ins.number"
DETAILS = "opt_ins.details"
IS_PENDING = opt_ins.c.state == OptInState.PENDING.value
IN_DOUBT = exists().where(attempts.c.id == opt_ins.c.attempt_id, IS_LIVE, attempts.c.sid.is_(None))


def begin(tx: Connection, row: Mapping[str, Any]) -> bool:
    """Store a pending opt-in; False while another of this seller waits for the same number."""
    build = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    pending = {**row, "state": OptInState.PENDING.value}
    stored = build(opt_ins).values(pending).on_conflict_do_nothing().returning(opt_ins.c.id)
    return tx.execute(stored).first() is not None


def pending(tx: Connection, seller_id: str, number_key: bytes) -> Record | None:
    """The opt-in of this number that waits for its person's word, locked."""
    query = select(opt_ins).where(opt_ins.c.seller_id == seller_id, opt_ins.c.number_key == number_key, IS_PENDING)
    return tx.execute(query.with_for_update()).one_or_none()


def of_number(tx: Connection, number_key: bytes) -> Sequence[Record]:
    """Every opt-in of the number, oldest first."""
    query = select(opt_ins).where(opt_ins.c.number_key == number_key)
    return tx.execute(query.order_by(opt_ins.c.requested_at)).all()


def asked_to_renew(tx: Connection, seller_id: str, number_keys: Collection[bytes]) -> Sequence[Record]:
    """What these numbers were asked to renew, and when: number_key, channel, purpose, automated, happened_at.

    Whom nothing was sent to in time was not asked.
    """
    never_sent = (opt_ins.c.state == OptInState.EXPIRED.value) & opt_ins.c.attempt_id.is_(None)
    what = consents.c.number_key, consents.c.channel, consents.c.purpose, consents.c.automated, consents.c.happened_at
    query = (
        select(*what)
        .join(opt_ins, opt_ins.c.record_id == consents.c.record_id)
        .where(opt_ins.c.seller_id == seller_id, opt_ins.c.number_key.in_(number_keys))
        .where(opt_ins.c.source == OptInSource.RENEWAL.value, ~never_sent)
        .where(consents.c.seller_id == seller_id, consents.c.number_key.in_(number_keys))
        .where(consents.c.event == ConsentState.REQUESTED.value)
    )
    return tx.execute(query).all()


def due(tx: Connection, now: datetime, limit: int) -> Sequence[Record]:
    """The opt-ins that the worker must look at: pending ones to be asked, and given ones to be carried out."""
    query = select(opt_ins).where(opt_ins.c.due_at <= now)
    return tx.execute(query.order_by(opt_ins.c.due_at, opt_ins.c.id).limit(limit)).all()


def fetch_for_change(tx: Connection, opt_in_id: UUID) -> Record | None:
    """The opt-in, locked until the transaction ends."""
    return tx.execute(select(opt_ins).where(opt_ins.c.id == opt_in_id).with_for_update()).one_or_none()


def any_late(tx: Connection, now: datetime, requests_count: timedelta) -> bool:
    """Whether there is anything to forget: most of the time there is not."""
    late = select(opt_ins.c.id).where(IS_PENDING, opt_ins.c.expires_at <= now).exists()
    old = select(opt_in_requests.c.id).where(opt_in_requests.c.at <= now - requests_count).exists()
    return bool(tx.execute(select(late | old)).scalar())


def expired(tx: Connection, now: datetime, limit: int) -> Sequence[Record]:
    """Pending opt-ins whose time is over, locked; where the fate of the message is unknown, they wait for it.

    The carrier is asked for it by the number, and without one would show somebody else's.
    """
    query = select(opt_ins).where(IS_PENDING, opt_ins.c.expires_at <= now, ~IN_DOUBT)
    return tx.execute(query.order_by(opt_ins.c.expires_at).limit(limit).with_for_update(skip_locked=True)).all()


def change(tx: Connection, opt_in_id: UUID, **values: Any) -> bool:
    """Change a pending opt-in; False where it is not pending any more."""
    statement = update(opt_ins).where(opt_ins.c.id == opt_in_id, IS_PENDING)
    return tx.execute(statement.values(values)).rowcount == 1


def settle(tx: Connection, opt_in_id: UUID) -> None:
    """A given opt-in is carried out: who it is stands in the ledger, and no longer here."""
    emptied = {"due_at": None, "number_sealed": None, "details_sealed": None}
    tx.execute(update(opt_ins).where(opt_ins.c.id == opt_in_id).values(emptied))


def end(tx: Connection, opt_in_id: UUID, state: OptInState, now: datetime, held_by: str | None = None) -> bool:
    """End a pending opt-in and empty it of its person; False where it is not pending any more."""
    emptied = {"due_at": None, "number_sealed": None, "details_sealed": None}
    return change(tx, opt_in_id, state=state.value, ended_at=now, held_by=held_by, **emptied)


def note_request(tx: Connection, keys: Sequence[bytes], now: datetime) -> None:
    """Count a request under each of these keys."""
    tx.execute(insert(opt_in_requests), [{"key": key, "id": new_id(now), "at": now} for key in keys])


def requests(tx: Connection, key: bytes, since: datetime) -> int:
    """How many requests were counted under the key since then."""
    query = select(func.count()).where(opt_in_requests.c.key == key, opt_in_requests.c.at > since)
    return tx.execute(query).scalar_one()


def forget_requests(tx: Connection, now: datetime, after: timedelta, limit: int) -> int:
    """Forget requests that no limit counts any more; how many."""
    old = select(opt_in_requests.c.id).where(opt_in_requests.c.at <= now - after).limit(limit)
    return tx.execute(delete(opt_in_requests).where(opt_in_requests.c.id.in_(old))).rowcount
