"""Bought data: without the vendor's contract and each person's proven consent there is no contact.

The gate's question has no field for whose list a person came from, so this is asked beside the gate, after it has
allowed; it never allows what the gate refuses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from orchestrator.compliance.consent_needed import over
from orchestrator.domain.contact_request import Channel, ConsentFacts
from orchestrator.domain.decision import Cure
from orchestrator.domain.paper import Bought

NO_CONTRACT, NO_PROOF = "lists.no-vendor-contract", "lists.no-proof-of-consent"
CITATION = "House rule: no proof, no contact; after GDPR art. 7(1), 14 and 28, and 16 CFR 310.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What stands in the way of contacting somebody from a bought list, and what would cure it."""

    rule: str
    cure: Cure
    detail: str
    because: str


def lack_of(bought: Sequence[Bought], said: Sequence[ConsentFacts], channel: Channel, now: datetime) -> Lack | None:
    """What is missing for a number of somebody who came with these lists alone; None where nothing is, or no list was.

    ``said`` are all consents for the number, whatever they are for: that the person dealt with this at all is asked.
    """
    if not bought:
        return None
    contracted = [one for one in bought if one.contracted(now.date())]
    if not contracted:
        return _no_contract(bought[0])
    if any(_is_proof(one, channel, now) for one in said):
        return None
    return _no_proof(contracted[0])


def _is_proof(consent: ConsentFacts, channel: Channel, now: datetime) -> bool:
    given = consent.evidence and consent.given_at <= now and consent.channel.covers(channel)
    return given and not over(consent, now)


def _no_contract(one: Bought) -> Lack:
    return Lack(
        rule=NO_CONTRACT,
        cure=Cure.DOCUMENT,
        detail=f"vendor contract, list {one.name}",
        because=f"The list '{one.name}' is {one.origin.value}, and no contract with {one.vendor or 'its vendor'} is on "
        "file: `orchestrator documents add` files one.",
    )


def _no_proof(one: Bought) -> Lack:
    return Lack(
        rule=NO_PROOF,
        cure=Cure.CONSENT,
        detail=f"for list {one.name}",
        because=f"The list '{one.name}' is {one.origin.value}, and no proven consent of this person is on file.",
    )
