"""An agent dials a number by hand: the same gate, the same attempt, in mode manual."""

from collections.abc import Sequence
from datetime import datetime

import phonenumbers
from sqlalchemy import Connection, select, update

from orchestrator.domain.agent import AgentState
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.contact_request import Mode
from orchestrator.domain.decision import Verdict
from orchestrator.domain.enrollment import EnrollmentStage, Lane
from orchestrator.domain.errors import UserError
from orchestrator.persistence import agents, campaigns, offers
from orchestrator.persistence.campaigns import Campaign
from orchestrator.persistence.dossiers import Dossier
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import contact_points, contacts
from orchestrator.pipeline import halts
from orchestrator.pipeline.agent_desk import asking_ahead
from orchestrator.pipeline.agent_desk.on_line import require_agent
from orchestrator.pipeline.engine import Engine
from orchestrator.strategies.hours import opening

AT_REST = (EnrollmentStage.DUE, EnrollmentStage.BLOCKED, EnrollmentStage.DONE)


def dial(engine: Engine, agent_id: str, number: str, campaign_name: str, now: datetime) -> int:
    """Reserve the agent and have the worker dial, once the gate has said yes again; the offer's id.

    Raises UserError with the rule where the gate says no, and where the number is nobody's whom the seller may call:
    without a record of the person there is nothing that could be decided on.
    """
    key = engine.store.keyring.number_key(_e164(number))
    with engine.store.write() as tx:
        campaign = _running(tx, campaign_name, now)
        agent = require_agent(tx, agent_id)
        _require_free(agent, campaign)
        enrollment_id = _enrolled(tx, campaign, key, now)
        person = asking_ahead.person_of(tx, engine, enrollment_id, now)
        _require_allowed(tx, engine, campaign, person, key, now)
        _take(tx, enrollment_id, now)
        agents.change(tx, agent_id, {AgentState.READY}, AgentState.RESERVED, now)
        return offers.dialled_by_hand(
            tx, enrollment_id=enrollment_id, campaign_id=campaign.id, agent_id=agent_id, number_key=key, now=now
        )


def _e164(text: str) -> str:
    try:
        parsed = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        raise UserError(f"'{text[:40]}' is no number; write it in E.164, as in +12125550100.") from None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _running(tx: Connection, name: str, now: datetime) -> Campaign:
    campaign = campaigns.find(tx, name)
    if campaign.state is not CampaignState.RUNNING:
        raise UserError(f"Campaign '{campaign.name}' is {campaign.state}; only a running one calls anybody.")
    if campaign.plan.voice is None:
        raise UserError(f"Campaign '{campaign.name}' has no [voice]; name another one.")
    if halts.in_force(tx, now).on_campaign(campaign.id, campaign.seller_id):
        raise UserError("Contact is halted; `orchestrator halt --list` shows by whom.")
    return campaign


def _require_free(agent: Record, campaign: Campaign) -> None:
    voice = campaign.plan.voice
    if voice is not None and agent.queue != voice.queue:
        raise UserError(f"Agent '{agent.id}' serves queue {agent.queue}; the campaign's is {voice.queue}.")
    if agent.state != AgentState.READY:
        raise UserError(
            f"Agent '{agent.id}' is {agent.state}; only who is ready can dial: `orchestrator agents ready {agent.id}`."
        )


def _enrolled(tx: Connection, campaign: Campaign, key: bytes, now: datetime) -> int:
    """The person's place in the campaign; they are enrolled where they are not yet."""
    people = _people(tx, campaign, key)
    if not people:
        raise UserError(
            "That number is on no list of the seller: import it first (`orchestrator lists import`), with the "
            "consent that there is."
        )
    found = _enrollment(tx, campaign.id, people)
    if found is None:
        campaigns.enrol(tx, campaign, people[:1], Lane.PREVIEW, now)
        found = _enrollment(tx, campaign.id, people[:1])
    assert found is not None, "enrolled just now"  # noqa: S101
    return found


def _people(tx: Connection, campaign: Campaign, key: bytes) -> Sequence[int]:
    theirs = contact_points.c.seller_id == campaign.seller_id, contact_points.c.number_key == key
    query = select(contacts.c.id).join(contact_points, contact_points.c.contact_id == contacts.c.id)
    alive = query.where(*theirs, contacts.c.erased_at.is_(None))
    return tx.execute(alive.order_by(contacts.c.id)).scalars().all()


def _enrollment(tx: Connection, campaign_id: int, people: Sequence[int]) -> int | None:
    here = enrollments.c.campaign_id == campaign_id, enrollments.c.contact_id.in_(people)
    found: int | None = tx.execute(select(enrollments.c.id).where(*here).order_by(enrollments.c.id)).scalar()
    return found


def _require_allowed(
    tx: Connection, engine: Engine, campaign: Campaign, person: Dossier, key: bytes, now: datetime
) -> None:
    answer = asking_ahead.ask(tx, engine, person, key, Mode.MANUAL, now, now)
    if answer.verdict is not Verdict.ALLOW and answer.deciding is not None:
        raise UserError(f"Not now: {answer.deciding.because} [{answer.deciding.rule}]")
    hours, zones = campaign.plan.hours, asking_ahead.zones_of(engine, person, key)
    if hours is not None and opening(hours, now, zones) != now:
        raise UserError("Not now: the campaign's own hours are closed where the person is.")


def _take(tx: Connection, enrollment_id: int, now: datetime) -> None:
    at_rest = (enrollments.c.id == enrollment_id) & enrollments.c.stage.in_(AT_REST)
    offered = {"stage": EnrollmentStage.OFFERED, "done_reason": None, "updated_at": now}
    if tx.execute(update(enrollments).where(at_rest).values(offered)).rowcount != 1:
        raise UserError("That person is being contacted at this moment, or lies before an agent.")
