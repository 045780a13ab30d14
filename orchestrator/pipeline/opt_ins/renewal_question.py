"""The gate's question about asking somebody to renew: nobody asked for it, so it is judged as what the consent is for.

Asking for leave to advertise is advertising (regulators of the EU, the UK and Canada say so), so the message needs what
any such text needs: a consent that stands, its hours, caps and registries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from orchestrator.compliance.notices import Said
from orchestrator.domain.campaign import Seller
from orchestrator.domain.consent_standing import Wanted
from orchestrator.domain.contact_request import (
    AttemptFacts,
    CallerFacts,
    CampaignFacts,
    Channel,
    ContactRequest,
    LawfulBasis,
    LineType,
    Message,
    Purpose,
    SuppressionFacts,
)
from orchestrator.domain.opt_in import OptInPage
from orchestrator.domain.renewal import is_last_word
from orchestrator.persistence import consent_ledger, consents_held, opt_ins, prospects, sellers, suppressions
from orchestrator.persistence.dossiers import Dossier, Number
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.asking import contact_facts, reassigned_answer
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.opt_ins.matter import Matter
from orchestrator.pipeline.text_notices import notices_of
from orchestrator.pipeline.unenrolled import Addressee
from orchestrator.pipeline.vendor_proof import lack_of

NOTHING_LEFT = "nothing left to renew"
NOBODY_LEFT = "nobody on record"


def matter_of(
    tx: Connection,
    engine: Engine,
    opt_in: Record,
    page: OptInPage,
    campaign_id: int,
    line_type: LineType,
    now: datetime,
) -> Matter | str:
    """The question at this moment; a reason where nothing is left to be asked."""
    key, seller = bytes(opt_in.number_key), sellers.require(tx, page.seller)
    details = engine.store.keyring.open_json(opt_in.details_sealed, opt_ins.DETAILS)
    if not _still_to_renew(tx, opt_in, page, details, now):
        return NOTHING_LEFT
    person = _person(tx, engine, opt_in, campaign_id, now)
    number = None if person is None else next((one for one in person.numbers if one.key == key), None)
    if person is None or number is None:
        return NOBODY_LEFT
    if (lack := lack_of(person, key, Channel.SMS, now)) is not None:
        return lack.rule
    body = str(details["message"])
    said = Said(text=body, language=opt_in.language, seller_name=page.brand)
    message = notices_of(engine.rulebook, said, number.country, now)
    purpose = _purpose(page, details)
    question = _question(tx, engine, person, replace(number, line_type=line_type), seller, purpose, message, now)
    return Matter(question=question, to=_addressee(opt_in, person, number), body=body, judged=person.stop_ids)


def _still_to_renew(tx: Connection, opt_in: Record, page: OptInPage, details: Mapping[str, Any], now: datetime) -> bool:
    """Whether none of the consents has ended, and each is still the person's last word."""
    if now >= datetime.fromisoformat(details["ends_at"]):
        return False
    key = bytes(opt_in.number_key)
    said, stops = consent_ledger.entries(tx, page.seller, key), suppressions.standing(tx, page.seller, key)
    choices, entries = {choice.id: choice for choice in page.choices}, {one.id: one for one in said}
    return all(
        entry_id in entries and is_last_word(entries[entry_id], choices[choice_id], said, stops)
        for choice_id, entry_id in details["renews"]
    )


def _person(tx: Connection, engine: Engine, opt_in: Record, campaign_id: int, now: datetime) -> Dossier | None:
    seller_id, key = opt_in.seller_id, bytes(opt_in.number_key)
    holder = consent_ledger.holders(tx, [seller_id], [key]).get((seller_id, key))
    since = now - timedelta(days=engine.rulebook.history_days)
    found = [] if holder is None else prospects.load(tx, engine.store.keyring, campaign_id, [holder.id], since)
    return found[0] if found else None


def _purpose(page: OptInPage, details: Mapping[str, Any]) -> Purpose:
    """What the message is for in law: to advertise where any of it is."""
    asked = {choice.purpose for choice in page.choices if choice.id in details["ticked"]}
    return Purpose.TELEMARKETING if Purpose.TELEMARKETING in asked else min(asked)


def _question(
    tx: Connection,
    engine: Engine,
    person: Dossier,
    number: Number,
    seller: Seller,
    purpose: Purpose,
    message: Message,
    now: datetime,
) -> ContactRequest:
    wanted = Wanted.of(purpose, sells=False, sells_by_text=False)
    keys = [one.key for one in person.numbers]
    told = consents_held.read(tx, [seller.id], keys)
    said = {key: told.get((seller.id, key), consents_held.NOTHING) for key in keys}
    refused = [no for one in said.values() for no in consents_held.forbidding(one.noes, wanted)]
    noes: Sequence[SuppressionFacts] = [*person.stops_of_texts, *refused]
    return ContactRequest(
        at=now,
        attempt=AttemptFacts(channel=Channel.SMS, message=replace(message, marketing=purpose is Purpose.TELEMARKETING)),
        campaign=CampaignFacts(
            id=str(person.enrollment.campaign_id),
            purpose=purpose,
            lawful_basis=LawfulBasis.CONSENT,
            caller=CallerFacts(
                kind=seller.kind, id=seller.id, country=seller.country, registrations=tuple(seller.registrations)
            ),
        ),
        contact=contact_facts(person, number),
        consents=consents_held.serving(said[number.key].given, wanted, noes),
        suppressions=noes,
        registries=engine.shelf().answers([number.number], seller.id)[0],
        reassigned=reassigned_answer(person, number, now),
        history=person.history,
    )


def _addressee(opt_in: Record, person: Dossier, number: Number) -> Addressee:
    return Addressee(
        seller_id=opt_in.seller_id,
        campaign_id=person.enrollment.campaign_id,
        number=number.number,
        number_key=number.key,
        person_keys=tuple(one.key for one in person.numbers),
        country=opt_in.country,
        contact_id=person.contact.contact_id,
    )
