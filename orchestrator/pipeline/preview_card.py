"""What an agent sees of the person who is laid before them, or whom they have on the line."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.campaign import CampaignPlan
from orchestrator.domain.contact_request import Mode
from orchestrator.domain.errors import UserError
from orchestrator.domain.message_text import MissingFieldError, render
from orchestrator.persistence import attempts, campaigns, dossiers, offers
from orchestrator.persistence.dossiers import Dossier, Number
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.desk import callbacks
from orchestrator.pipeline.asking import contact_facts
from orchestrator.pipeline.vendor_proof import source_notice
from orchestrator.pipeline.why_mode import why


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """The call that is offered or under way. ``expires_at``: until when the offer stands."""

    enrollment_id: int
    campaign_id: int
    number_key: bytes | None
    mode: Mode
    callback_id: int | None = None
    expires_at: datetime | None = None


def card_for(store: Store, rulebook: Rulebook, agent_id: str, now: datetime) -> dict[str, Any]:
    """The card as plain values; raises UserError where nobody is before the agent."""
    with store.read() as tx:
        call = _call(tx, agent_id)
        since = now - timedelta(days=rulebook.history_days)
        person = dossiers.load(tx, store.keyring, [call.enrollment_id], since)[0]
        campaign = campaigns.fetch(tx, call.campaign_id)
        return {
            "campaign": campaign.name,
            **_offer(tx, campaign.plan, person, call, now),
            **_person(person, rulebook, now),
            "script": _script(campaign.plan, person),
            **({"say_first": notice} if (notice := source_notice(person)) else {}),
        }


def _call(tx: Connection, agent_id: str) -> _Call:
    offer = offers.standing(tx, agent_id)
    if offer is not None:
        return _Call(
            enrollment_id=offer.enrollment_id,
            campaign_id=offer.campaign_id,
            number_key=offer.number_key,
            mode=Mode(offer.mode),
            callback_id=offer.callback_id,
            expires_at=offer.expires_at,
        )
    return _on_the_line(tx, agent_id)


def _on_the_line(tx: Connection, agent_id: str) -> _Call:
    bound = tx.execute(select(agents.c.attempt_id).where(agents.c.id == agent_id)).scalar()
    attempt = None if bound is None else attempts.fetch(tx, bound)
    if attempt is None:
        raise UserError(f"Nothing lies before agent '{agent_id}'. {_said_last(offers.last(tx, agent_id))}".strip())
    return _Call(
        enrollment_id=attempt.enrollment_id,
        campaign_id=attempt.campaign_id,
        number_key=bytes(attempt.number_key),
        mode=Mode(attempt.mode),
    )


def _said_last(offer: Record | None) -> str:
    """Why what lay there last was taken away, which the agent could not see happen."""
    if offer is None or offer.state != "withdrawn" or not offer.reason:
        return "`orchestrator agents list` shows who has an offer."
    return f"The last one was withdrawn: {offer.reason}"


def _offer(tx: Connection, plan: CampaignPlan, person: Dossier, call: _Call, now: datetime) -> dict[str, Any]:
    number = _number(person, call)
    promised = None
    if call.callback_id is not None:
        promised = tx.execute(select(callbacks).where(callbacks.c.id == call.callback_id)).one_or_none()
    return {
        "mode": call.mode.value,
        "why": why(call.mode, plan.voice, person, number, promised, now) if plan.voice and number else "",
        "dials": None if number is None else number.number,
        "until": None if call.expires_at is None else call.expires_at.isoformat(timespec="seconds"),
    }


def _number(person: Dossier, call: _Call) -> Number | None:
    """The number that is dialled: the one the offer names, else the first."""
    key = None if call.number_key is None else bytes(call.number_key)
    named = [number for number in person.numbers if key in {None, number.key}]
    return named[0] if named else None


def _script(plan: CampaignPlan, person: Dossier) -> str:
    """The campaign's script with the person's fields in it; as it stands where they lack one."""
    text = (plan.voice and plan.voice.script_text) or ""
    try:
        return render(text, person.profile)
    except MissingFieldError:
        return text


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
