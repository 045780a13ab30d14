"""Somebody asks to opt in: kept as pending, once for each seller and number, however often it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import phonenumbers
from phonenumbers.timezone import time_zones_for_number
from sqlalchemy import Connection

from orchestrator.domain.consent_event import Collection, ConsentEvent, ConsentState, Evidence
from orchestrator.domain.contact_request import ConsentSource
from orchestrator.domain.opt_in import Choice, OptInPage, OptInSource
from orchestrator.persistence import consents, opt_ins, suppressions
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.identity import new_id

BY = "step:opt-ins"
ANSWERED_WITHIN = timedelta(hours=72)
# So that nobody uses a page to have a stranger's phone ring, or to buy texts in bulk at somebody else's cost.
OF_AN_ADDRESS = ((timedelta(hours=1), 10), (timedelta(days=1), 30))
NUMBER_RESTS = timedelta(days=30)
OF_A_NUMBER, OF_A_STOPPED_NUMBER = 3, 1
COLLECTIONS = {
    OptInSource.FORM: Collection.WEB_FORM,
    OptInSource.KEYWORD: Collection.KEYWORD,
    OptInSource.RENEWAL: Collection.KEYWORD,  # they answer with a word
}
SOURCES = {
    OptInSource.FORM: ConsentSource.OWN_FORM,
    OptInSource.KEYWORD: ConsentSource.KEYWORD,
    OptInSource.RENEWAL: ConsentSource.KEYWORD,
}
# What the ledger keeps of a request that may come to nothing: nothing that names anybody.
OF_NOBODY = (Evidence.URL, Evidence.PAGE_VERSION, Evidence.TEXT, Evidence.TEXT_VERSION, Evidence.CHECKBOX)


class Taken(StrEnum):
    """What became of a request; whoever asked on a page must not learn more of a number than that it was too often."""

    PENDING = "pending"
    ALREADY = "already"  # one waits for this number
    NUMBER_RESTS = "number rests"
    PAGE_SPENT = "page spent"
    TOO_MANY = "too many"  # from this address


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody entered. ``evidence`` holds what its way of asking tells beside: address, browser, message …"""

    number: str  # E.164
    country: str  # of the number
    language: str
    ticked: tuple[str, ...]  # ids of choices
    source: OptInSource
    name: str | None = None
    address: str | None = None  # the network address; None where the carrier brought it
    evidence: Mapping[str, Any]


def request(tx: Connection, keyring: Keyring, page: OptInPage, asked: Asked, now: datetime) -> Taken:
    """Keep the request as pending and say so in the ledger; the worker sends the one confirmation."""
    refused = _too_often(tx, keyring, page, asked, now)
    if refused is not None:
        return refused
    key, record_id = keyring.number_key(asked.number), new_id(now)
    evidence = evidence_of(page, asked, now)
    details = {"name": asked.name, "ticked": list(asked.ticked), "evidence": evidence}
    row = {
        "id": new_id(now),
        "page_id": page.id,
        "version": page.version,
        "seller_id": page.seller,
        "number_key": key,
        "number_sealed": keyring.seal(asked.number, opt_ins.NUMBER),
        "details_sealed": keyring.seal_json(details, opt_ins.DETAILS),
        "source": asked.source.value,
        "language": asked.language,
        "country": asked.country,
        "record_id": record_id,
        "requested_at": now,
        "expires_at": now + ANSWERED_WITHIN,
        "due_at": now,
    }
    if not opt_ins.begin(tx, row):
        return Taken.ALREADY
    opt_ins.note_request(tx, [_of_number(keyring, page, asked.number), _of_page(keyring, page)], now)
    for choice in page.choices:
        if choice.id in asked.ticked:
            event = _requested(page, asked, choice, evidence, record_id, now)
            consents.record(tx, keyring, event, now, number_key=key)
    return Taken.PENDING


def asks_too_often(tx: Connection, keyring: Keyring, address: str, now: datetime) -> bool:
    """Whether so much was asked from that address that nothing more is taken; nothing is written."""
    key = _of_address(keyring, address)
    return any(opt_ins.requests(tx, key, now - within) >= most for within, most in OF_AN_ADDRESS)


def _requested(
    page: OptInPage, asked: Asked, choice: Choice, evidence: Mapping[str, Any], record_id: UUID, now: datetime
) -> ConsentEvent:
    return ConsentEvent(
        seller_id=page.seller,
        number="",
        event=ConsentState.REQUESTED,
        channel=choice.channel,
        purpose=choice.purpose,
        automated=choice.automated,
        happened_at=now,
        expires_at=now + ANSWERED_WITHIN,
        source=SOURCES[asked.source],
        collection=COLLECTIONS[asked.source],
        language=asked.language,
        jurisdiction=asked.country,
        notice=page.privacy_url,
        notice_version=page.privacy_version,
        recorded_by=BY,
        record_id=record_id,
        evidence={name: evidence[name] for name in OF_NOBODY if name in evidence},
    )


def evidence_of(page: OptInPage, asked: Asked, now: datetime) -> dict[str, Any]:
    """All that must be shown of an opt-in later: who, when, where, which text, and what was ticked."""
    return {
        Evidence.NUMBER: asked.number,
        Evidence.NAME: asked.name,
        Evidence.AT: moment_in(asked.number, now),
        Evidence.PAGE_VERSION: page.version,
        Evidence.TEXT: page.shown(asked.language),
        Evidence.TEXT_VERSION: page.version,
        Evidence.CHECKBOX: "unticked",
        Evidence.TICKED: list(asked.ticked),
        Evidence.BRANDS: [page.brand],
        Evidence.FREQUENCY: page.texts[asked.language].frequency,
        **asked.evidence,
    }


def moment_in(number: str, at: datetime) -> str:
    """The moment to the millisecond, in UTC, with the zones that the number may be in."""
    zones = time_zones_for_number(phonenumbers.parse(number))
    return f"{at.astimezone(UTC).isoformat(timespec='milliseconds')} [{', '.join(zones)}]"


def _too_often(tx: Connection, keyring: Keyring, page: OptInPage, asked: Asked, now: datetime) -> Taken | None:
    if asked.address is not None:
        if asks_too_often(tx, keyring, asked.address, now):
            return Taken.TOO_MANY  # and not noted: whoever goes on asking must not fill the table
        opt_ins.note_request(tx, [_of_address(keyring, asked.address)], now)
    # A keyword comes from the phone itself; a form may be filled in by anybody.
    by_anybody = asked.source is OptInSource.FORM
    stopped = by_anybody and suppressions.standing(tx, page.seller, keyring.number_key(asked.number))
    most = OF_A_STOPPED_NUMBER if stopped else OF_A_NUMBER
    if opt_ins.requests(tx, _of_number(keyring, page, asked.number), now - NUMBER_RESTS) >= most:
        return Taken.NUMBER_RESTS
    if opt_ins.requests(tx, _of_page(keyring, page), now - timedelta(days=1)) >= page.most_a_day:
        return Taken.PAGE_SPENT
    return None


def _of_address(keyring: Keyring, address: str) -> bytes:
    return keyring.number_key(f"address:{address}")


def _of_number(keyring: Keyring, page: OptInPage, number: str) -> bytes:
    return keyring.number_key(f"opt-in of {page.seller}:{number}")


def _of_page(keyring: Keyring, page: OptInPage) -> bytes:
    return keyring.number_key(f"opt-ins at {page.id}")
