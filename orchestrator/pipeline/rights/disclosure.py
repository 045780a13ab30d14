"""Everything that GDPR article 15 asks to be told, about one person of one seller, as plain JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from orchestrator.compliance.retention_law import RetentionLaw
from orchestrator.compliance.rights_law import RightsLaw
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.persistence.dossiers import NUMBER, PROFILE
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import campaigns, enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.lists import list_rows, scrubs
from orchestrator.persistence.tables.people import (
    contact_points,
    sellers,
    suppressions,
)
from orchestrator.persistence.tables.proof import access_numbers, accesses
from orchestrator.persistence.tables.rights import rights_numbers, rights_requests
from orchestrator.pipeline import explain
from orchestrator.pipeline.rights.disclosure_terms import periods, sources
from orchestrator.pipeline.rights.disclosure_words import CATEGORIES, LOGIC, RECORDINGS, RIGHTS, TRANSFERS
from orchestrator.pipeline.rights.records import every_row
from orchestrator.pipeline.rights.subjects import Subject
from orchestrator.pipeline.rights.treatment import Erased

OF_AN_ATTEMPT = frozenset({"attempt", "disposition", "callback", "transfer"})


@dataclass(frozen=True, slots=True)
class Book:
    """Where it is read from, and by which law it is told."""

    store: Store
    rulebook: Rulebook
    law: RightsLaw
    retention: RetentionLaw

    @property
    def keyring(self) -> Keyring:
        """The keys that open it."""
        return self.store.keyring


def access(tx: Connection, book: Book, subject: Subject, request: Record, now: datetime) -> dict[str, Any]:
    """All of it: article 15(1) in its order, then every record."""
    who = erased_form(book, subject, request, now)
    return {
        **heading(tx, request, now),
        "is_processed": bool(subject.people) or bool(_suppressions(tx, subject)),
        "people": [person_form(tx, book.keyring, row) for row in subject.people],
        "purposes": _purposes(tx, subject),
        "categories": list(CATEGORIES),
        "recipients": [
            {"name": one.name, "role": one.role, "receives": one.receives, "where": one.where}
            for one in book.law.recipients
        ],
        "transfers": TRANSFERS,
        "kept_for": periods(book.law, book.retention, subject, now.date()),
        "rights": list(RIGHTS),
        "source": sources(tx, subject),
        "automated_decisions": LOGIC,
        "recordings": RECORDINGS,
        "history": _history(book, subject, now),
        "objections": _suppressions(tx, subject),
        "scrubs": _scrubs(tx, subject),
        "read_by": _readings(tx, subject),
        "requests": _requests(tx, subject),
        "shared_numbers": any(subject.numbers.values()),
        "records": every_row(tx, who),
    }


def heading(tx: Connection, request: Record, now: datetime) -> dict[str, Any]:
    """Who answers, to which request, and when."""
    seller = tx.execute(select(sellers).where(sellers.c.id == request.seller_id)).one()
    return {
        "request": request.id,
        "right": request.kind,
        "received_at": request.received_at.isoformat(),
        "answered_at": now.isoformat(),
        "controller": {"name": seller.name, "country": seller.country, "phone": seller.callback_number},
    }


def erased_form(book: Book, subject: Subject, request: Record, now: datetime) -> Erased:
    """The person in the form in which the map of all tables finds their rows."""
    return Erased(
        request_id=request.id,
        seller_id=subject.seller_id,
        contact_ids=subject.contact_ids,
        own_keys=subject.own_keys,
        keyring=book.keyring,
        now=now,
    )


def person_form(tx: Connection, keyring: Keyring, row: Record) -> dict[str, Any]:
    """Who they are and how they are reached."""
    points = select(contact_points).where(contact_points.c.contact_id == row.id).order_by(contact_points.c.position)
    return {
        "contact": row.id,
        "profile": keyring.open_json(row.profile_sealed, PROFILE),
        "country": row.country,
        "region": row.region,
        "time_zone": row.time_zone,
        "language": row.language,
        "known_since": row.created_at.isoformat(),
        "numbers": [
            {"number": keyring.open(point.number_sealed, NUMBER), "label": point.label, "country": point.country}
            for point in tx.execute(points)
        ],
    }


def _purposes(tx: Connection, subject: Subject) -> list[dict[str, Any]]:
    query = (
        select(campaigns.c.name, campaigns.c.purpose, campaigns.c.plan, enrollments.c.stage, enrollments.c.done_reason)
        .join(enrollments, enrollments.c.campaign_id == campaigns.c.id)
        .where(enrollments.c.contact_id.in_(subject.contact_ids))
        .order_by(campaigns.c.id)
    )
    return [
        {
            "campaign": row.name,
            "purpose": row.purpose,
            "lawful_basis": row.plan.get("lawful_basis") or "as the consents and the law of the place allow",
            "stands": row.done_reason or row.stage,
        }
        for row in tx.execute(query)
    ]


def _history(book: Book, subject: Subject, now: datetime) -> list[dict[str, Any]]:
    """What happened, as it is told to a lawyer; of a number that others share only what names this person."""
    shared = _shared_numbers(book, subject)
    found: list[dict[str, Any]] = []
    for contact_id in subject.contact_ids:
        stories = explain.explain(book.store, book.rulebook, str(contact_id), now, seller_id=subject.seller_id)
        story = next(story for story in stories if story.contact_id == contact_id)
        found += [explain.event_form(event) for event in _theirs(story, shared)]
    return found


def _theirs(story: explain.Explanation, shared: frozenset[str]) -> Iterator[explain.Told]:
    """A story tells of attempts at others who have the number, and of what was said in these: that is not theirs."""
    own = {event.facts["id"] for event in story.events if event.facts.get("contact_id") == story.contact_id}
    for event in story.events:
        if event.kind in OF_AN_ATTEMPT:
            fits = event.facts.get("id", event.facts.get("attempt_id")) in own
        else:
            fits = event.kind == "decision" or event.facts.get("number") not in shared
        if fits:
            yield event


def _shared_numbers(book: Book, subject: Subject) -> frozenset[str]:
    keys = [key for key, shared in subject.numbers.items() if shared]
    with book.store.read() as tx:
        query = select(contact_points.c.number_sealed).where(contact_points.c.number_key.in_(keys))
        return frozenset(book.keyring.open(sealed, NUMBER) for sealed in tx.execute(query).scalars())


def _suppressions(tx: Connection, subject: Subject) -> list[dict[str, Any]]:
    query = select(suppressions).where(
        suppressions.c.seller_id == subject.seller_id, suppressions.c.number_key.in_(subject.numbers)
    )
    return [
        {
            "kind": row.kind,
            "channel": row.channel,
            "scope": row.scope,
            "at": row.at.isoformat(),
            "lifted_at": row.lifted_at.isoformat() if row.lifted_at else None,
        }
        for row in tx.execute(query.order_by(suppressions.c.at, suppressions.c.id))
    ]


def _scrubs(tx: Connection, subject: Subject) -> list[dict[str, Any]]:
    on = select(list_rows.c.list_id).where(list_rows.c.contact_id.in_(subject.contact_ids))
    query = select(scrubs.c.started_at, scrubs.c.snapshots).where(
        scrubs.c.list_id.in_(on), scrubs.c.finished_at.is_not(None)
    )
    return [
        {"at": row.started_at.isoformat(), "against": sorted(row.snapshots)}
        for row in tx.execute(query.order_by(scrubs.c.started_at))
    ]


def _readings(tx: Connection, subject: Subject) -> list[dict[str, Any]]:
    query = (
        select(accesses.c.at, accesses.c.actor, accesses.c.action, accesses.c.reason)
        .join(access_numbers, access_numbers.c.access_id == accesses.c.id)
        .where(access_numbers.c.number_key.in_(subject.own_keys))
        .where(accesses.c.seller_id.is_(None) | (accesses.c.seller_id == subject.seller_id))
        .distinct()
    )
    rows = tx.execute(query.order_by(accesses.c.at)).all()
    return [{"at": row.at.isoformat(), "by": row.actor, "what": row.action, "why": row.reason} for row in rows]


def _requests(tx: Connection, subject: Subject) -> list[dict[str, Any]]:
    numbered = select(rights_numbers.c.request_id).where(rights_numbers.c.number_key.in_(subject.own_keys))
    mine = rights_requests.c.id.in_(numbered) | rights_requests.c.contact_id.in_(subject.contact_ids)
    query = select(rights_requests).where(rights_requests.c.seller_id == subject.seller_id, mine)
    return [
        {"request": row.id, "right": row.kind, "received_at": row.received_at.isoformat(), "stands": row.state}
        for row in tx.execute(query.order_by(rights_requests.c.id))
    ]
