"""What journeys of machines that dial have in common: detection beside the call, and how the dialling ends."""

from sqlalchemy import func, select, update

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.carrier import AmdMode
from orchestrator.persistence import campaigns as campaign_rows
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.deliveries import inbox
from tests.journeys.stage import Stage
from tests.world import World


def detect_machines(world: World, campaign: int) -> None:
    with world.store.write() as tx:
        plan = tx.execute(select(campaigns.c.plan).where(campaigns.c.id == campaign)).scalar_one()
        plan["voice"]["amd"] = AmdMode.CONNECT_FIRST
        tx.execute(update(campaigns).where(campaigns.c.id == campaign).values(plan=plan))


def nothing_open(stage: Stage) -> bool:
    live = select(func.count()).where((attempts.c.stage != "ended") | ~attempts.c.followed_up)
    unheard = select(func.count()).where(inbox.c.processed_at.is_(None))
    with stage.store.read() as tx:
        return not any(tx.execute(query).scalar_one() for query in (live, unheard))


def stop_dialling(stage: Stage, campaign: int) -> None:
    with stage.store.write() as tx:
        assert campaign_rows.change_state(tx, campaign, {CampaignState.RUNNING}, CampaignState.PAUSED, None)
