"""What a seller held about a number on a day, on which evidence, and what of it counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from orchestrator.compliance.consent_term import STATED, Holder, Term, Use, flaw, term_of, uses_of
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.campaign import Seller
from orchestrator.domain.consent_standing import Standing, held
from orchestrator.domain.contact_request import (
    CallerFacts,
    ConsentChannel,
    ConsentFacts,
    ConsentLevel,
    ConsentSource,
    ContactFacts,
    LineType,
    Purpose,
    Subscriber,
)
from orchestrator.persistence import consent_ledger, sellers
from orchestrator.persistence.consents import EVIDENCE
from orchestrator.persistence.dossiers import NUMBER, PROFILE
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record

MARKETING = Purpose.TELEMARKETING  # what a consent that names no purpose is held against: the strictest


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One consent as it stood. ``flaws`` says by use why it did not count, empty where it did."""

    entry: Record
    end: Record | None
    evidence: Mapping[str, Any] | None
    term: Term | None
    flaws: Mapping[Use, str]

    @property
    def counts_for(self) -> tuple[Use, ...]:
        """The uses for which it counted."""
        return tuple(use for use, reason in self.flaws.items() if not reason)


@dataclass(frozen=True, slots=True)
class Said:
    """An entry that gave nothing, and how that was said: the words of a withdrawal, what was asked for …"""

    entry: Record
    evidence: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one seller held of one number at a moment; ``said`` are the entries that gave nothing."""

    seller_id: str
    at: datetime
    holdings: Sequence[Holding]
    said: Sequence[Said]


def accounts(
    store: Store, rulebook: Rulebook, number: str, at: datetime, seller_id: str | None = None
) -> Sequence[Account]:
    """What was held at that moment, by seller: the seller named, else everyone who has an entry about the number."""
    key = store.keyring.number_key(number)
    with store.read() as tx:
        named = [sellers.on_record(tx, seller_id).id] if seller_id else consent_ledger.sellers_of(tx, key)
        return [_account(tx, store.keyring, rulebook, one, number, at) for one in named]


def _account(
    tx: Connection, keyring: Keyring, rulebook: Rulebook, seller_id: str, number: str, at: datetime
) -> Account:
    key = keyring.number_key(number)
    rows = consent_ledger.entries(tx, seller_id, key)
    seller, who = sellers.on_record(tx, seller_id), contact_of(tx, keyring, seller_id, key, number)
    standing = held(rows, at)
    given = {one.given.id for one in standing}
    known = [row for row in rows if row.recorded_at <= at and row.happened_at <= at and row.id not in given]
    holdings = [_holding(keyring, rulebook, seller, who, one, at) for one in standing]
    said = [Said(row, evidence_of(keyring, row)) for row in known]
    return Account(seller_id=seller_id, at=at, holdings=holdings, said=said)


def _holding(
    keyring: Keyring, rulebook: Rulebook, seller: Seller, who: ContactFacts, standing: Standing, at: datetime
) -> Holding:
    row, end = standing.given, standing.end
    consent, holder = facts_of(row, end), holder_of(row, seller, who)
    return Holding(
        entry=row,
        end=end,
        evidence=evidence_of(keyring, row),
        term=term_of(rulebook, holder, consent, at),
        flaws={use: flaw(rulebook, holder, consent, use, at) for use in uses_of(consent)},
    )


def evidence_of(keyring: Keyring, row: Record) -> Mapping[str, Any] | None:
    """The evidence opened; None for an unproven consent, or one whose evidence the law took away."""
    if row.evidence_sealed is None:
        return None
    found: Mapping[str, Any] = keyring.open_json(row.evidence_sealed, EVIDENCE)
    return found


def contact_of(tx: Connection, keyring: Keyring, seller_id: str, key: bytes, number: str | None = None) -> ContactFacts:
    """Who holds the number, as the gate would see them; the number alone where it is nobody's, or none is known."""
    return contact_in(keyring, consent_ledger.holders(tx, [seller_id], [key]).get((seller_id, key)), number)


def contact_in(keyring: Keyring, row: Record | None, number: str | None = None) -> ContactFacts:
    """The same from the row of who holds it."""
    if row is None:
        return ContactFacts(number=number or "")
    return ContactFacts(
        number=number or keyring.open(row.number_sealed, NUMBER),
        id=str(row.id),
        line_type=LineType(row.line_type or LineType.UNKNOWN),
        country=row.country,
        region=row.region,
        postal_code=keyring.open_json(row.profile_sealed, PROFILE).get("postal_code"),
        time_zone=row.time_zone,
        subscriber=Subscriber(row.subscriber),
    )


def holder_of(row: Record, seller: Seller, who: ContactFacts) -> Holder:
    """Whose consent the entry is, to whom and what for."""
    caller = CallerFacts(kind=seller.kind, id=seller.id, country=seller.country, registrations=seller.registrations)
    return Holder(contact=who, caller=caller, purpose=Purpose(row.purpose) if row.purpose else MARKETING)


def facts_of(row: Record, end: Record | None) -> ConsentFacts:
    """The entry as the gate would see it."""
    return ConsentFacts(
        channel=ConsentChannel(row.channel),
        level=ConsentLevel(row.level),
        given_at=row.happened_at,
        automated=row.automated,
        withdrawn_at=end.happened_at if end is not None else None,
        states_period=row.states_period,
        expires_at=row.expires_at,
        evidence=row.evidence_sealed is not None,
        source=ConsentSource(row.source) if row.source else None,
        opt_out_offered_at_collection=row.opt_out_offered,
        subject=row.subject,
        to_caller=row.to_caller,
    )


def ends(term: Term | None) -> str:
    """When it ends and why, in words; empty where nothing ends it."""
    if term is None:
        return ""
    return f"{term.ends_at:%Y-%m-%d}" + (", as it says" if term.by == STATED else f" by {term.by}")
