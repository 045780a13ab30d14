"""The rows that a record becomes, sealed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orchestrator.domain.card_numbers import without_cards
from orchestrator.domain.consent_event import Collection, ConsentEvent, ConsentState, names_seller
from orchestrator.domain.contact_request import ConsentChannel, ConsentSource, SuppressionKind, SuppressionScope
from orchestrator.persistence import consents
from orchestrator.persistence.contacts import Row
from orchestrator.persistence.dossiers import PROFILE
from orchestrator.persistence.encryption import Keyring
from orchestrator.pipeline.intake.consent_cells import ConsentClaim
from orchestrator.pipeline.intake.entry import Point


def consent_event(
    seller_id: str,
    claim: ConsentClaim,
    now: datetime,
    *,
    contact_id: int | None = None,
    country: str | None = None,
    language: str | None = None,
    list_id: int | None = None,
    named: str | None = None,
) -> ConsentEvent:
    """What a record claims, as an entry of the ledger; its number is known by its key.

    ``named``: the seller's name, where the list was somebody else's: such a consent is the seller's own only where its
    text says so.
    """
    bought = claim.source is ConsentSource.PURCHASED_LIST
    return ConsentEvent(
        seller_id=seller_id,
        contact_id=contact_id,
        number="",
        event=ConsentState.GIVEN,
        channel=claim.channel,
        purpose=claim.purpose,
        level=claim.level,
        automated=claim.automated,
        happened_at=claim.given_at or now,
        expires_at=claim.expires_at,
        states_period=claim.expires_at is not None,
        source=claim.source,
        to_caller=not bought if named is None else names_seller(claim.evidence, named),
        evidence=_without_cards(claim.evidence),
        language=language,
        jurisdiction=country,
        collection=Collection.IMPORT,
        notice_version=claim.notice_version,
        list_id=list_id,
    )


def _without_cards(told: Mapping[str, str] | None) -> Mapping[str, str] | None:
    return None if told is None else {name: without_cards(said) for name, said in told.items()}


@dataclass(slots=True)
class Person:
    """Somebody known, here before or new in this chunk; ``added`` names what the chunk changes of them."""

    id: int
    is_new: bool
    external_key: bytes | None
    profile: dict[str, str]
    country: str
    columns: dict[str, str | None]
    numbers: set[bytes] = field(default_factory=set)
    next_position: int = 0
    added: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowMaker:
    """Makes the rows of one chunk, all of one seller and one moment."""

    keyring: Keyring
    seller_id: str
    now: datetime
    list_id: int | None = None
    terms_id: int | None = None
    named: str | None = None  # the seller's name, where the list was somebody else's

    def contact(self, person: Person, profile_sealed: bytes) -> Row:
        """The row of somebody new."""
        return {
            "id": person.id,
            "seller_id": self.seller_id,
            "external_key": person.external_key,
            "profile_sealed": profile_sealed,
            "country": person.country,
            **person.columns,
            "created_at": self.now,
            "updated_at": self.now,
        }

    def profile(self, person: Person) -> bytes:
        """What is personal of the person, sealed."""
        return self.keyring.seal_json(person.profile, PROFILE)

    def point(self, person: Person, point: Point, key: bytes, number_sealed: bytes) -> Row:
        """The row of a number, behind those that the person has."""
        return {
            "seller_id": self.seller_id,
            "contact_id": person.id,
            "number_key": key,
            "number_sealed": number_sealed,
            "country": point.country,
            "position": person.next_position,
            "label": point.label or None,
            "created_at": self.now,
        }

    def consent(self, person: Person, claim: ConsentClaim, key: bytes) -> Row:
        """The row of a consent; without evidence it is kept as unproven."""
        event = consent_event(
            self.seller_id,
            claim,
            self.now,
            contact_id=person.id,
            country=person.country,
            language=person.columns["language"],
            list_id=self.list_id,
            named=self.named,
        )
        return consents.row_of(self.keyring, event, key, self.now, terms_id=self.terms_id)

    def suppression(self, key: bytes, channel: ConsentChannel) -> Row:
        """The row of a no that the list itself brings."""
        return {
            "seller_id": self.seller_id,
            "number_key": key,
            "kind": SuppressionKind.DO_NOT_CALL.value,
            "channel": channel.value,
            "scope": SuppressionScope.ALL.value,
            "at": self.now,
            "source": "import",
        }
