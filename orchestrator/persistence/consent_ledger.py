"""The consent ledger read back: every entry about a number, one record, and what must be looked at for its age."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Connection, exists, insert, or_, select

from orchestrator.domain.consent_event import ConsentState
from orchestrator.domain.contact_request import ConsentChannel
from orchestrator.persistence.by_number import of_any_seller
from orchestrator.persistence.tables.accountability import closings
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.consenting import consent_terms
from orchestrator.persistence.tables.people import consents, contact_points, contacts, number_facts

Whose: TypeAlias = tuple[str, bytes]  # a seller and a number's key
IN_ORDER = (consents.c.happened_at, consents.c.id)


def entries(tx: Connection, seller_id: str, number_key: bytes) -> Sequence[Record]:
    """All that was ever recorded about the number for this seller, in the order in which it happened."""
    about = consents.c.seller_id == seller_id, consents.c.number_key == number_key
    return tx.execute(select(consents).where(*about).order_by(*IN_ORDER)).all()


def entries_about(
    tx: Connection, seller_ids: Collection[str], number_keys: Collection[bytes]
) -> Mapping[Whose, Sequence[Record]]:
    """The same for many sellers and numbers at once, by both."""
    found: dict[Whose, list[Record]] = defaultdict(list)
    about = consents.c.seller_id.in_(seller_ids), consents.c.number_key.in_(number_keys)
    for row in tx.execute(select(consents).where(*about).order_by(*IN_ORDER)):
        found[row.seller_id, bytes(row.number_key)].append(row)
    return found


def sellers_of(tx: Connection, number_key: bytes) -> Sequence[str]:
    """Which sellers have entries about the number."""
    query = select(consents.c.seller_id).where(of_any_seller(consents, [number_key]))
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


def holders(tx: Connection, seller_ids: Collection[str], number_keys: Collection[bytes]) -> Mapping[Whose, Record]:
    """Of the people of these sellers who have one of these numbers the oldest of each, by seller and number."""
    query = (
        select(
            contacts.c.id,
            contacts.c.profile_sealed,
            contacts.c.country,
            contacts.c.region,
            contacts.c.time_zone,
            contacts.c.subscriber,
            contacts.c.language,
            contact_points.c.seller_id,
            contact_points.c.number_key,
            contact_points.c.number_sealed,
            number_facts.c.line_type,
        )
        .join(contact_points, contact_points.c.contact_id == contacts.c.id)
        .outerjoin(number_facts, number_facts.c.number_key == contact_points.c.number_key)
        .where(contact_points.c.seller_id.in_(seller_ids), contact_points.c.number_key.in_(number_keys))
        .order_by(contacts.c.id.desc())
    )
    return {(row.seller_id, bytes(row.number_key)): row for row in tx.execute(query)}


def lock_holders(tx: Connection, seller_id: str, number_key: bytes) -> None:
    """Wait for whoever decides about the people with this number, and keep others from deciding until the commit."""
    if tx.dialect.name == "sqlite":
        return  # BEGIN IMMEDIATE has locked everybody
    theirs = select(contact_points.c.contact_id).where(
        contact_points.c.seller_id == seller_id, contact_points.c.number_key == number_key
    )
    tx.execute(select(contacts.c.id).where(contacts.c.id.in_(theirs)).order_by(contacts.c.id).with_for_update())


def may_end(tx: Connection, by: datetime, given_by: datetime, after: int, limit: int) -> Sequence[Record]:
    """Proven consents that may have ended by then for their age, by id from there.

    ``given_by``: what was given later is too young for any rule. What has expired or ended on record is left out, and
    what is kept of sellers that leave: nothing is written for them any more.
    """
    later = consents.alias("later")
    over = exists().where(
        later.c.record_id == consents.c.record_id,
        later.c.event == ConsentState.EXPIRED.value,
        later.c.channel.in_((consents.c.channel, ConsentChannel.ANY.value)),
        or_(later.c.purpose.is_(None), later.c.purpose == consents.c.purpose),
    )
    query = select(consents).where(
        consents.c.event == ConsentState.GIVEN.value,
        consents.c.evidence_sealed.is_not(None),
        or_(consents.c.expires_at <= by, consents.c.happened_at <= given_by),
        consents.c.id > after,
        ~over,
        consents.c.seller_id.not_in(select(closings.c.seller_id)),
    )
    return tx.execute(query.order_by(consents.c.id).limit(limit)).all()
