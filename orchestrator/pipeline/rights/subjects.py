"""Whose request it is: one person of one seller, by every number of theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import phonenumbers
from sqlalchemy import Connection, select

from orchestrator.domain.contact_request import ReassignedResult
from orchestrator.domain.errors import UserError
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import contact_points, contacts, reassigned_answers, sellers

LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who is meant. ``numbers``: each key with whether another person of the seller answers there too.

    ``people`` are the rows of contacts; several only where a number alone was named, none where the seller has none.
    """

    seller_id: str
    people: tuple[Record, ...]
    numbers: Mapping[bytes, bool]
    jurisdiction: str
    reassigned: bool = False

    @property
    def contact_ids(self) -> tuple[int, ...]:
        """The ids of the people."""
        return tuple(row.id for row in self.people)

    @property
    def own_keys(self) -> frozenset[bytes]:
        """The numbers at which nobody else answers: rows of these are theirs, whoever they name."""
        return frozenset(key for key, shared in self.numbers.items() if not shared)

    @property
    def in_doubt(self) -> str:
        """Why it is not sure that who asks is who is meant; empty where nothing speaks against it."""
        if any(self.numbers.values()):
            return "another person of this seller has the same number"
        return "the number is known to have been reassigned" if self.reassigned else ""


def find(tx: Connection, keyring: Keyring, named: str, seller_id: str) -> Subject:
    """Whom a number (E.164) or a contact id means; UserError for a number that is none, or an id of nobody."""
    if named.startswith("+"):
        return _by_number(tx, keyring, e164(named), seller_id)
    row = _by_id(tx, named, seller_id)
    return _subject(tx, seller_id, (row,), _keys_of(tx, (row.id,)), _home_of(row))


def require_one(subject: Subject) -> Subject:
    """The same; UserError where several people have the number, and only one can have asked."""
    if len(subject.people) > 1:
        ids = ", ".join(str(number) for number in subject.contact_ids)
        raise UserError(f"Several people have that number: name the one who asks by contact id, one of {ids}.")
    return subject


def again(tx: Connection, seller_id: str, contact_id: int | None, numbers: Mapping[bytes, bool], place: str) -> Subject:
    """The person of a request that was taken down earlier, as they stand now; no people where they are gone."""
    held = select(contact_points.c.contact_id).where(
        contact_points.c.seller_id == seller_id,
        contact_points.c.number_key.in_([key for key, shared in numbers.items() if not shared]),
    )
    who = contacts.c.id.in_(held) | (contacts.c.id == contact_id) if contact_id else contacts.c.id.in_(held)
    rows = tx.execute(select(contacts).where(who, contacts.c.seller_id == seller_id).order_by(contacts.c.id)).all()
    return Subject(seller_id=seller_id, people=tuple(rows), numbers=dict(numbers), jurisdiction=place)


def numbers_of(tx: Connection, seller_id: str, contact_ids: Sequence[int]) -> dict[bytes, bool]:
    """Every number that these people have, each with whether another person of the seller answers there too."""
    keys = _keys_of(tx, contact_ids)
    shared = _shared(tx, seller_id, contact_ids, keys)
    return {key: key in shared for key in keys}


def e164(text: str) -> str:
    """The number as it is kept, however it is spaced; UserError for one that is none."""
    try:
        parsed = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        raise UserError("That is no valid number; write it in E.164, as in +12125550100, or name a contact id.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _by_number(tx: Connection, keyring: Keyring, number: str, seller_id: str) -> Subject:
    key = keyring.number_key(number)
    held = select(contact_points.c.contact_id).where(
        contact_points.c.seller_id == seller_id, contact_points.c.number_key == key
    )
    rows = tx.execute(
        select(contacts).where(contacts.c.id.in_(held), contacts.c.erased_at.is_(None)).order_by(contacts.c.id)
    ).all()
    if len(rows) == 1:
        return _subject(tx, seller_id, tuple(rows), _keys_of(tx, (rows[0].id,)), _home_of(rows[0]))
    home = _home_of(rows[0]) if rows else _country_of(number) or _home_of_seller(tx, seller_id)
    return replace(_subject(tx, seller_id, tuple(rows), [key], home), numbers={key: len(rows) > 1})


def _by_id(tx: Connection, named: str, seller_id: str) -> Record:
    is_id = named.isascii() and named.isdigit() and int(named) <= LARGEST_ID
    row = None
    if is_id:
        query = select(contacts).where(contacts.c.id == int(named), contacts.c.seller_id == seller_id)
        row = tx.execute(query).one_or_none()
    if row is None:
        raise UserError(
            f"Seller '{seller_id}' has no contact '{named}'; name a contact id or a number as in +12125550100. "
            "`orchestrator explain` finds people by the list's own id."
        )
    if row.erased_at is not None:
        raise UserError(f"Contact {row.id} was erased on {row.erased_at:%Y-%m-%d}; only keys are left of them.")
    return row


def _subject(tx: Connection, seller_id: str, people: tuple[Record, ...], keys: Sequence[bytes], home: str) -> Subject:
    shared = _shared(tx, seller_id, [row.id for row in people], keys)
    gone = select(reassigned_answers.c.number_key).where(
        reassigned_answers.c.number_key.in_(keys), reassigned_answers.c.result == ReassignedResult.YES.value
    )
    return Subject(
        seller_id=seller_id,
        people=people,
        numbers={key: key in shared for key in keys},
        jurisdiction=home,
        reassigned=tx.execute(gone.limit(1)).first() is not None,
    )


def _shared(tx: Connection, seller_id: str, contact_ids: Sequence[int], keys: Sequence[bytes]) -> set[bytes]:
    others = select(contact_points.c.number_key).where(
        contact_points.c.seller_id == seller_id,
        contact_points.c.number_key.in_(keys),
        contact_points.c.contact_id.not_in(contact_ids),
    )
    return {bytes(key) for key in tx.execute(others).scalars()}


def _keys_of(tx: Connection, contact_ids: Sequence[int]) -> list[bytes]:
    query = select(contact_points.c.number_key).where(contact_points.c.contact_id.in_(contact_ids))
    return [bytes(key) for key in tx.execute(query.order_by(contact_points.c.position)).scalars()]


def _home_of(contact: Record) -> str:
    return f"{contact.country}-{contact.region}" if contact.country == "US" and contact.region else str(contact.country)


def _home_of_seller(tx: Connection, seller_id: str) -> str:
    return str(tx.execute(select(sellers.c.country).where(sellers.c.id == seller_id)).scalar_one())


def _country_of(number: str) -> str | None:
    code = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    return code if code and code != "001" else None
