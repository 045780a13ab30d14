"""What an agent sees of the person who is laid before them."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.errors import UserError
from orchestrator.persistence import dossiers, offers
from orchestrator.persistence.dossiers import Dossier
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.pipeline.asking import contact_facts


def card_for(store: Store, rulebook: Rulebook, agent_id: str, now: datetime) -> dict[str, Any]:
    """The card as plain values; raises UserError where nothing lies before the agent."""
    with store.read() as tx:
        offer = offers.standing(tx, agent_id)
        if offer is None:
            raise UserError(
                f"Nothing lies before agent '{agent_id}'; `orchestrator agents list` shows who has an offer."
            )
        since = now - timedelta(days=rulebook.history_days)
        people = dossiers.load(tx, store.keyring, [offer.enrollment_id], since)
        return {"campaign": _campaign(tx, offer.campaign_id), **_person(people[0], rulebook, now)}


def _campaign(tx: Connection, campaign_id: int) -> str:
    return str(tx.execute(select(campaigns.c.name).where(campaigns.c.id == campaign_id)).scalar_one())


def _person(person: Dossier, rulebook: Rulebook, now: datetime) -> dict[str, Any]:
    profile = person.profile
    name = profile.get("name") or f"{profile.get('first_name', '')} {profile.get('last_name', '')}".strip()
    zones = {
        zone for number in person.numbers for zone in rulebook.places.find(contact_facts(person, number)).zone_names
    }
    return {
        "name": name,
        "place": ", ".join(filter(None, (person.contact.region, person.contact.country))),
        "local_time": [f"{now.astimezone(ZoneInfo(zone)):%A %H:%M} {zone}" for zone in sorted(zones)],
        "language": person.contact.language,
        "numbers": [f"{number.number} ({number.line_type})" for number in person.numbers],
        "agreed_to": [
            f"{consent.level.value.replace('_', ' ')} for {consent.channel.value}, {consent.given_at:%Y-%m-%d}"
            for key in person.consents
            for consent in person.consents[key]
            if consent.withdrawn_at is None
        ],
        "earlier": [
            f"{entry.at:%Y-%m-%d %H:%M} UTC {entry.channel.value}: {(entry.outcome or 'under way').replace('_', ' ')}"
            for entry in person.history
        ],
    }
