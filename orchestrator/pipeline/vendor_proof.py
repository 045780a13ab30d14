"""What somebody from a bought list lacks for contact, and what they are told at the first."""

from datetime import datetime

from orchestrator.compliance import bought_data
from orchestrator.compliance.bought_data import Lack
from orchestrator.domain.contact_request import Channel
from orchestrator.persistence.dossiers import Dossier


def lack_of(person: Dossier, number_key: bytes, channel: Channel, now: datetime) -> Lack | None:
    """What is missing for contact at this number; None for one who is on a list of the seller's own."""
    return bought_data.lack_of(person.bought, person.said[number_key], channel, now)


def source_notice(person: Dossier) -> str:
    """What somebody from a bought list is told at the first contact (GDPR art. 14); empty where there is nothing."""
    if not person.bought or person.history:
        return ""
    one = person.bought[0]
    vendor = f" from {one.vendor}" if one.vendor else ""
    when = f" on {one.obtained_on:%Y-%m-%d}" if one.obtained_on else ""
    origin = f", who had them from {one.source}" if one.source else ""
    return f"Say who calls and that the details came{vendor}{when}{origin}: it is the first contact."
