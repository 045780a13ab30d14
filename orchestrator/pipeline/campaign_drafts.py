"""A campaign before its launch: its plan is stored as a draft, or replaced by another."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from orchestrator.domain.campaign import CampaignPlan
from orchestrator.domain.campaign_file import plan_as_dict
from orchestrator.domain.canonical import canonical_json
from orchestrator.domain.errors import UserError
from orchestrator.domain.toml_reading import nearest
from orchestrator.persistence import actions, campaigns, sellers
from orchestrator.persistence.campaign_moves import CREATED, REPLACED
from orchestrator.persistence.campaigns import Campaign
from orchestrator.persistence.store import Store
from orchestrator.pipeline import conversation_campaign
from orchestrator.strategies.cadence import Cadence
from orchestrator.strategies.strategy import Strategy


def create(
    store: Store,
    plan: CampaignPlan,
    now: datetime,
    strategies: Mapping[str, Strategy],
    cadences: Mapping[str, Cadence],
    by: str,
) -> Campaign:
    """Store the plan as a draft and bind its senders to the seller; raises UserError and stores nothing otherwise."""
    _require_known(plan, strategies, cadences)
    with store.write() as tx:
        _bind_senders(tx, plan, now)
        created = campaigns.create(tx, plan, now)
        _note_plan(tx, created, CREATED, plan, by, now)
        return campaigns.fetch(tx, created)


def replace_draft(
    store: Store,
    plan: CampaignPlan,
    now: datetime,
    strategies: Mapping[str, Strategy],
    cadences: Mapping[str, Cadence],
    by: str,
) -> Campaign | None:
    """Give the seller's draft of that name this plan instead; None, and nothing stored, where there is no such draft.

    Raises UserError as ``create`` does, and where its launch was begun. Senders of the old plan stay the seller's.
    """
    _require_known(plan, strategies, cadences)
    with store.write() as tx:
        replaced = campaigns.replace_draft(tx, plan)
        if replaced is None:
            return None
        _bind_senders(tx, plan, now)
        _note_plan(tx, replaced, REPLACED, plan, by, now)
        return campaigns.fetch(tx, replaced)


def _note_plan(tx: Connection, campaign_id: int, action: str, plan: CampaignPlan, by: str, now: datetime) -> None:
    """Which plan it was, by its digest: a draft can be given another, and the launch seals the one that holds."""
    digest = sha256(canonical_json(plan_as_dict(plan)).encode()).hexdigest()
    about, detail = actions.of_campaign(campaign_id), {"plan_sha256": digest}
    actions.record(tx, by=by, action=action, about=about, at=now, seller_id=plan.seller, detail=detail)


def _require_known(plan: CampaignPlan, strategies: Mapping[str, Strategy], cadences: Mapping[str, Cadence]) -> None:
    conversation_campaign.require_another_name(plan)
    _require("strategy", plan.strategy, sorted(strategies))
    _require("cadence", plan.attempts.cadence, sorted(cadences))
    strategies[plan.strategy].first_lane(plan)
    strategies[plan.strategy].require_messages(plan)


def _bind_senders(tx: Connection, plan: CampaignPlan, now: datetime) -> None:
    sellers.require(tx, plan.seller)
    sellers.claim_senders(tx, plan.seller, senders_of(plan), now)


def senders_of(plan: CampaignPlan) -> tuple[str, ...]:
    """Every number and messaging service that the campaign shows."""
    voice = plan.voice.caller_ids if plan.voice else ()
    sms = plan.sms.senders if plan.sms else ()
    service = (plan.sms.messaging_service,) if plan.sms and plan.sms.messaging_service else ()
    return (*voice, *sms, *service)


def _require(kind: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise UserError(f"There is no {kind} '{name}'; {nearest(name, known)}")
