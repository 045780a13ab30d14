"""The running campaigns as the steps see them, read afresh at each tick."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from orchestrator.domain.campaign import CampaignState, Seller
from orchestrator.domain.campaign_file import plan_from_dict
from orchestrator.domain.contact_request import CallerKind
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import sellers
from orchestrator.pipeline.engine import Engine, LiveCampaign


def running(tx: Connection, engine: Engine, now: datetime) -> Sequence[LiveCampaign]:
    """Every running campaign, the most urgent first."""
    return [live(row, engine, now) for row in tx.execute(RUNNING)]


def one(tx: Connection, engine: Engine, campaign_id: int, now: datetime) -> LiveCampaign:
    """The campaign, whatever its state."""
    return live(tx.execute(_query().where(campaigns.c.id == campaign_id)).one(), engine, now)


def _query() -> Select[*tuple[Any, ...]]:
    return select(
        campaigns,
        sellers.c.name.label("seller_name"),
        sellers.c.country,
        sellers.c.callback_number,
        sellers.c.kind,
        sellers.c.registrations,
    ).join(sellers, sellers.c.id == campaigns.c.seller_id)


RUNNING = (  # built once, since every tick asks
    _query().where(campaigns.c.state == CampaignState.RUNNING).order_by(campaigns.c.priority, campaigns.c.id)
)


def live(row: Record, engine: Engine, now: datetime) -> LiveCampaign:
    """The row as the steps see it."""
    plan = plan_from_dict(row.plan)
    seller = Seller(
        id=row.seller_id,
        name=row.seller_name,
        country=row.country,
        callback_number=row.callback_number,
        kind=CallerKind(row.kind),
        registrations=tuple(row.registrations),
    )
    return LiveCampaign(
        id=row.id,
        seller=seller,
        plan=plan,
        state=CampaignState(row.state),
        launched_at=row.launched_at or now,
        canary_left=row.canary_left,
        strategy=engine.strategies[plan.strategy],
        cadence=engine.cadences[plan.attempts.cadence],
    )
