"""What is on record about one person, for whoever has to account for it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, or_, select

from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.attempts import attempts, cancellations
from orchestrator.persistence.tables.campaigns import campaigns, decisions, enrollments, halts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.conversations import answers
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.people import consents, contact_points, contacts, number_facts, suppressions

LARGEST_ID = 2**31 - 1


def find_contacts(tx: Connection, keyring: Keyring, named: str, seller_id: str | None) -> Sequence[Record]:
    """Everybody whom an E.164 number, a contact id or a seller's own id names, by id; erased people too.

    Several sellers, or several people of one household, may answer to the same number.
    """
    ids = _named_by_number(tx, keyring, named) if named.startswith("+") else _named_by_id(tx, keyring, named)
    query = select(contacts).where(contacts.c.id.in_(ids)).order_by(contacts.c.id)
    if seller_id is not None:
        query = query.where(contacts.c.seller_id == seller_id)
    return tx.execute(query).all()


def _named_by_number(tx: Connection, keyring: Keyring, number: str) -> set[int]:
    """Holders now, and those whom we tried there before their numbers were erased."""
    key = keyring.number_key(number)
    holders = select(contact_points.c.contact_id).where(contact_points.c.number_key == key)
    tried = select(attempts.c.contact_id).where(attempts.c.number_key == key)
    return {*tx.execute(holders).scalars(), *tx.execute(tried).scalars()}


def _named_by_id(tx: Connection, keyring: Keyring, named: str) -> set[int]:
    theirs: ColumnElement[bool] = contacts.c.external_key == keyring.number_key(f"external:{named}")
    is_id = named.isascii() and named.isdigit() and int(named) <= LARGEST_ID
    query = select(contacts.c.id).where(or_(theirs, contacts.c.id == int(named)) if is_id else theirs)
    return set(tx.execute(query).scalars())


def points_of(tx: Connection, contact_id: int) -> Sequence[Record]:
    """The person's numbers in the list's order, with what is known of each."""
    query = (
        select(contact_points, number_facts.c.line_type, number_facts.c.dead_at, number_facts.c.dead_reason)
        .outerjoin(number_facts, number_facts.c.number_key == contact_points.c.number_key)
        .where(contact_points.c.contact_id == contact_id)
        .order_by(contact_points.c.position, contact_points.c.id)
    )
    return tx.execute(query).all()


def decisions_of(tx: Connection, contact_id: int, campaign_id: int | None) -> Sequence[Record]:
    """Every question that was put to the gate about the person, oldest first, with the campaign's name."""
    query = (
        select(decisions, campaigns.c.name.label("campaign_name"))
        .join(campaigns, campaigns.c.id == decisions.c.campaign_id)
        .where(decisions.c.contact_id == contact_id)
        .order_by(decisions.c.decided_at, decisions.c.id)
    )
    return tx.execute(query.where(*_only(decisions.c.campaign_id, campaign_id))).all()


def attempts_of(
    tx: Connection, contact_id: int, seller_id: str, keys: Collection[bytes], campaign_id: int | None
) -> Sequence[Record]:
    """Every attempt at the person, and at one of their numbers for this seller, oldest first: the law counts both."""
    same_number = (attempts.c.seller_id == seller_id) & attempts.c.number_key.in_(keys)
    query = (
        select(
            attempts,
            campaigns.c.name.label("campaign_name"),
            cancellations.c.reason.label("cancelled_for"),
            cancellations.c.filed_at.label("cancelled_at"),
            answers.c.written_by,
        )
        .join(campaigns, campaigns.c.id == attempts.c.campaign_id)
        .outerjoin(cancellations, cancellations.c.attempt_id == attempts.c.id)
        .outerjoin(answers, answers.c.id == attempts.c.id)
        .where(or_(attempts.c.contact_id == contact_id, same_number))
        .order_by(attempts.c.planned_at, attempts.c.id)
    )
    return tx.execute(query.where(*_only(attempts.c.campaign_id, campaign_id))).all()


def _only(column: Column[int], campaign_id: int | None) -> tuple[ColumnElement[bool], ...]:
    return () if campaign_id is None else (column == campaign_id,)


def consents_of(tx: Connection, seller_id: str, keys: Collection[bytes]) -> Sequence[Record]:
    """Every consent given or withdrawn for these numbers, oldest first."""
    query = select(consents).where(consents.c.seller_id == seller_id, consents.c.number_key.in_(keys))
    return tx.execute(query.order_by(consents.c.happened_at, consents.c.id)).all()


def suppressions_of(tx: Connection, seller_id: str, keys: Collection[bytes]) -> Sequence[Record]:
    """Every no for these numbers, lifted ones too, oldest first."""
    query = select(suppressions).where(suppressions.c.seller_id == seller_id, suppressions.c.number_key.in_(keys))
    return tx.execute(query.order_by(suppressions.c.at, suppressions.c.id)).all()


def inbound_of(tx: Connection, seller_id: str, keys: Collection[bytes]) -> Sequence[Record]:
    """Every call and message that came from these numbers, oldest first."""
    query = select(inbound_contacts).where(
        inbound_contacts.c.seller_id == seller_id, inbound_contacts.c.number_key.in_(keys)
    )
    return tx.execute(query.order_by(inbound_contacts.c.at, inbound_contacts.c.id)).all()


def enrollments_of(tx: Connection, contact_id: int, campaign_id: int | None) -> Sequence[Record]:
    """Where the person stands in each campaign, with the campaign's name and state."""
    query = (
        select(enrollments, campaigns.c.name.label("campaign_name"), campaigns.c.state.label("campaign_state"))
        .join(campaigns, campaigns.c.id == enrollments.c.campaign_id)
        .where(enrollments.c.contact_id == contact_id)
        .order_by(enrollments.c.campaign_id)
    )
    return tx.execute(query.where(*_only(enrollments.c.campaign_id, campaign_id))).all()


def halts_at(tx: Connection, at: datetime) -> Sequence[Record]:
    """The stops by hand that were in force at that moment."""
    query = select(halts).where(
        halts.c.since <= at,
        or_(halts.c.lifted_at.is_(None), halts.c.lifted_at > at),
        or_(halts.c.until.is_(None), halts.c.until > at),
    )
    return tx.execute(query.order_by(halts.c.id)).all()
