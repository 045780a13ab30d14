"""What people write about opting in: the keyword that begins it, the yes that gives, the no that ends."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import phonenumbers
from sqlalchemy import Connection

from orchestrator.domain.consent_event import ConsentEvent, ConsentState, Evidence
from orchestrator.domain.contact_request import ConsentChannel, ConsentLevel, SuppressionKind
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.domain.opt_in import Choice, OptInPage, OptInSource, OptInState
from orchestrator.domain.people_words import bare
from orchestrator.persistence import consents, opt_in_pages, opt_ins
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.opt_ins import ending
from orchestrator.pipeline.opt_ins.requesting import BY, COLLECTIONS, SOURCES, Asked, moment_in, request
from orchestrator.pipeline.reception.stops import Stop, seller_of_sender

LONGEST_ANSWER = 40  # characters: whoever writes more has more to say than yes


def refusal_in(tx: Connection, keyring: Keyring, event: CarrierEvent) -> list[Stop]:
    """The no of somebody who was asked to confirm, in a word that says no to nothing else."""
    pending = _asked(tx, keyring, event)
    if pending is None or not _is_one_of(event, _page(tx, pending).no):
        return []
    key = bytes(pending.number_key)
    return [Stop(seller_id=pending.seller_id, number_key=key, kind=SuppressionKind.STOP_REPLY, source="opt-in refused")]


def hear(tx: Connection, keyring: Keyring, event: CarrierEvent, stops: Sequence[Stop], now: datetime) -> bool:
    """Take the message for what it means to an opt-in, in the transaction that stores it; most mean nothing.

    Whether it was a yes or a page's keyword, which wait for nobody to read them.
    """
    pending = _asked(tx, keyring, event)
    if pending is not None and any(stop.seller_id == pending.seller_id for stop in stops):
        ending.refused(tx, keyring, pending, _reply(event, now), now)
    elif pending is not None:
        page = _page(tx, pending)
        if _is_one_of(event, page.yes) and pending.attempt_id is not None and now < pending.expires_at:
            _give(tx, keyring, pending, page, event, now)
            return True
    elif not stops and event.kind is EventKind.INBOUND_MESSAGE:
        return _begin(tx, keyring, event, now)
    return False


def _asked(tx: Connection, keyring: Keyring, event: CarrierEvent) -> Record | None:
    if event.kind is not EventKind.INBOUND_MESSAGE or not event.from_.startswith("+"):
        return None
    seller_id = seller_of_sender(tx, event)
    return None if seller_id is None else opt_ins.pending(tx, seller_id, keyring.number_key(event.from_))


def _page(tx: Connection, pending: Record) -> OptInPage:
    page = opt_in_pages.version(tx, pending.page_id, pending.version)
    assert page is not None, "an opt-in has a version"  # noqa: S101 - kept for good
    return page


def _is_one_of(event: CarrierEvent, words: Collection[str]) -> bool:
    said = event.body or ""
    return len(said) <= LONGEST_ANSWER and bare(said) in words


def _reply(event: CarrierEvent, now: datetime) -> dict[Any, Any]:
    return {
        Evidence.NUMBER: event.from_,
        Evidence.REPLY: event.body,
        Evidence.REPLIED_AT: moment_in(event.from_, now),
        Evidence.MESSAGE_SID: event.sid,
    }


def _give(
    tx: Connection, keyring: Keyring, pending: Record, page: OptInPage, event: CarrierEvent, now: datetime
) -> None:
    """Record what was ticked as given; the worker puts the person on the list."""
    details = keyring.open_json(pending.details_sealed, opt_ins.DETAILS)
    evidence = {**details["evidence"], **_reply(event, now), Evidence.TOKEN: str(pending.id)}
    for choice in page.choices:
        if choice.id in details["ticked"]:
            level = ConsentLevel(details.get("level", page.level))
            given = _given(pending, page, choice, level, evidence, now)
            consents.record(tx, keyring, given, now, number_key=bytes(pending.number_key))
    opt_ins.change(tx, pending.id, state=OptInState.GIVEN.value, ended_at=now, due_at=now, held_by=None)


def _given(
    pending: Record,
    page: OptInPage,
    choice: Choice,
    level: ConsentLevel,
    evidence: Mapping[str, Any],
    now: datetime,
) -> ConsentEvent:
    days = page.valid_for(pending.country)
    source = OptInSource(pending.source)
    return ConsentEvent(
        seller_id=pending.seller_id,
        number="",
        event=ConsentState.GIVEN,
        channel=choice.channel,
        level=level,
        purpose=choice.purpose,
        automated=choice.automated,
        happened_at=now,
        expires_at=None if days is None else now + timedelta(days=days),
        states_period=days is not None,
        source=SOURCES[source],
        opt_out_offered=True,
        evidence=evidence,
        language=pending.language,
        jurisdiction=pending.country,
        collection=COLLECTIONS[source],
        notice=page.privacy_url,
        notice_version=page.privacy_version,
        recorded_by=BY,
        record_id=pending.record_id,
    )


def _begin(tx: Connection, keyring: Keyring, event: CarrierEvent, now: datetime) -> bool:
    """Somebody sent a page's keyword: pending, as from its form, with everything that the page offers by text."""
    word = bare(event.body or "")
    addresses = [event.to, *filter(None, [event.messaging_service])]
    page_id = opt_in_pages.by_keyword(tx, addresses, word) if word and event.from_.startswith("+") else None
    stored = opt_in_pages.find(tx, page_id) if page_id is not None else None
    country = _country(event.from_)
    if stored is None or country not in stored.page.countries:
        return False
    page = stored.page
    asked = Asked(
        number=event.from_,
        country=country,
        language=page.languages[0],
        ticked=tuple(choice.id for choice in page.choices if choice.channel is ConsentChannel.SMS),
        source=OptInSource.KEYWORD,
        evidence={Evidence.WORDS: event.body, Evidence.MESSAGE_SID: event.sid, Evidence.SOURCE: event.to},
    )
    request(tx, keyring, page, asked, now)
    return True


def _country(number: str) -> str:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
    except phonenumbers.NumberParseException:
        return ""
