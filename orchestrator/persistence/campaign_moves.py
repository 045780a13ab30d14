"""A campaign moves from state to state, and each move is on record with who made it: nothing else changes its state."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from orchestrator.domain.campaign import CampaignState
from orchestrator.persistence import actions, campaigns
from orchestrator.persistence.tables.campaigns import campaigns as campaigns_table
from orchestrator.persistence.tables.columns import Record

MOVED, CREATED, REPLACED = "campaign moved", "campaign created", "campaign draft replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """To which state, why, by whose hand and when. ``was`` None: from whichever a statement of its own found it in."""

    becomes: CampaignState
    by: str
    at: datetime
    was: CampaignState | None = None
    reason: str | None = None


def move(tx: Connection, campaign_id: int, wanted: Move) -> bool:
    """Move the campaign on; False, and nothing noted, where it no longer stands where it is to be moved from."""
    assert wanted.was is not None, "from which state is said"  # noqa: S101 - else a programming error
    if not campaigns.change_state(tx, campaign_id, {wanted.was}, wanted.becomes, wanted.reason):
        return False
    moved = select(campaigns_table.c.id, campaigns_table.c.seller_id).where(campaigns_table.c.id == campaign_id)
    return note(tx, tx.execute(moved), wanted) == 1


def note(tx: Connection, moved: Iterable[Record], made: Move) -> int:
    """Note a move of campaigns (id, seller_id) that a statement of its own made; how many there were."""
    rows = list(moved)
    detail = {"from": made.was and made.was.value, "to": made.becomes.value}
    for row in rows:
        about = actions.of_campaign(row.id)
        note = {"by": made.by, "at": made.at, "seller_id": row.seller_id, "detail": detail, "reason": made.reason}
        actions.record(tx, action=MOVED, about=about, **note)
    return len(rows)
