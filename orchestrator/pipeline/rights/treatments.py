"""What an erasure does to each table beside the person's own row, numbers and consents."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, insert, or_, select

from orchestrator.domain.events import EventKind
from orchestrator.persistence import carrier_erasures, holds, reconciliations
from orchestrator.persistence.dossiers import PROFILE
from orchestrator.persistence.inbox import EVENT
from orchestrator.persistence.tables.account import carrier_alarms
from orchestrator.persistence.tables.agents import offers
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import decisions, enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.deliveries import inbound_contacts, inbox
from orchestrator.persistence.tables.desk import callbacks, dispositions, transfers
from orchestrator.persistence.tables.lists import list_rows
from orchestrator.persistence.tables.opting_in import opt_ins
from orchestrator.persistence.tables.people import (
    consents,
    contact_points,
    contacts,
    number_facts,
    reassigned_answers,
    suppressions,
)
from orchestrator.persistence.tables.rights import carrier_erasures as carrier_erasures_table
from orchestrator.persistence.tables.rights import holds as holds_table
from orchestrator.persistence.tables.rights import kept_proofs
from orchestrator.pipeline.deciding import FACTS
from orchestrator.pipeline.planning import TO
from orchestrator.pipeline.rights import minimal
from orchestrator.pipeline.rights.treatment import Erased, Treatment, Values, theirs_alone
from orchestrator.pipeline.rights.treatments_of_threads import CONVERSATIONS
from orchestrator.pipeline.unenrolled import NOBODY as NOT_ENROLLED

NOBODY = ""
OF_AGENTS = [kind.value for kind in (EventKind.AGENT_STATUS, EventKind.ROOM, EventKind.TASK_NEWS, EventKind.TASK_LEG)]
OWN_WORDS = ("reply", "keypress", "keypress in an inbound call", "import", "console")  # a source that names nobody


def _attempts_of(who: Erased) -> ColumnElement[bool]:
    """To them, or to a number that is theirs alone."""
    to_number = and_(attempts.c.seller_id == who.seller_id, attempts.c.number_key.in_(who.own_keys))
    return or_(attempts.c.contact_id.in_(who.contact_ids), to_number)


def _in_their_attempts(column: ColumnElement[Any]) -> Callable[[Erased], ColumnElement[bool]]:
    return lambda who: column.in_(select(attempts.c.id).where(_attempts_of(who)))


def _in_their_enrollments(column: ColumnElement[Any]) -> Callable[[Erased], ColumnElement[bool]]:
    return lambda who: column.in_(select(enrollments.c.id).where(enrollments.c.contact_id.in_(who.contact_ids)))


def _under_their_numbers(table: Table) -> Callable[[Erased], ColumnElement[bool]]:
    numbers = select(contact_points.c.number_key)
    return lambda who: and_(
        table.c.seller_id == who.seller_id,
        table.c.number_key.in_(numbers.where(contact_points.c.contact_id.in_(who.contact_ids))),
    )


def _held_by_nobody(table: Table) -> Callable[[Erased], ColumnElement[bool]]:
    """Under a number that no contact of any seller has."""
    held = select(contact_points.c.id).where(contact_points.c.number_key == table.c.number_key)
    return lambda who: and_(table.c.number_key.in_(who.own_keys), ~held.exists())


def _blank_attempt(who: Erased, _: Record) -> Values:
    empty = who.keyring.seal(NOBODY, TO)
    return {"to_sealed": empty, "body_sealed": None, "erased_at": who.now, "rescue_at": None, "lease_until": None}


def _attempts_at_carrier(tx: Connection, who: Erased, rows: Sequence[Record]) -> None:
    asked = [{"channel": row.channel, "attempt_id": row.id, "sid": row.sid} for row in rows]
    carrier_erasures.file(tx, asked, seller_id=who.seller_id, request_id=who.request_id, now=who.now)


def _inbound_at_carrier(tx: Connection, who: Erased, rows: Sequence[Record]) -> None:
    asked = [{"channel": row.channel, "attempt_id": None, "sid": row.sid} for row in rows]
    carrier_erasures.file(tx, asked, seller_id=who.seller_id, request_id=who.request_id, now=who.now)


# The others wait for a fraction of a second, and may free an agent.
_APPLIED_OR_POISONED = or_(inbox.c.processed_at.is_not(None), inbox.c.error.is_not(None))
_HAS_BODY = inbound_contacts.c.body_sealed.is_not(None)
_NOT_FILED = inbound_contacts.c.sid.not_in(
    select(carrier_erasures_table.c.sid).where(carrier_erasures_table.c.sid.is_not(None))
)


def _without_an_attempt(_: Erased) -> ColumnElement[bool]:
    return and_(inbox.c.attempt_id.is_(None), inbox.c.kind.not_in(OF_AGENTS))


def _is_from_them(who: Erased, row: Record) -> bool:
    """Whether a delivery without an attempt came from one of their numbers."""
    event = who.keyring.open_json(row.event_sealed, EVENT)
    return who.keyring.number_key(str(event.get("from_", NOBODY))) in who.own_keys


def _rings_them(who: Erased, row: Record) -> bool:
    ends = who.keyring.open_json(row.ends_sealed, reconciliations.ENDS)
    if row.attempt_id is not None:
        return any(ends.values())
    return any(end and who.keyring.number_key(end) in who.own_keys for end in (ends.get("to"), ends.get("from")))


def _blank_alarm(who: Erased, _: Record) -> Values:
    empty = {"to": NOBODY, "from": NOBODY}
    return {"ends_sealed": who.keyring.seal_json(empty, reconciliations.ENDS), "note": None}


def _names_nobody(source: str) -> bool:
    return source in OWN_WORDS or source.startswith(("request ", "carrier error "))


TREATMENTS: tuple[Treatment, ...] = (
    # First: from then on news of them is dropped as soon as it is applied.
    Treatment(
        table=attempts,
        theirs=lambda who: and_(attempts.c.erased_at.is_(None), _attempts_of(who)),
        blank=_blank_attempt,
        follows=_attempts_at_carrier,
    ),
    Treatment(
        table=list_rows,
        theirs=lambda who: list_rows.c.contact_id.in_(who.contact_ids),
        blank=lambda *_: {"contact_id": None, "reason": None},
    ),
    Treatment(table=callbacks, theirs=_in_their_enrollments(callbacks.c.enrollment_id)),
    Treatment(
        table=offers, theirs=_in_their_enrollments(offers.c.enrollment_id), blank=lambda *_: {"number_key": None}
    ),
    Treatment(
        table=dispositions,
        theirs=lambda who: and_(
            dispositions.c.note_sealed.is_not(None),
            _in_their_attempts(dispositions.c.attempt_id)(who),
        ),
        blank=lambda *_: {"note_sealed": None},
    ),
    Treatment(
        table=transfers,
        theirs=lambda who: and_(transfers.c.to_sealed.is_not(None), _in_their_attempts(transfers.c.attempt_id)(who)),
        blank=lambda *_: {"to_sealed": None},
    ),
    Treatment(
        table=decisions,
        theirs=lambda who: or_(
            decisions.c.contact_id.in_(who.contact_ids),
            and_(decisions.c.contact_id == NOT_ENROLLED, theirs_alone(decisions)(who)),
        ),
        fits=lambda who, row: minimal.names_somebody(who.keyring, row.facts_sealed, FACTS),
        blank=lambda who, row: {"facts_sealed": minimal.facts(who.keyring, row.facts_sealed)},
    ),
    Treatment(
        table=inbox,
        theirs=lambda who: and_(_APPLIED_OR_POISONED, _in_their_attempts(inbox.c.attempt_id)(who)),
    ),
    Treatment(
        table=inbox,
        theirs=lambda _: and_(inbox.c.attempt_id.is_(None), inbox.c.kind.not_in(OF_AGENTS)),
        fits=_is_from_them,
        discloses=_is_from_them,
    ),
    Treatment(
        table=inbound_contacts,
        theirs=lambda who: and_(theirs_alone(inbound_contacts)(who), or_(_HAS_BODY, _NOT_FILED)),
        blank=lambda *_: {"body_sealed": None},
        follows=_inbound_at_carrier,
    ),
    Treatment(
        table=carrier_alarms,
        theirs=lambda who: or_(
            carrier_alarms.c.attempt_id.is_(None), _in_their_attempts(carrier_alarms.c.attempt_id)(who)
        ),
        blank=_blank_alarm,
        fits=_rings_them,
        discloses=_rings_them,
    ),
    Treatment(
        table=suppressions,
        theirs=theirs_alone(suppressions),
        fits=lambda _, row: not _names_nobody(row.source),
        blank=lambda *_: {"source": "words removed by an erasure"},
    ),
    Treatment(
        table=holds_table,
        theirs=theirs_alone(holds_table),
        blank=lambda who, _: {"reason_sealed": who.keyring.seal(NOBODY, holds.REASON)},
    ),
    Treatment(table=opt_ins, theirs=theirs_alone(opt_ins)),
    Treatment(table=number_facts, theirs=_held_by_nobody(number_facts)),
    Treatment(table=reassigned_answers, theirs=_held_by_nobody(reassigned_answers)),
    *CONVERSATIONS,
)


def _keep_proofs(tx: Connection, who: Erased, rows: Sequence[Record], names: frozenset[str]) -> None:
    """What proves stays, beside the consent: this is append-only, and its proof may only be emptied."""
    kept = [
        {
            "consent_id": row.id,
            "seller_id": row.seller_id,
            "number_key": row.number_key,
            "proof_sealed": minimal.proof(who.keyring, row.evidence_sealed, names),
            "kept_at": who.now,
        }
        for row in rows
    ]
    tx.execute(insert(kept_proofs), kept)


def of_the_person(names: frozenset[str]) -> Sequence[Treatment]:
    """What is done in the one transaction that takes the person out; ``names`` are words that name them."""
    return (
        Treatment(
            table=consents,
            theirs=lambda who: (
                consents.c.contact_id.in_(who.contact_ids)
                | ((consents.c.seller_id == who.seller_id) & consents.c.number_key.in_(who.own_keys))
            ),
            fits=lambda _, row: row.evidence_sealed is not None,
            blank=lambda *_: {"evidence_sealed": None},
            follows=lambda tx, who, rows: _keep_proofs(tx, who, rows, names),
        ),
        # Also under a number that somebody else has too: whoever of them it was may sign up again.
        Treatment(table=opt_ins, theirs=_under_their_numbers(opt_ins)),
        Treatment(table=contact_points, theirs=lambda who: contact_points.c.contact_id.in_(who.contact_ids)),
        Treatment(
            table=contacts,
            theirs=lambda who: contacts.c.id.in_(who.contact_ids),
            blank=lambda who, _: {
                "external_key": None,
                "profile_sealed": who.keyring.seal_json({}, PROFILE),
                "region": None,
                "time_zone": None,
                "language": None,
                "updated_at": who.now,
                "erased_at": who.now,
            },
        ),
    )
