"""The consent ledger read back: every entry about a number, one record, and what must be looked at for its age."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, exists, insert, or_, select

from orchestrator.domain.consent_event import ConsentState
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.consenting import consent_terms
from orchestrator.persistence.tables.people import consents, contact_points, contacts, number_facts

IN_ORDER = (consents.c.happened_at, consents.c.id)


def entries(tx: Connection, seller_id: str, number_key: bytes) -> Sequence[Record]:
    """All that was ever recorded about the number for this seller, in the order in which it happened."""
    about = consents.c.seller_id == seller_id, consents.c.number_key == number_key
    return tx.execute(select(consents).where(*about).order_by(*IN_ORDER)).all()


def sellers_of(tx: Connection, number_key: bytes) -> Sequence[str]:
    """Which sellers have entries about the number."""
    query = select(consents.c.seller_id).where(consents.c.number_key == number_key)
    return tx.execute(query.distinct().order_by(consents.c.seller_id)).scalars().all()


def find(tx: Connection, entry_id: int) -> Record | None:
    """The entry of that number."""
    return tx.execute(select(consents).where(consents.c.id == entry_id)).one_or_none()


def of_record(tx: Connection, record_id: UUID) -> Sequence[Record]:
    """The entries of one record, in the order in which they were recorded."""
    query = select(consents).where(consents.c.record_id == record_id)
    return tx.execute(query.order_by(consents.c.recorded_at, consents.c.id)).all()


def terms(tx: Connection, terms_id: int | None) -> dict[str, Any]:
    """What was true of the controller when an entry was recorded; empty where it was never said."""
    if terms_id is None:
        return {}
    found = tx.execute(select(consent_terms.c.content).where(consent_terms.c.id == terms_id)).scalar_one_or_none()
    return dict(found or {})


def add_terms(tx: Connection, seller_id: str, content: dict[str, Any], by: str, now: datetime) -> None:
    """Say what holds of the controller from now on."""
    row = {"seller_id": seller_id, "content": content, "recorded_at": now, "recorded_by": by}
    tx.execute(insert(consent_terms).values(row))


def holder(tx: Connection, seller_id: str, number_key: bytes) -> Record | None:
    """The oldest of the seller's people who has the number, with what is known of it; None where nobody has."""
    return tx.execute(_holders(seller_id).where(contact_points.c.number_key == number_key)).first()


def lock_holders(tx: Connection, seller_id: str, number_key: bytes) -> None:
    """Wait for whoever decides about the people with this number, and keep others from deciding until the commit."""
    if tx.dialect.name == "sqlite":
        return  # BEGIN IMMEDIATE has locked everybody
    theirs = select(contact_points.c.contact_id).where(
        contact_points.c.seller_id == seller_id, contact_points.c.number_key == number_key
    )
    tx.execute(select(contacts.c.id).where(contacts.c.id.in_(theirs)).order_by(contacts.c.id).with_for_update())


def may_end(tx: Connection, by: datetime, given_by: datetime, after: int, limit: int) -> Sequence[Record]:
    """Proven consents that may have ended by then for their age, each with who holds the number, by id from there.

    ``given_by``: what was given later is too young for any rule. What has expired or ended on record is left out.
    """
    later = consents.alias("later")
    over = exists().where(
        later.c.record_id == consents.c.record_id,
        later.c.event == ConsentState.EXPIRED.value,
    )
    query = select(consents).where(
        consents.c.event == ConsentState.GIVEN.value,
        consents.c.evidence_sealed.is_not(None),
        or_(consents.c.expires_at <= by, consents.c.happened_at <= given_by),
        consents.c.id > after,
        ~over,
    )
    return tx.execute(query.order_by(consents.c.id).limit(limit)).all()


def _holders(seller_id: str) -> Select[tuple[Any, ...]]:
    return (
        select(
            contacts.c.id,
            contacts.c.profile_sealed,
            contacts.c.country,
            contacts.c.region,
            contacts.c.time_zone,
            contacts.c.language,
            contacts.c.subscriber,
            contact_points.c.number_sealed,
            number_facts.c.line_type,
        )
        .join(contact_points, contact_points.c.contact_id == contacts.c.id)
        .outerjoin(number_facts, number_facts.c.number_key == contact_points.c.number_key)
        .where(contact_points.c.seller_id == seller_id)
        .order_by(contacts.c.id)
    )
