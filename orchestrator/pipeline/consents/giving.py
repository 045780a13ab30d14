"""A consent put on record by hand or from a form, and whoever waited for it is due again."""

from datetime import datetime

from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.consent_event import ConsentEvent
from orchestrator.domain.decision import Cure
from orchestrator.domain.errors import UserError
from orchestrator.persistence import consents, sellers
from orchestrator.persistence.enrollment_cures import reopen_holders
from orchestrator.persistence.store import Store


def give(store: Store, event: ConsentEvent, now: datetime) -> tuple[int, int]:
    """Record the event; the number of its entry, and how many enrollments are due again. Raises UserError."""
    if event.happened_at > now:
        raise UserError("A consent cannot lie in the future: give the moment at which it was given.")
    for said in (event.evidence or {}).values():
        refuse_cards(str(said), "The evidence")
    with store.write() as tx:
        sellers.require(tx, event.seller_id)
        entry = consents.record(tx, store.keyring, event, now)
    key = store.keyring.number_key(event.number)
    return entry, reopen_holders(store, Cure.CONSENT, [key], now, event.seller_id)
