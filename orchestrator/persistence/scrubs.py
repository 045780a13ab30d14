"""Records of scrubs: what was held against which versions, when, by whom, and what came of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, func, insert, or_, select, update

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.errors import UserError
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.lists import lists, scrubs

SCRUBBED_NIGHTLY = (CampaignState.RUNNING, CampaignState.SCHEDULED)


def begin(
    tx: Connection,
    *,
    seller_id: str,
    list_id: int | None,
    campaign_id: int | None,
    by: str,
    at: datetime,
    snapshots: Mapping[str, Sequence[str]],
) -> int:
    """Write that a scrub was begun, and return its id; without an end it counts for nothing."""
    row = {
        "seller_id": seller_id,
        "list_id": list_id,
        "campaign_id": campaign_id,
        "by": by,
        "started_at": at,
        "snapshots": snapshots,
        "counts": {},
    }
    return int(tx.execute(insert(scrubs).values(row).returning(scrubs.c.id)).scalar_one())


def finish(tx: Connection, scrub_id: int, at: datetime, counts: Mapping[str, object], answers_digest: str) -> None:
    """Write what came of it."""
    values = {"finished_at": at, "counts": counts, "answers_digest": answers_digest}
    tx.execute(update(scrubs).where(scrubs.c.id == scrub_id).values(values))


def require(tx: Connection, scrub_id: int) -> Record:
    """The record; raises UserError where there is none."""
    row = tx.execute(select(scrubs).where(scrubs.c.id == scrub_id)).one_or_none()
    if row is None:
        raise UserError(f"There is no scrub {scrub_id}; `orchestrator lists scrubs` shows those there are.")
    return row


def newest_first(tx: Connection, list_id: int | None, limit: int) -> Sequence[Record]:
    """The records of all scrubs, or of one list's, with the names of list and campaign.

    A campaign's scrubs are among a list's where the campaign is over that list.
    """
    query = (
        select(scrubs, lists.c.name.label("list_name"), campaigns.c.name.label("campaign_name"))
        .outerjoin(lists, lists.c.id == scrubs.c.list_id)
        .outerjoin(campaigns, campaigns.c.id == scrubs.c.campaign_id)
        .order_by(scrubs.c.id.desc())
        .limit(limit)
    )
    if list_id is not None:
        query = query.where(or_(scrubs.c.list_id == list_id, scrubs.c.campaign_id.in_(_over(tx, list_id))))
    return tx.execute(query).all()


def _over(tx: Connection, list_id: int) -> list[int]:
    of = tx.execute(select(lists.c.seller_id, lists.c.name).where(lists.c.id == list_id)).one()
    rows = tx.execute(select(campaigns.c.id, campaigns.c.plan).where(campaigns.c.seller_id == of.seller_id))
    return [row.id for row in rows if of.name in row.plan.get("lists", ())]


def last_of_campaign(tx: Connection, campaign_id: int) -> datetime | None:
    """When the campaign was last scrubbed whole: by itself, or list by list at its launch."""
    own = select(func.max(scrubs.c.started_at, type_=scrubs.c.started_at.type)).where(
        scrubs.c.campaign_id == campaign_id, scrubs.c.finished_at.is_not(None)
    )
    launched = select(campaigns.c.launched_at).where(campaigns.c.id == campaign_id)
    moments = (tx.execute(own).scalar(), tx.execute(launched).scalar())
    return max(filter(None, moments), default=None)


def not_scrubbed_since(tx: Connection, moment: datetime, now: datetime, again_after: timedelta) -> Sequence[Record]:
    """Campaigns that run, or wait for their start, and were launched and last scrubbed before that moment.

    One whose scrub was begun ``again_after`` ago or later, and never ended, is left alone until then. What is dated in
    the future was written by a clock that was wrong, and counts for nothing.
    """
    begun = (scrubs.c.campaign_id == campaigns.c.id) & (scrubs.c.started_at <= now)
    done = exists().where(
        begun,
        or_(
            scrubs.c.finished_at.is_not(None) & (scrubs.c.started_at >= moment),
            scrubs.c.finished_at.is_(None) & (scrubs.c.started_at > now - again_after),
        ),
    )
    query = select(campaigns.c.id, campaigns.c.seller_id).where(
        campaigns.c.state.in_(SCRUBBED_NIGHTLY), campaigns.c.launched_at < moment, ~done
    )
    return tx.execute(query.order_by(campaigns.c.id)).all()
