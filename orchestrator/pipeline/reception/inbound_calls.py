"""Somebody calls one of our caller ids: they hear who that is, may opt out, and get an agent where one is free."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from orchestrator.compliance.opt_out import Intent
from orchestrator.domain.agent import AgentState, conference_room
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.carrier import CallStatus, Carrier
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.errors import AccountMisconfiguredError, CarrierBusyError, CarrierError
from orchestrator.domain.events import CarrierEvent
from orchestrator.persistence import agents, inbox
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.people import sellers
from orchestrator.pipeline.reception.group_commit import transact
from orchestrator.pipeline.reception.plans import Goodbye, Greet, HangUp, InboundPlan, Join
from orchestrator.pipeline.reception.receiving import keep_inbound, take_in
from orchestrator.pipeline.reception.stops import seller_of_sender

GREETING = "Thank you for calling {name}. Press 9 and we will not contact you again, or stay on the line."
NOBODY_FREE = "Nobody is free at the moment. You can reach {name} at {callback_number}. Goodbye."
UNKNOWN_SENDER = "Thank you for calling. This number takes no calls. Goodbye."
SILENCE = timedelta(minutes=1)
OVER = frozenset({CallStatus.COMPLETED, CallStatus.BUSY, CallStatus.FAILED, CallStatus.NO_ANSWER, CallStatus.CANCELED})


def greet(store: Store, event: CarrierEvent, now: datetime) -> InboundPlan:
    """What somebody who called us hears first: who we are, on behalf of the seller whose number they called."""
    return transact(store, lambda tx: _greet(tx, store, event, now))


def caller_left(store: Store, event: CarrierEvent, now: datetime) -> None:
    """Store the news, and free the agent of a call that is over."""
    transact(store, lambda tx: _left(tx, store, event, now))


def run_once(store: Store, carrier: Carrier, now: datetime, limit: int = 20) -> int:
    """Ask the carrier about joined calls that have been silent for a minute; how many were over.

    The end of such a call is heard only where the number's own status callback is set, and an agent whose call has
    ended unheard would talk for ever.
    """
    with store.read() as tx:
        joined = tx.execute(
            select(inbound_contacts.c.sid)
            .where(
                inbound_contacts.c.channel == Channel.VOICE.value,
                inbound_contacts.c.agent_id.is_not(None),
                inbound_contacts.c.ended_at.is_(None),
                inbound_contacts.c.at <= now - SILENCE,
            )
            .order_by(inbound_contacts.c.at)
            .limit(limit)
        ).scalars()
        sids = list(joined)
    over = [sid for sid in sids if _is_over(carrier, sid)]
    for sid in over:
        transact(store, lambda tx, sid=sid: _end(tx, sid, now))  # type: ignore[misc]
    return len(over)


def offer_agent(tx: Connection, event: CarrierEvent, now: datetime) -> InboundPlan:
    """Join the caller to an agent of the seller's running campaigns; the same one when asked again."""
    contact = _contact(tx, event.sid)
    if contact is None or contact.ended_at is not None:
        return HangUp("unknown or ended call")
    agent_id = contact.agent_id or _claimed(tx, contact, now)
    if agent_id is not None:
        return Join(conference_room(agent_id))
    return Goodbye(NOBODY_FREE.format(name=contact.name, callback_number=contact.callback_number))


def _greet(tx: Connection, store: Store, event: CarrierEvent, now: datetime) -> InboundPlan:
    inbox.remember(tx, store.keyring, event, now)
    seller_id = seller_of_sender(tx, event)
    if seller_id is None:
        return Goodbye(UNKNOWN_SENDER)
    keep_inbound(tx, store.keyring, event, seller_id, Channel.VOICE, now)
    name = tx.execute(select(sellers.c.name).where(sellers.c.id == seller_id)).scalar_one()
    return Greet(GREETING.format(name=name))


def _left(tx: Connection, store: Store, event: CarrierEvent, now: datetime) -> None:
    take_in(tx, store.keyring, event, now, Intent.OTHER)
    if event.call_status in OVER:
        _end(tx, event.sid, now)


def _end(tx: Connection, sid: str, now: datetime) -> None:
    contact = _contact(tx, sid)
    if contact is None:
        return
    tx.execute(
        update(inbound_contacts)
        .where(inbound_contacts.c.id == contact.id, inbound_contacts.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    agents.free_after(tx, contact.id, now)


def _is_over(carrier: Carrier, sid: str) -> bool:
    try:
        return carrier.fetch_call(sid).status in OVER
    except (CarrierBusyError, AccountMisconfiguredError):
        return False  # asked again next time; who may not ask has learnt nothing
    except CarrierError:
        return True  # the carrier knows no such call


def _claimed(tx: Connection, contact: Record, now: datetime) -> str | None:
    for queue in _queues(tx, contact.seller_id):
        # An agent is bound to an inbound call as to an attempt, by its id.
        agent_id = agents.claim_longest_ready(tx, queue, contact.id, now)
        if agent_id is not None:
            agents.change(tx, agent_id, {AgentState.CONNECTING}, AgentState.TALKING, now, attempt_id=contact.id)
            tx.execute(update(inbound_contacts).where(inbound_contacts.c.id == contact.id).values(agent_id=agent_id))
            return agent_id
    return None


def _queues(tx: Connection, seller_id: str) -> Iterator[str]:
    """Queues of the seller's running campaigns, the most urgent first, each once."""
    plans = tx.execute(
        select(campaigns.c.plan)
        .where(campaigns.c.seller_id == seller_id, campaigns.c.state == CampaignState.RUNNING.value)
        .order_by(campaigns.c.priority, campaigns.c.id)
    ).scalars()
    named = ((plan.get("voice") or {}).get("queue") for plan in plans)
    yield from dict.fromkeys(queue for queue in named if queue)


def _contact(tx: Connection, sid: str) -> Record | None:
    return tx.execute(
        select(inbound_contacts, sellers.c.name, sellers.c.callback_number)
        .join(sellers, sellers.c.id == inbound_contacts.c.seller_id)
        .where(inbound_contacts.c.sid == sid, inbound_contacts.c.channel == Channel.VOICE.value)
        .with_for_update(of=inbound_contacts)
    ).one_or_none()
