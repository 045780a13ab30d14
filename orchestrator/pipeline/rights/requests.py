"""A request is taken down, gets its deadline, and every step on the way to its answer is logged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from orchestrator.compliance.rights_law import RightsLaw
from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.errors import UserError
from orchestrator.domain.rights import DISCLOSES_OR_CHANGES, Asked, IdentityCheck, RequestState, Right
from orchestrator.persistence import rights_requests as stored
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.rights.subjects import Subject

CLARIFICATION = "clarification"
IDENTITY = "identity"
WRITTEN_BY_HAND = frozenset({"about", "method", "note", "reasons", "reference", "regulator", "why"})


@dataclass(frozen=True, slots=True)
class Case:
    """A request with the person it is about, within one transaction."""

    tx: Connection
    keyring: Keyring
    law: RightsLaw
    by: str
    now: datetime

    def log(self, request_id: int, step: str, note: Any = None) -> None:
        """Note who did what and when; raises UserError where somebody wrote the number of a card."""
        for name in WRITTEN_BY_HAND & (note.keys() if isinstance(note, dict) else set()):
            refuse_cards(note[name], f"What was written ({name})")
        stored.log(self.tx, self.keyring, request_id, step, self.by, self.now, note)


def take_down(case: Case, subject: Subject, asked: Asked, details: Mapping[str, Any] | None = None) -> Record:
    """The request: the open one where the person has asked for the same already, else a new row with its deadline.

    A check of who asks that comes with it is logged; where one is needed and none came, the request waits for it.
    """
    contact_id = subject.people[0].id if len(subject.people) == 1 else None
    row = stored.open_like(case.tx, subject.seller_id, asked.right.value, contact_id, list(subject.numbers))
    if row is None:
        row = _new(case, subject, asked, contact_id, details or {})
    else:
        stored.add_numbers(case.tx, row.id, subject.numbers)
        case.log(row.id, "asked again", {"named": asked.named})
    if asked.verified_by is not None and row.identity != IdentityCheck.PASSED:
        identify(case, row, asked.verified_by, passed=True)
    return stored.fetch(case.tx, row.id)


def _new(case: Case, subject: Subject, asked: Asked, contact_id: int | None, details: Mapping[str, Any]) -> Record:
    place = asked.jurisdiction or subject.jurisdiction
    received_on = asked.received_at.date()
    rule = case.law.deadline_rule(asked.right, place, received_on)
    doubt = subject.in_doubt if asked.right in DISCLOSES_OR_CHANGES else ""
    waits = bool(doubt) and asked.verified_by is None
    values = {
        "seller_id": subject.seller_id,
        "kind": asked.right.value,
        "subject_sealed": case.keyring.seal_json({"named": asked.named, **details}, stored.SUBJECT),
        "contact_id": contact_id,
        "jurisdiction": place,
        "channel": asked.channel,
        "received_at": asked.received_at,
        "recorded_at": case.now,
        "recorded_by": case.by,
        "state": RequestState.IDENTITY if waits else RequestState.OPEN,
        "rule": rule.ground.id,
        "due_on": rule.of(received_on, place).due_on,
        "identity": IdentityCheck.NEEDED if doubt else None,
        "paused_on": case.now.date() if waits and IDENTITY in rule.stops_for else None,
    }
    request_id = stored.add(case.tx, values, subject.numbers)
    case.log(request_id, "received", {"channel": asked.channel, "at": asked.received_at.isoformat()})
    if waits:
        case.log(request_id, "identity needed", {"why": doubt})
    return stored.fetch(case.tx, request_id)


def identify(case: Case, row: Record, method: str, *, passed: bool) -> None:
    """Record by what somebody made sure who asks, and what came of it; the clock runs again."""
    if not method.strip():
        raise UserError("Say by what you made sure who asks, as in --method 'called back on the number on record'.")
    result = IdentityCheck.PASSED if passed else IdentityCheck.FAILED
    _run_on(case, row)
    waits = row.state == RequestState.IDENTITY
    state = RequestState.OPEN if waits and passed else RequestState(row.state)
    stored.change(case.tx, row.id, identity=result, state=state)
    case.log(row.id, f"identity {result.value}", {"method": method})


def pause(store: Store, law: RightsLaw, request_id: int, why: str, by: str, now: datetime) -> Record:
    """Stop the clock while the person is asked what they mean; UserError where the law lets it run on."""
    with store.write() as tx:
        case = Case(tx, store.keyring, law, by, now)
        row = require_open(case, request_id)
        if CLARIFICATION not in law.deadline_named(row.rule).stops_for:
            raise UserError(f"Under {row.rule} the clock does not stand while you ask back; answer by {row.due_on}.")
        if row.paused_on is None:
            stored.change(tx, row.id, paused_on=now.date(), state=RequestState.PAUSED)
            case.log(row.id, "clock stopped", {"why": why})
        return stored.fetch(tx, request_id)


def go_on(store: Store, law: RightsLaw, request_id: int, by: str, now: datetime) -> Record:
    """The person has answered: the clock runs again, and the deadline moves by the days that it stood."""
    with store.write() as tx:
        case = Case(tx, store.keyring, law, by, now)
        row = require_open(case, request_id)
        if row.state != RequestState.PAUSED:
            raise UserError(f"The clock of request {request_id} is not stopped.")
        _run_on(case, row)
        stored.change(tx, row.id, state=RequestState.OPEN)
        return stored.fetch(tx, request_id)


def _run_on(case: Case, row: Record) -> None:
    if row.paused_on is None:
        return
    stood = stored.paused_days(row, case.now.date())
    stored.change(case.tx, row.id, paused_on=None, due_on=row.due_on + timedelta(days=stood))
    case.log(row.id, "clock runs", {"days_stood": stood})


def extend(
    store: Store, law: RightsLaw, request_id: int, reasons: str, told_on: date, by: str, now: datetime
) -> Record:
    """Put the answer off, since the person was told so with reasons in time; UserError where that cannot be."""
    with store.write() as tx:
        case = Case(tx, store.keyring, law, by, now)
        row = require_open(case, request_id)
        rule = law.deadline_named(row.rule)
        last = rule.of(row.received_at.date(), row.jurisdiction).extendable_until
        _refuse_extension(row, rule.ground.citation, last, reasons, told_on, now.date())
        assert last is not None, "refused above"  # noqa: S101 - narrows the type
        moved = last + (row.due_on - rule.of(row.received_at.date(), row.jurisdiction).due_on)
        stored.change(tx, row.id, due_on=moved, extended_at=now)
        case.log(row.id, "extended", {"reasons": reasons, "told_on": told_on.isoformat(), "until": moved.isoformat()})
        return stored.fetch(tx, request_id)


def _refuse_extension(row: Record, law: str, last: date | None, reasons: str, told_on: date, today: date) -> None:
    if last is None:
        raise UserError(f"{law} knows no extension: answer by {row.due_on}.")
    if row.extended_at is not None:
        raise UserError(f"Request {row.id} was put off once already, until {row.due_on}; it cannot be twice.")
    if not reasons.strip():
        raise UserError("Say with --reason what the person was told; without reasons the time is not longer.")
    if told_on > today:
        raise UserError("--told-on lies in the future; tell the person first.")
    if told_on > row.due_on:
        raise UserError(f"The person had to be told by {row.due_on}; told on {told_on} it is not longer.")


def refuse(store: Store, law: RightsLaw, request_id: int, reasons: str, by: str, now: datetime) -> Record:
    """Refuse, with the reasons that the person was told; UserError for an objection to marketing, which is absolute."""
    with store.write() as tx:
        case = Case(tx, store.keyring, law, by, now)
        row = require_open(case, request_id)
        if row.kind == Right.OBJECT:
            raise UserError("An objection to marketing needs no reasons and cannot be refused (GDPR art. 21(2)-(3)).")
        if row.state in {RequestState.STOPPING, RequestState.ERASING}:
            raise UserError(f"The erasure of request {request_id} has begun, and cannot be taken back.")
        if not reasons.strip():
            raise UserError("Say with --reason what the person was told: why, and where they may complain.")
        case.log(row.id, "refused", {"reasons": reasons})
        stored.end(tx, row.id, RequestState.REFUSED, now, {"refused": True})
        return stored.fetch(tx, request_id)


def close(store: Store, law: RightsLaw, request_id: int, note: str, by: str, now: datetime) -> Record:
    """End a request that needs nothing more: taken back by the person, or answered in another way."""
    with store.write() as tx:
        case = Case(tx, store.keyring, law, by, now)
        row = require_open(case, request_id)
        if row.state in {RequestState.STOPPING, RequestState.ERASING, RequestState.RESTRICTED}:
            raise UserError(f"Request {request_id} is {row.state}; see `orchestrator rights show {request_id}`.")
        case.log(row.id, "closed", {"note": note})
        stored.end(tx, row.id, RequestState.CLOSED, now, {})
        return stored.fetch(tx, request_id)


def require_open(case: Case, request_id: int) -> Record:
    """The request; UserError where it has been answered."""
    row = stored.fetch(case.tx, request_id)
    if row.closed_at is not None:
        raise UserError(f"Request {request_id} has been {row.state} since {row.closed_at:%Y-%m-%d %H:%M} UTC.")
    return row


def require_identity(row: Record) -> None:
    """UserError where it is not known yet who asks, or where it was found to be somebody else."""
    if row.identity == IdentityCheck.FAILED:
        raise UserError(
            f"Request {row.id}: who asks is not who is meant. Refuse it: orchestrator rights refuse {row.id} --reason …"
        )
    if row.identity == IdentityCheck.NEEDED:
        raise UserError(
            f"Request {row.id} is taken down and waits: make sure who asks, since the number is shared or reassigned. "
            f"Then: orchestrator rights identify {row.id} --method '…', and the same command again."
        )
