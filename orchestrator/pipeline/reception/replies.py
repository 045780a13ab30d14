"""What a person who wrote to us gets back: one confirmation, or who we are; never marketing."""

from sqlalchemy import Connection, select

from orchestrator.carrier.keywords import carrier_replies
from orchestrator.compliance.opt_out import Intent
from orchestrator.domain.events import CarrierEvent
from orchestrator.persistence import suppressions
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import inbound_contacts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import sellers
from orchestrator.pipeline.reception.stops import Classify, intent_of, seller_of_sender

STOPPED = "{name}: you will get no more messages or calls from us. This is our last message."
HELP = "{name}: call us at {callback_number}. Reply STOP and you will hear from us no more."


def reply_to(store: Store, event: CarrierEvent, classify: Classify) -> str | None:
    """The one message in reply to a stored inbound message, the same when it is delivered again; None for silence."""
    intent = intent_of(event, classify)
    if intent not in {Intent.STOP, Intent.UNSURE, Intent.HELP} or carrier_replies(event):
        return None
    with store.read() as tx:
        seller = _seller(tx, event)
        if seller is None:
            return None
        if intent is Intent.HELP:
            return HELP.format(name=seller.name, callback_number=seller.callback_number)
        key = store.keyring.number_key(event.from_)
        return None if _confirmed(tx, seller.id, key, event.sid) else STOPPED.format(name=seller.name)


def _seller(tx: Connection, event: CarrierEvent) -> Record | None:
    seller_id = seller_of_sender(tx, event)
    return tx.execute(
        select(sellers.c.id, sellers.c.name, sellers.c.callback_number).where(sellers.c.id == seller_id)
    ).one_or_none()


def _confirmed(tx: Connection, seller_id: str, number_key: bytes, sid: str) -> bool:
    """Whether an older no stands: it had its confirmation, and a second one is a message too many."""
    written_at = tx.execute(select(inbound_contacts.c.at).where(inbound_contacts.c.sid == sid)).scalar()
    standing = suppressions.standing(tx, seller_id, number_key)
    return written_at is not None and any(row.at < written_at for row in standing)
