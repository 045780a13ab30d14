"""A profile without the person: what the gate asks for, and for texts fields of the same length and alphabet."""

from collections.abc import Mapping
from typing import Any

from orchestrator.domain.campaign import CampaignPlan
from orchestrator.domain.message_text import FIELD, GSM_7, GSM_7_EXTENDED

ASKED_BY_THE_GATE = frozenset({"postal_code"})
PLAIN, LONG, FOREIGN = "x", "|", "ж"  # one septet, two septets, and what turns a text into UCS-2


def masked(profile: Mapping[str, Any], plan: CampaignPlan) -> dict[str, Any]:
    """The postal code as it is, the fields of the campaign's texts as shapes, and nothing else."""
    told = fields_of(plan) - ASKED_BY_THE_GATE
    kept = {name: value for name, value in profile.items() if name in ASKED_BY_THE_GATE}
    return kept | {name: shape(str(value)) for name, value in profile.items() if name in told and value}


def fields_of(plan: CampaignPlan) -> frozenset[str]:
    """What the campaign's texts name."""
    texts = plan.sms.templates.values() if plan.sms is not None else ()
    return frozenset(name for text in texts for name in FIELD.findall(text))


def shape(value: str) -> str:
    """As many segments as the value would take, and none of its letters."""
    return "".join(_like(character) for character in value)


def _like(character: str) -> str:
    if character in GSM_7:
        return PLAIN
    return LONG if character in GSM_7_EXTENDED else FOREIGN * (len(character.encode("utf-16-be")) // 2)
