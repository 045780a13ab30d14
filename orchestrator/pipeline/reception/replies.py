"""What a person who wrote to us gets back at once: one confirmation, or who we are; never marketing."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from orchestrator.carrier.keywords import carrier_replies, carrier_restarts
from orchestrator.compliance.opt_out import Intent
from orchestrator.domain.events import CarrierEvent
from orchestrator.domain.reply_texts import HELP, STARTED, STOPPED, in_language
from orchestrator.domain.sender import Sender
from orchestrator.persistence import senders, suppressions
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.people import contact_points, contacts, sellers
from orchestrator.pipeline.reception.stops import Classify, intent_of

CONFIRMS_WITHIN = timedelta(minutes=5)  # 47 CFR 64.1200(a)(12): later it is a message that nobody asked for
TEXTS: Mapping[Intent, Mapping[str, str]] = {Intent.STOP: STOPPED, Intent.HELP: HELP, Intent.START: STARTED}


def reply_to(store: Store, event: CarrierEvent, now: datetime, classify: Classify) -> str | None:
    """The one message in reply to a stored inbound message, the same when it is delivered again; None for silence.

    A doubt is not answered: what we would promise a person might have to take back.
    """
    intent = intent_of(event, classify)
    texts = TEXTS.get(intent)
    if texts is None:
        return None
    with store.read() as tx:
        sender = senders.receiving(tx, event.to, event.messaging_service)
        key = store.keyring.number_key(event.from_)
        if sender.seller_id is None or carrier_replies(event, sender):
            return None
        if not _is_due(tx, intent, event, sender, key, now):
            return None
        text = in_language(texts, _language(tx, sender.seller_id, key))
        seller = tx.execute(select(sellers).where(sellers.c.id == sender.seller_id)).one()
        return text.format(name=seller.name, callback_number=seller.callback_number)


def _is_due(tx: Connection, intent: Intent, event: CarrierEvent, sender: Sender, key: bytes, now: datetime) -> bool:
    """Whether this message is to be answered: a stop once and soon, a start where it opened something."""
    written_at = tx.execute(select(inbound_contacts.c.at).where(inbound_contacts.c.sid == event.sid)).scalar()
    if written_at is None or sender.seller_id is None or now - written_at > CONFIRMS_WITHIN:
        return False
    if intent is Intent.START:
        return carrier_restarts(event, sender) and suppressions.reopened_at(tx, sender.seller_id, key, written_at)
    if intent is Intent.HELP:
        return True
    # An older no had its confirmation, and a second one is a message too many.
    standing = suppressions.standing(tx, sender.seller_id, key)
    return not any(row.at < written_at and row.texts_again_at is None for row in standing)


def _language(tx: Connection, seller_id: str, key: bytes) -> str | None:
    """The language that the seller's lists give for whoever has the number."""
    query = (
        select(contacts.c.language)
        .join(contact_points, contact_points.c.contact_id == contacts.c.id)
        .where(contact_points.c.seller_id == seller_id, contact_points.c.number_key == key)
        .where(contacts.c.language.is_not(None))
        .order_by(contacts.c.updated_at.desc())
    )
    language: str | None = tx.execute(query.limit(1)).scalar()
    return language
