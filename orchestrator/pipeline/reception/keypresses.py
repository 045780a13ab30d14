"""A key pressed: 9 is a no, at once and for good; any other key, or none, is not."""

import re
from datetime import datetime

from sqlalchemy import Connection

from orchestrator.compliance.opt_out import Intent
from orchestrator.domain.events import CarrierEvent
from orchestrator.persistence.store import Store
from orchestrator.pipeline.reception.answering import information_for
from orchestrator.pipeline.reception.group_commit import transact
from orchestrator.pipeline.reception.inbound_calls import offer_agent
from orchestrator.pipeline.reception.plans import Goodbye, HangUp, InboundPlan, KeyPlan
from orchestrator.pipeline.reception.receiving import Heard, take_in
from orchestrator.pipeline.reception.stops import OPT_OUT_KEY, take_back

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
WITHHELD = Goodbye(
    "We cannot see your number, so we cannot stop calls to it. Please call again and show your number, or write STOP "
    "from your phone. Goodbye."
)
FAREWELL = Goodbye("Thank you. We will not contact you again. Goodbye.")


def key_in_our_call(store: Store, event: CarrierEvent, now: datetime) -> KeyPlan:
    """Farewell after a 9; after a wrong key the message again, so that the right one can still be pressed."""
    plan: KeyPlan
    heard, plan = transact(store, lambda tx: _in_our_call(tx, store, event, now))
    take_back(store, heard.stops, now)
    return plan


def key_in_their_call(store: Store, event: CarrierEvent, now: datetime) -> InboundPlan:
    """Farewell after a 9; else an agent, where one is free."""
    plan: InboundPlan
    heard, plan = transact(store, lambda tx: _in_their_call(tx, store, event, now))
    take_back(store, heard.stops, now)
    return plan


def _in_our_call(tx: Connection, store: Store, event: CarrierEvent, now: datetime) -> tuple[Heard, KeyPlan]:
    heard = take_in(tx, store.keyring, event, now, Intent.OTHER)
    if event.digits == OPT_OUT_KEY and heard.stops:
        return heard, FAREWELL
    again = None if event.reference is None else information_for(tx, event.reference)
    return heard, again or HangUp("unknown attempt")


def _in_their_call(tx: Connection, store: Store, event: CarrierEvent, now: datetime) -> tuple[Heard, InboundPlan]:
    heard = take_in(tx, store.keyring, event, now, Intent.OTHER)
    if event.digits != OPT_OUT_KEY:
        return heard, offer_agent(tx, event, now)
    return heard, FAREWELL if E164.fullmatch(event.from_) else WITHHELD
