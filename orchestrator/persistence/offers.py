"""Previews offered to agents: no attempt until one is accepted."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from orchestrator.domain.contact_request import Mode
from orchestrator.domain.enrollment import OfferState
from orchestrator.persistence.tables.agents import offers
from orchestrator.persistence.tables.columns import Record

LASTS = timedelta(seconds=60)
# Built once: each tick of each campaign asks.
ACCEPTED = (
    select(offers)
    .where(offers.c.campaign_id == bindparam("b_campaign"), offers.c.state == OfferState.ACCEPTED)
    .order_by(offers.c.decided_at)
    .limit(bindparam("b_limit"))
)
EXPIRED = (
    select(offers)
    .where(offers.c.state == OfferState.OFFERED, offers.c.expires_at <= bindparam("b_now"))
    .limit(bindparam("b_limit"))
)


def make(
    tx: Connection,
    *,
    enrollment_id: int,
    campaign_id: int,
    agent_id: str,
    number_key: bytes,
    now: datetime,
    callback_id: int | None = None,
) -> int:
    """Lay the person before the agent for a minute; the offer's id. ``callback_id``: the promise that it keeps."""
    values = {
        "enrollment_id": enrollment_id,
        "campaign_id": campaign_id,
        "agent_id": agent_id,
        "state": OfferState.OFFERED,
        "offered_at": now,
        "expires_at": now + LASTS,
        "number_key": number_key,
        "callback_id": callback_id,
    }
    return _insert(tx, values)


def dialled_by_hand(
    tx: Connection, *, enrollment_id: int, campaign_id: int, agent_id: str, number_key: bytes, now: datetime
) -> int:
    """The agent dials this number: an offer that they have accepted by making it; its id."""
    values = {
        "enrollment_id": enrollment_id,
        "campaign_id": campaign_id,
        "agent_id": agent_id,
        "state": OfferState.ACCEPTED,
        "offered_at": now,
        "expires_at": now + LASTS,
        "decided_at": now,
        "number_key": number_key,
        "mode": Mode.MANUAL,
    }
    return _insert(tx, values)


def _insert(tx: Connection, values: Mapping[str, Any]) -> int:
    offer_id: int = tx.execute(insert(offers).values(values).returning(offers.c.id)).scalar_one()
    return offer_id


def standing(tx: Connection, agent_id: str) -> Record | None:
    """What lies before the agent."""
    query = select(offers).where(offers.c.agent_id == agent_id, offers.c.state == OfferState.OFFERED)
    return tx.execute(query.order_by(offers.c.id)).first()


def last(tx: Connection, agent_id: str) -> Record | None:
    """What lay before the agent last, in whichever state it is now."""
    return tx.execute(select(offers).where(offers.c.agent_id == agent_id).order_by(offers.c.id.desc())).first()


def change(
    tx: Connection,
    offer_id: int,
    from_state: OfferState,
    to_state: OfferState,
    now: datetime,
    reason: str | None = None,
) -> bool:
    """Move the offer on; False where it stands elsewhere."""
    statement = (
        update(offers)
        .where(offers.c.id == offer_id, offers.c.state == from_state)
        .values(state=to_state, decided_at=now, reason=reason)
    )
    return tx.execute(statement).rowcount == 1


def accepted(tx: Connection, campaign_id: int, limit: int) -> Sequence[Record]:
    """Offers that agents accepted and nobody has dialled."""
    return tx.execute(ACCEPTED, {"b_campaign": campaign_id, "b_limit": limit}).all()


def stale(tx: Connection, accepted_before: datetime, limit: int) -> Sequence[Record]:
    """Offers that were accepted so long ago that the agent no longer waits for the call."""
    query = select(offers).where(offers.c.state == OfferState.ACCEPTED, offers.c.decided_at <= accepted_before)
    return tx.execute(query.limit(limit)).all()


def expired(tx: Connection, now: datetime, limit: int) -> Sequence[Record]:
    """Offers that no agent has answered in time."""
    return tx.execute(EXPIRED, {"b_now": now, "b_limit": limit}).all()
