"""A canary: after the first so many contacts the campaign pauses and shows what happened."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from orchestrator.domain.campaign import CampaignState
from orchestrator.persistence import campaign_moves
from orchestrator.persistence.campaign_moves import Move
from orchestrator.persistence.dossiers import Dossier
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.pipeline.batch_steps import Outcome
from orchestrator.pipeline.engine import LiveCampaign

STANDING = (
    select(campaigns.c.state, campaigns.c.canary_left)
    .where(campaigns.c.id == bindparam("b_id"))
    .with_for_update()  # built once: each batch asks
)


def room_for(tx: Connection, campaign_id: int) -> int | None:
    """How many people a canary leaves, None without one, 0 where the campaign does not run.

    Locks its row, so that a pause and a batch never pass each other, nor two batches of one canary.
    """
    row = tx.execute(STANDING, {"b_id": campaign_id}).one()
    return row.canary_left if row.state == CampaignState.RUNNING else 0


def count(tx: Connection, campaign: LiveCampaign, people: Sequence[Dossier], outcome: Outcome, now: datetime) -> None:
    """Take the people contacted for the first time off the canary; at none left the campaign pauses."""
    if campaign.canary_left is None:
        return
    first = {person.enrollment.id for person in people if person.enrollment.last_ordinal == 0}
    contacted = sum(planned.enrollment_id in first for planned in outcome.planned)
    tx.execute(
        update(campaigns)
        .where(campaigns.c.id == campaign.id, campaigns.c.canary_left.is_not(None))
        .values(canary_left=campaigns.c.canary_left - contacted)
    )
    reason = f"The canary is over ({now:%Y-%m-%d %H:%M} UTC): look at `campaigns status`, then resume."
    over = tx.execute(
        update(campaigns)
        .where(campaigns.c.id == campaign.id, campaigns.c.canary_left <= 0, campaigns.c.state == CampaignState.RUNNING)
        .values(state=CampaignState.PAUSED, canary_left=None, state_reason=reason)
        .returning(campaigns.c.id, campaigns.c.seller_id)
    )
    running, paused = CampaignState.RUNNING, CampaignState.PAUSED
    campaign_moves.note(tx, over, Move(was=running, becomes=paused, reason=reason, by="step:dispatch", at=now))
