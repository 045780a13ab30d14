"""Bought data: without the vendor's contract and each person's proven consent there is no contact.

The gate cannot ask this: it knows a person and a number, not whose list they came from. So it is asked beside the gate,
after it has allowed, and it never allows what the gate refuses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from orchestrator.domain.contact_request import Channel, ConsentFacts
from orchestrator.domain.decision import Cure
from orchestrator.persistence.dossiers import Dossier
from orchestrator.persistence.provenance import Bought

NO_CONTRACT, NO_PROOF = "lists.no-vendor-contract", "lists.no-proof-of-consent"
CITATION = "GDPR art. 7(1), 14, 28; 16 CFR 310.5; house rule: no proof, no contact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What stands in the way of contacting somebody from a bought list, and what would cure it."""

    rule: str
    cure: Cure
    detail: str
    because: str


def lack_of(person: Dossier, number_key: bytes, channel: Channel, now: datetime) -> Lack | None:
    """What is missing for this person; None for one who is on a list of the seller's own, or for whom nothing is."""
    if not person.bought:
        return None
    contracted = [one for one in person.bought if one.contracted(now.date())]
    if not contracted:
        return _no_contract(person.bought[0])
    if _is_proven(person.said[number_key], channel, now):
        return None
    return Lack(
        rule=NO_PROOF,
        cure=Cure.CONSENT,
        detail=f"for list {contracted[0].name}",
        because=f"The list '{contracted[0].name}' was {contracted[0].origin.value}, and no proven consent of this "
        f"person is on file.",
    )


def source_notice(person: Dossier) -> str:
    """What somebody from a bought list is told at the first contact (GDPR art. 14); empty where there is nothing."""
    if not person.bought or person.history:
        return ""
    one = person.bought[0]
    vendor = f" from {one.vendor}" if one.vendor else ""
    when = f" on {one.obtained_on:%Y-%m-%d}" if one.obtained_on else ""
    origin = f", who had them from {one.source}" if one.source else ""
    return f"Say who calls and that the details came{vendor}{when}{origin}: it is the first contact."


def _no_contract(one: Bought) -> Lack:
    return Lack(
        rule=NO_CONTRACT,
        cure=Cure.DOCUMENT,
        detail=f"vendor contract, list {one.name}",
        because=f"The list '{one.name}' was {one.origin.value}, and no contract with "
        f"{one.vendor or 'its vendor'} is on file: `orchestrator documents add` files one.",
    )


def _is_proven(said: Sequence[ConsentFacts], channel: Channel, now: datetime) -> bool:
    return any(
        one.evidence
        and one.given_at <= now
        and one.channel.covers(channel)
        and (one.withdrawn_at is None or one.withdrawn_at > now)
        and (one.expires_at is None or one.expires_at > now)
        for one in said
    )
