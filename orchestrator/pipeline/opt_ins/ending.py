"""An opt-in that came to nothing: said so in the ledger, and its person forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, delete, select, update

from orchestrator.domain.consent_event import ConsentEvent, ConsentState
from orchestrator.domain.contact_request import Channel, ConsentChannel
from orchestrator.domain.opt_in import OptInSource, OptInState
from orchestrator.persistence import carrier_erasures, consents, opt_ins, removals
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.removals import Cause, How
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import decisions
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.deliveries import inbox
from orchestrator.persistence.tables.opting_in import opt_ins as table
from orchestrator.pipeline.deciding import FACTS
from orchestrator.pipeline.opt_ins.requesting import BY, COLLECTIONS, NUMBER_RESTS
from orchestrator.pipeline.planning import TO
from orchestrator.pipeline.unenrolled import NOBODY

AT_ONCE = 50
REQUESTS_COUNT = NUMBER_RESTS + timedelta(days=1)
UNANSWERED = "opt-in not confirmed in time"
NAMES = ("number", "id", "postal_code")  # of the contact in a decision's facts


def run_once(store: Store, now: datetime, limit: int = AT_ONCE) -> int:
    """Forget whoever did not answer in time, and requests that no limit counts any more; how many opt-ins expired."""
    with store.read() as tx:
        if not opt_ins.any_late(tx, now, REQUESTS_COUNT):
            return 0
    with store.write() as tx:
        late = opt_ins.expired(tx, now, min(limit, store.bulk_rows))
        for opt_in in late:
            _say(tx, store.keyring, opt_in, ConsentState.EXPIRED, now)
            opt_ins.end(tx, opt_in.id, OptInState.EXPIRED, now)
            _forget(tx, store.keyring, opt_in, UNANSWERED, now)
        opt_ins.forget_requests(tx, now, REQUESTS_COUNT, limit)
    return len(late)


def unreachable(tx: Connection, keyring: Keyring, opt_in: Record, because: str, now: datetime) -> None:
    """The number could not be asked, and never can: whoever gave it is forgotten.

    The request expires, and no more: anybody may enter a number, so it must not end what its holder has agreed to.
    """
    _say(tx, keyring, opt_in, ConsentState.EXPIRED, now)
    opt_ins.end(tx, opt_in.id, OptInState.UNREACHABLE, now, held_by=because)
    _forget(tx, keyring, opt_in, f"opt-in could not be confirmed: {because}", now)


def refused(tx: Connection, keyring: Keyring, opt_in: Record, evidence: dict[Any, Any], now: datetime) -> None:
    """The person said no. Their no is kept, with the words; what they, or somebody, had entered is not."""
    _say(tx, keyring, opt_in, ConsentState.REFUSED, now, evidence)
    opt_ins.end(tx, opt_in.id, OptInState.REFUSED, now)
    _note(tx, table, [opt_in.id], How.BLANKED, "opt-in refused", opt_in, now)


def _say(
    tx: Connection,
    keyring: Keyring,
    opt_in: Record,
    event: ConsentState,
    now: datetime,
    evidence: dict[Any, Any] | None = None,
) -> None:
    said = ConsentEvent(
        seller_id=opt_in.seller_id,
        number="",
        event=event,
        channel=ConsentChannel.ANY,
        happened_at=now,
        collection=COLLECTIONS[OptInSource(opt_in.source)],
        language=opt_in.language,
        jurisdiction=opt_in.country,
        recorded_by=BY,
        record_id=opt_in.record_id,
        evidence=evidence,
    )
    consents.record(tx, keyring, said, now, number_key=bytes(opt_in.number_key))


def _forget(tx: Connection, keyring: Keyring, opt_in: Record, reason: str, now: datetime) -> None:
    """Take the number out of everything that the request had made; what stays is keyed, and noted as removed.

    Whoever was asked to renew is on record anyway: that they were asked is kept as every contact is.
    """
    _note(tx, table, [opt_in.id], How.BLANKED, reason, opt_in, now)
    if opt_in.source != OptInSource.RENEWAL:
        _forget_what_was_sent(tx, keyring, opt_in, reason, now)


def _forget_what_was_sent(tx: Connection, keyring: Keyring, opt_in: Record, reason: str, now: datetime) -> None:
    sent = tx.execute(select(decisions).where(*_theirs(opt_in))).all()
    ids = [row.attempt_id for row in sent if row.attempt_id is not None]
    for row in sent:
        tx.execute(update(decisions).where(decisions.c.id == row.id).values(facts_sealed=_nameless(keyring, row)))
    _forget_at_carrier(tx, opt_in, ids, now)
    emptied = {"to_sealed": keyring.seal("", TO), "body_sealed": None, "erased_at": now}
    tx.execute(update(attempts).where(attempts.c.id.in_(ids)).values(emptied))
    heard = tx.execute(delete(inbox).where(inbox.c.attempt_id.in_(ids)).returning(inbox.c.id)).scalars().all()
    _note(tx, decisions, [row.id for row in sent], How.BLANKED, reason, opt_in, now)
    _note(tx, attempts, ids, How.BLANKED, reason, opt_in, now)
    _note(tx, inbox, heard, How.DELETED, reason, opt_in, now)


def _forget_at_carrier(tx: Connection, opt_in: Record, ids: Sequence[UUID], now: datetime) -> None:
    sent = tx.execute(select(attempts.c.id, attempts.c.sid).where(attempts.c.id.in_(ids), attempts.c.sid.is_not(None)))
    rows = [{"channel": Channel.SMS.value, "attempt_id": row.id, "sid": row.sid} for row in sent]
    carrier_erasures.file(tx, rows, seller_id=opt_in.seller_id, request_id=None, now=now)


def _theirs(opt_in: Record) -> tuple[Any, ...]:
    """The decisions about this confirmation: of nobody who is enrolled, and no older than the request."""
    return (
        decisions.c.number_key == opt_in.number_key,
        decisions.c.seller_id == opt_in.seller_id,
        decisions.c.enrollment_id == NOBODY,
        decisions.c.decided_at >= opt_in.requested_at,
    )


def _nameless(keyring: Keyring, row: Record) -> bytes:
    facts = keyring.open_json(row.facts_sealed, FACTS)
    contact = {name: value for name, value in facts.get("contact", {}).items() if name not in NAMES}
    return keyring.seal_json({**facts, "contact": contact, "erased": True}, FACTS)


def _note(
    tx: Connection, relation: Table, rows: Sequence[UUID], how: How, reason: str, opt_in: Record, now: datetime
) -> None:
    removals.note(
        tx,
        relation=relation,
        rows=rows,
        how=how,
        cause=Cause.RETENTION,
        reason=reason,
        at=now,
        seller_id=opt_in.seller_id,
    )
