"""People whose consent ends soon are asked once, by the page's sender, whether they give it anew.

Asking writes a pending opt-in; the worker decides, sends and hears as it does for any other.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number
from sqlalchemy import Connection

from orchestrator.compliance.consent_term import Term
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.consent_event import ConsentEvent, ConsentState, Evidence
from orchestrator.domain.contact_request import ConsentLevel
from orchestrator.domain.opt_in import Choice, OptInPage, OptInSource
from orchestrator.domain.renewal import is_last_word, suits, was_asked
from orchestrator.persistence import consent_ledger, consents, opt_ins, suppressions
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.consents.expiring import Ending, ending
from orchestrator.pipeline.opt_ins.requesting import (
    ANSWERED_WITHIN,
    BY,
    COLLECTIONS,
    SOURCES,
    moment_in,
)

SOURCE = OptInSource.RENEWAL


@dataclass(frozen=True, slots=True)
class Renewal:
    """One choice of the page, and the consent for it that ends."""

    choice: Choice
    entry: Record
    term: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody to be asked. ``number`` is in clear; ``ends_at`` is when the first of their consents ends."""

    number: str
    number_key: bytes
    country: str
    language: str
    renewals: tuple[Renewal, ...]

    @property
    def ends_at(self) -> datetime:
        """The end of the consent that ends first: the message names one day, and late would be untrue."""
        return min(one.term.ends_at for one in self.renewals)

    @property
    def ends_on(self) -> date:
        """The last day on which that consent holds, by the number's own clock where it has one."""
        zones = [zone for zone in time_zones_for_number(phonenumbers.parse(self.number)) if zone != UNKNOWN_TIMEZONE]
        zone = ZoneInfo(zones[0] if len(zones) == 1 else "UTC")
        return (self.ends_at - timedelta(seconds=1)).astimezone(zone).date()


def people(store: Store, rulebook: Rulebook, page: OptInPage, now: datetime, by: datetime) -> list[Person]:
    """Whoever of the page's seller may be asked now, since a consent of theirs ends by then; the soonest first."""
    found: dict[bytes, list[Ending]] = defaultdict(list)
    for one in ending(store, rulebook, now, by, page.seller):
        if one.number and _country(one.number) in page.countries and any(suits(one.entry, c) for c in page.choices):
            found[bytes(one.entry.number_key)].append(one)
    keys = list(found)
    chunks = (keys[at : at + store.bulk_rows] for at in range(0, len(keys), store.bulk_rows))
    asked = [person for chunk in chunks for person in _of(store, page, {key: found[key] for key in chunk})]
    return sorted(asked, key=lambda person: person.ends_at)


def ask(store: Store, page: OptInPage, person: Person, message: str, now: datetime) -> bool:
    """Have the worker ask this person; False where they were faster with a word of theirs, or are being asked."""
    with store.write() as tx:
        if _left(tx, page, person.number_key, person.renewals) != list(person.renewals):
            return False
        evidence = _evidence(page, person, message, now)
        row = _row(store.keyring, page, person, evidence, now)
        if not opt_ins.begin(tx, row):
            return False
        for choice in dict.fromkeys(one.choice for one in person.renewals):
            event = _requested(page, person, choice, evidence, row["record_id"], now)
            consents.record(tx, store.keyring, event, now, number_key=person.number_key)
    return True


def _of(store: Store, page: OptInPage, found: Mapping[bytes, Sequence[Ending]]) -> Iterator[Person]:
    with store.read() as tx:
        holders = consent_ledger.holders(tx, [page.seller], list(found))
        for key, ends in found.items():
            renewals = _left(tx, page, key, [one for each in ends for one in _renewals(page, each)])
            if renewals:
                yield Person(
                    number=ends[0].number,
                    number_key=key,
                    country=_country(ends[0].number),
                    language=page.language_of(holders[page.seller, key].language),
                    renewals=tuple(renewals),
                )


def _renewals(page: OptInPage, end: Ending) -> Iterator[Renewal]:
    return (Renewal(choice, end.entry, end.term) for choice in page.choices if suits(end.entry, choice))


def _left(tx: Connection, page: OptInPage, key: bytes, renewals: Sequence[Renewal]) -> list[Renewal]:
    """Those of the renewals that the person may still be asked for: nothing was said since, and nobody has asked."""
    said = consent_ledger.entries(tx, page.seller, key)
    stops = suppressions.standing(tx, page.seller, key)
    asked = opt_ins.asked_to_renew(tx, page.seller, [key])
    return [
        one
        for one in renewals
        if is_last_word(one.entry, one.choice, said, stops) and not was_asked(one.entry, one.choice, asked)
    ]


def _row(
    keyring: Keyring, page: OptInPage, person: Person, evidence: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    details = {
        "name": None,
        "ticked": _ticked(person),
        "evidence": evidence,
        "level": _level(page, person).value,
        "message": evidence[Evidence.TEXT],
        "renews": [[one.choice.id, one.entry.id] for one in person.renewals],
        "ends_at": person.ends_at.isoformat(),
    }
    return {
        "id": new_id(now),
        "page_id": page.id,
        "version": page.version,
        "seller_id": page.seller,
        "number_key": person.number_key,
        "number_sealed": keyring.seal(person.number, opt_ins.NUMBER),
        "details_sealed": keyring.seal_json(details, opt_ins.DETAILS),
        "source": SOURCE.value,
        "language": person.language,
        "country": person.country,
        "record_id": new_id(now),
        "requested_at": now,
        "expires_at": now + ANSWERED_WITHIN,
        "due_at": now,
    }


def _ticked(person: Person) -> list[str]:
    return list(dict.fromkeys(one.choice.id for one in person.renewals))


def _level(page: OptInPage, person: Person) -> ConsentLevel:
    """A text has no room for what a written consent must tell (47 CFR 64.1200(f)(9)): it renews one, and makes none."""
    written = all(one.entry.level == ConsentLevel.EXPRESS_WRITTEN for one in person.renewals)
    return page.level if written else ConsentLevel.EXPRESS


def _evidence(page: OptInPage, person: Person, message: str, now: datetime) -> dict[str, Any]:
    records = ", ".join(dict.fromkeys(str(one.entry.record_id) for one in person.renewals))
    return {
        Evidence.NUMBER: person.number,
        Evidence.AT: moment_in(person.number, now),
        Evidence.SOURCE: f"renewal of record {records}",
        Evidence.PAGE_VERSION: page.version,
        Evidence.TEXT: message,
        Evidence.TEXT_VERSION: page.version,
        Evidence.TICKED: _ticked(person),
        Evidence.BRANDS: [page.brand],
        Evidence.FREQUENCY: page.texts[person.language].frequency,
    }


def _requested(
    page: OptInPage, person: Person, choice: Choice, evidence: Mapping[str, Any], record_id: UUID, now: datetime
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
        source=SOURCES[SOURCE],
        collection=COLLECTIONS[SOURCE],
        language=person.language,
        jurisdiction=person.country,
        notice=page.privacy_url,
        notice_version=page.privacy_version,
        recorded_by=BY,
        record_id=record_id,
        evidence={name: told for name, told in evidence.items() if name not in {Evidence.NUMBER, Evidence.AT}},
    )


def _country(number: str) -> str:
    return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
