"""A delivery is stored, with a person's no in it applied, in one transaction, before it is acknowledged."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.carrier.keywords import carrier_restarts
from orchestrator.compliance.opt_out import Intent
from orchestrator.domain.card_numbers import without_cards
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.persistence import inbox, reviews, senders, suppressions, threads
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.pipeline.opt_ins import answers
from orchestrator.pipeline.reception.group_commit import transact
from orchestrator.pipeline.reception.stops import (
    Classify,
    Stop,
    intent_of,
    stops_in,
    suppress,
    take_back,
)

BODY = "inbound_contacts.body"


@dataclass(frozen=True, slots=True)
class Heard:
    """What storing a delivery found: whether it was the first time, and whom it says no to."""

    first: bool
    stops: list[Stop]


def receive(store: Store, event: CarrierEvent, now: datetime, classify: Classify) -> bool:
    """Store the delivery and what it says no to; False when it was heard before, and changed nothing.

    ``classify`` says what an inbound message wants, as one of Intent's words.
    """
    intent = intent_of(event, classify) if event.kind is EventKind.INBOUND_MESSAGE else Intent.OTHER
    heard = transact(store, lambda tx: take_in(tx, store.keyring, event, now, intent))
    # A repetition looks again too: the first time may have ended between its commit and its look.
    take_back(store, heard.stops, now)
    return heard.first


def take_in(tx: Connection, keyring: Keyring, event: CarrierEvent, now: datetime, intent: Intent) -> Heard:
    """The part of ``receive`` that is one transaction."""
    event = _without_cards(event)
    stops = stops_in(tx, keyring.number_key, event, intent) or answers.refusal_in(tx, keyring, event)
    if not inbox.remember(tx, keyring, event, now):
        return Heard(False, stops)
    for stop in stops:
        suppression_id = suppress(tx, stop, now)
        if intent is Intent.UNSURE:
            _ask_a_person(tx, stop, event, suppression_id, now)
    if event.kind is EventKind.INBOUND_MESSAGE:
        is_for_opt_in = answers.hear(tx, keyring, event, stops, now)
        _keep_message(tx, keyring, event, now, intent, waits=not is_for_opt_in)
    return Heard(True, stops)


def _without_cards(event: CarrierEvent) -> CarrierEvent:
    """What people write or key in is stored without the numbers of their cards."""
    body = None if event.body is None else without_cards(event.body)
    digits = None if event.digits is None else without_cards(event.digits)
    return event if (body, digits) == (event.body, event.digits) else replace(event, body=body, digits=digits)


def _keep_message(
    tx: Connection, keyring: Keyring, event: CarrierEvent, now: datetime, intent: Intent, *, waits: bool
) -> None:
    sender = senders.receiving(tx, event.to, event.messaging_service)
    seller_id = sender.seller_id
    if seller_id is None or not event.from_:
        return
    thread_id = threads.heard(
        tx,
        keyring,
        seller_id=seller_id,
        number=event.from_,
        sender=event.to,
        opts_out=intent in {Intent.STOP, Intent.UNSURE},
        waits=waits,
        at=now,
    )
    keep_inbound(tx, keyring, event, seller_id, Channel.SMS, now, thread_id=thread_id, intent=intent)
    # "Yes, but not now" is no new consent: what lifts a stop is the one word that lifts it at the carrier too.
    if intent is Intent.START and carrier_restarts(event, sender):
        suppressions.reopen_texts(tx, seller_id, keyring.number_key(event.from_), now)


def _ask_a_person(tx: Connection, stop: Stop, event: CarrierEvent, suppression_id: int, now: datetime) -> None:
    reviews.ask(
        tx,
        seller_id=stop.seller_id,
        number_key=stop.number_key,
        sid=event.sid,
        suppression_id=suppression_id,
        at=now,
    )


def keep_inbound(
    tx: Connection,
    keyring: Keyring,
    event: CarrierEvent,
    seller_id: str,
    channel: Channel,
    now: datetime,
    *,
    thread_id: int | None = None,
    intent: Intent | None = None,
) -> None:
    """Remember that this person contacted the seller; once for each sid."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    tx.execute(
        dialect.insert(inbound_contacts)
        .values(
            id=new_id(now),
            seller_id=seller_id,
            number_key=keyring.number_key(event.from_),
            channel=channel.value,
            sid=event.sid or event.key[-40:],
            sender=event.to,
            body_sealed=None if event.body is None else keyring.seal(event.body, BODY),
            at=now,
            thread_id=thread_id,
            intent=intent,
        )
        .on_conflict_do_nothing()
    )
