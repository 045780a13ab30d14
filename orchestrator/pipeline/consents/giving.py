"""A consent put on record by hand or from a form, and whoever waited for it is due again."""

import re
from dataclasses import replace
from datetime import datetime

from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.consent_event import ConsentEvent, names_seller
from orchestrator.domain.contact_request import ConsentSource
from orchestrator.domain.decision import Cure
from orchestrator.domain.errors import UserError
from orchestrator.persistence import consents, sellers
from orchestrator.persistence.enrollment_cures import reopen_holders
from orchestrator.persistence.store import Store
from orchestrator.pipeline.intake.places import language_named

JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
LONGEST_VERSION = 64


def give(store: Store, event: ConsentEvent, now: datetime) -> tuple[int, int]:
    """Record the event; the number of its entry, and how many enrollments are due again. Raises UserError."""
    event = _as_kept(event)
    if event.happened_at > now:
        raise UserError("A consent cannot lie in the future: give the moment at which it was given.")
    for said in (event.evidence or {}).values():
        refuse_cards(str(said), "The evidence")
    if event.expires_at is not None and event.expires_at <= event.happened_at:
        raise UserError("A consent cannot end before it was given: give the moment until which it says that it holds.")
    with store.write() as tx:
        seller = sellers.require(tx, event.seller_id)
        if event.source is ConsentSource.PURCHASED_LIST:
            event = replace(event, to_caller=names_seller(event.evidence, seller.name))
        entry = consents.record(tx, store.keyring, event, now)
    key = store.keyring.number_key(event.number)
    return entry, reopen_holders(store, Cure.CONSENT, [key], now, event.seller_id)


def _as_kept(event: ConsentEvent) -> ConsentEvent:
    """The event with its language and place as they are kept; UserError for what is none."""
    language = language_named(event.language) if event.language else None
    if event.language and language is None:
        raise UserError(f"'{event.language[:40]}' is no language; write it as in en, de or pt-BR.")
    place = event.jurisdiction.strip().upper() if event.jurisdiction else None
    if place and not JURISDICTION.fullmatch(place):
        raise UserError(f"'{place[:40]}' is no jurisdiction; write it as in FR or US-FL.")
    if len(event.notice_version or "") > LONGEST_VERSION:
        raise UserError(f"The version of a notice has at most {LONGEST_VERSION} characters; give a shorter one.")
    return replace(event, language=language, jurisdiction=place or None)
