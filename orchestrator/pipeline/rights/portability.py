"""What the person provided, on the basis of their consent, in a form that machines read (GDPR article 20)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from orchestrator.compliance.suppression import THE_PERSONS_OWN
from orchestrator.persistence.consents import EVIDENCE
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.people import consents
from orchestrator.pipeline.reception.receiving import BODY
from orchestrator.pipeline.rights.disclosure import Book, heading, person_form
from orchestrator.pipeline.rights.subjects import Subject

LEFT_OUT = (
    "What we found out ourselves or had from others is no part of this: kinds of lines, decisions, calls, what agents "
    "noted, and data from lists for which no consent of the person's own is on record. An access tells all of it."
)
FORMAT = "urn:outbound-orchestrator:portability:1"


def portable(tx: Connection, book: Book, subject: Subject, request: Record, now: datetime) -> dict[str, Any]:
    """The profile where the person gave it with a consent of their own, those consents, and what they wrote to us."""
    own = _own_consents(tx, book, subject)
    people = [person_form(tx, book.keyring, row) for row in subject.people]
    return {
        **heading(tx, request, now),
        "format": FORMAT,
        "people": people if own else [],
        "consents": own,
        "messages": _written(tx, book, subject),
        "left_out": LEFT_OUT,
    }


def _own_consents(tx: Connection, book: Book, subject: Subject) -> list[dict[str, Any]]:
    theirs = consents.c.contact_id.in_(subject.contact_ids) | (
        (consents.c.seller_id == subject.seller_id) & consents.c.number_key.in_(subject.own_keys)
    )
    own = consents.c.source.in_([source.value for source in THE_PERSONS_OWN])
    query = select(consents).where(theirs, own).order_by(consents.c.happened_at, consents.c.id)
    return [
        {
            "event": row.event,
            "channel": row.channel,
            "level": row.level,
            "source": row.source,
            "at": row.happened_at.isoformat(),
            "expires_at": row.expires_at.isoformat() if row.expires_at else None,
            "proof": None if row.evidence_sealed is None else book.keyring.open(row.evidence_sealed, EVIDENCE),
        }
        for row in tx.execute(query)
    ]


def _written(tx: Connection, book: Book, subject: Subject) -> list[dict[str, Any]]:
    query = select(inbound_contacts).where(
        inbound_contacts.c.seller_id == subject.seller_id,
        inbound_contacts.c.number_key.in_(subject.own_keys),
        inbound_contacts.c.body_sealed.is_not(None),
    )
    return [
        {"at": row.at.isoformat(), "to": row.sender, "text": book.keyring.open(row.body_sealed, BODY)}
        for row in tx.execute(query.order_by(inbound_contacts.c.at))
    ]
