"""Answers by hand are texts of a campaign of their own: it can be paused, halted, counted and reconciled as any."""

from datetime import datetime

from sqlalchemy import Connection, select

from orchestrator.domain.campaign import AttemptsPlan, CampaignPlan, CampaignState
from orchestrator.domain.contact_request import LawfulBasis, Purpose
from orchestrator.domain.errors import UserError
from orchestrator.persistence import campaign_moves, campaigns, contacts
from orchestrator.persistence.campaign_moves import Move
from orchestrator.persistence.tables.campaigns import campaigns as campaigns_table
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.engine import Engine

NAME = "Answers by hand"
STEP = "step:answers"  # the first answer opens it; who wrote that is on record with it
STRATEGY, CADENCE = "consent-tiered", "default"  # nobody is enrolled in it, and it must name some


def running(tx: Connection, engine: Engine, seller_id: str, now: datetime) -> int:
    """The seller's campaign of answers, opened with the first; raises UserError while somebody has stopped it."""
    row = _find(tx, seller_id)
    if row is None:
        contacts.lock_seller(tx, seller_id)
        row = _find(tx, seller_id)  # whoever held the lock may have opened it
    if row is None:
        return _open(tx, engine, seller_id, now)
    if row.state == CampaignState.PAUSED:
        raise UserError(
            f"Answers of '{seller_id}' are paused ({row.state_reason}), so nothing was sent; "
            f"`orchestrator campaigns resume {row.id}` lets them go on."
        )
    if row.state != CampaignState.RUNNING:
        raise UserError(f"Answers of '{seller_id}' were stopped for good (campaign {row.id}), so nothing was sent.")
    return int(row.id)


def _find(tx: Connection, seller_id: str) -> Record | None:
    """Locked, so that a pause, or a seller's end, and an answer never pass each other."""
    query = select(campaigns_table.c.id, campaigns_table.c.state, campaigns_table.c.state_reason)
    named = (campaigns_table.c.seller_id == seller_id, campaigns_table.c.name == NAME)
    return tx.execute(query.where(*named).with_for_update()).one_or_none()


def require_another_name(plan: CampaignPlan) -> None:
    """Raise UserError for a campaign that would be mistaken for the one of answers."""
    if plan.name == NAME:
        raise UserError(f"Answers in threads are counted under the name '{NAME}'; give this campaign another one.")


def _open(tx: Connection, engine: Engine, seller_id: str, now: datetime) -> int:
    """Running and never launched: nobody is enrolled in it, so nothing ends it but a person."""
    strategies, cadences = engine.strategies, engine.cadences
    plan = CampaignPlan(
        name=NAME,
        seller=seller_id,
        purpose=Purpose.INFORMATIONAL,
        lawful_basis=LawfulBasis.LEGITIMATE_INTEREST,
        lists=(),
        strategy=STRATEGY if STRATEGY in strategies else min(strategies),
        attempts=AttemptsPlan(cadence=CADENCE if CADENCE in cadences else min(cadences)),
    )
    campaign_id = campaigns.create(tx, plan, now)
    draft, running = CampaignState.DRAFT, CampaignState.RUNNING
    campaign_moves.move(tx, campaign_id, Move(was=draft, becomes=running, by=STEP, at=now))
    return campaign_id
