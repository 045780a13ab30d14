"""Consents and refusals of numbers from a file, without anybody becoming a contact by it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, select

from orchestrator.domain.consent_event import Collection
from orchestrator.domain.contact_request import ConsentChannel, Purpose, SuppressionKind
from orchestrator.domain.decision import Cure
from orchestrator.persistence import consents, contacts
from orchestrator.persistence.bulk_insert import bulk_insert
from orchestrator.persistence.dossiers import NUMBER
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.enrollment_cures import reopen_holders
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.people import consents as table
from orchestrator.persistence.tables.people import contact_points
from orchestrator.pipeline.consents.withdrawing import Withdrawal, withdraw
from orchestrator.pipeline.intake.consent_cells import ConsentClaim
from orchestrator.pipeline.intake.entry import Entry, EntryReader
from orchestrator.pipeline.intake.layout import Layout
from orchestrator.pipeline.intake.matching import number_meant
from orchestrator.pipeline.intake.records import Record
from orchestrator.pipeline.intake.rows import consent_event

ERASED = "the person was erased since, and what was kept of it does not come back"
NOTHING_SAID = "no consent and no refusal"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerOrder:
    """Whose consents, how the file is read, who brings it, and what consents are for that do not say."""

    layout: Layout
    seller_id: str
    country: str
    covered: Callable[[str], bool]
    by: str
    purpose: Purpose | None = None


@dataclass
class LedgerReport:
    """What came of the records; ``left`` are those that say nothing usable: line and why."""

    records: int = 0
    given: int = 0
    unproven: int = 0
    known: int = 0
    refused: int = 0
    reopened: int = 0
    left: list[tuple[int, str]] = field(default_factory=list)


def run_import(store: Store, order: LedgerOrder, clock: Callable[[], datetime]) -> LedgerReport:
    """Bring every record's consents and refusals into the ledger.

    What is there already is not written again, so an import that was cut short is simply run again.
    """
    report = LedgerReport()
    reader = EntryReader(order.layout, order.country, order.covered, order.purpose)
    for chunk in _chunks(order.layout, store.bulk_rows):
        now = clock()
        entries = [reader.read(record, now) for record in chunk]
        report.records += len(entries)
        report.left += [(entry.line, _why_left(entry)) for entry in entries if not _is_usable(entry)]
        usable = [entry for entry in entries if _is_usable(entry)]
        _give(store, order, usable, report, now)
        _refuse(store, order, [entry for entry in usable if entry.refusal is not None], report, now)
        store.rest()
    return report


def _chunks(layout: Layout, size: int) -> Iterator[list[Record]]:
    records = layout.records()
    while chunk := list(islice(records, size)):
        yield chunk


def _is_usable(entry: Entry) -> bool:
    named = entry.verdict is None or entry.external_id is not None
    return bool(entry.consents) or (entry.refusal is not None and named)


def _why_left(entry: Entry) -> str:
    return entry.reason or NOTHING_SAID


def _give(store: Store, order: LedgerOrder, entries: Sequence[Entry], report: LedgerReport, now: datetime) -> None:
    claims = [(_key(store, entry, claim), entry, claim) for entry in entries for claim in entry.consents]
    if not claims:
        return
    with store.write() as tx:
        contacts.lock_seller(tx, order.seller_id)
        named = {key for key, _, _ in claims}
        seen, erased = consents.known(tx, order.seller_id, named), contacts.erased(tx, order.seller_id, named)
        terms_id = consents.terms_of(tx, order.seller_id)
        rows = []
        for key, entry, claim in claims:
            if claim.identity(key) in seen:
                report.known += 1
                continue
            if key in erased and (claim.given_at is None or claim.given_at <= erased[key]):
                report.left.append((entry.line, ERASED))
                continue
            seen.add(claim.identity(key))
            event = consent_event(order.seller_id, claim, now, country=entry.country, language=entry.language)
            rows.append(consents.row_of(store.keyring, event, key, now, terms_id=terms_id))
            report.given += 1
            report.unproven += claim.evidence is None
        bulk_insert(tx, table, rows)
    keys = list(dict.fromkeys(key for key, _, claim in claims if claim.evidence is not None))
    report.reopened += reopen_holders(store, Cure.CONSENT, keys, now, order.seller_id)


def _refuse(store: Store, order: LedgerOrder, entries: Sequence[Entry], report: LedgerReport, now: datetime) -> None:
    """Each no is one to every number of the record, as it is on a list of people."""
    for entry in entries:
        channel = entry.refusal or ConsentChannel.ANY
        with store.read() as tx:
            keys = _numbers(tx, store.keyring, order.seller_id, entry)
            standing = contacts.suppressed(tx, order.seller_id, keys, [SuppressionKind.DO_NOT_CALL])
        if not keys:
            report.left.append((entry.line, _why_left(entry)))
        for key, number in keys.items():
            there = standing.get(key, frozenset())
            if channel.value in there or contacts.silences(there):
                report.known += 1
                continue
            said = Withdrawal(
                seller_id=order.seller_id,
                number=number,
                means=Collection.IMPORT,
                words=f"refused, line {entry.line} of {order.layout.form.path.name}",
                recorded_by=order.by,
                channel=channel,
                refused=True,
            )
            withdraw(store, said, now)
            report.refused += 1


def _numbers(tx: Connection, keyring: Keyring, seller_id: str, entry: Entry) -> dict[bytes, str]:
    """Those of the record, and those of whoever is here under its id, by their keys."""
    numbers = {keyring.number_key(point.number): point.number for point in entry.points}
    if entry.external_id is None:
        return numbers
    own = keyring.number_key(f"external:{entry.external_id}")
    here = [row.id for row in contacts.find(tx, seller_id, {own}, ())]
    sealed = select(contact_points.c.number_key, contact_points.c.number_sealed)
    for row in tx.execute(sealed.where(contact_points.c.contact_id.in_(here))):
        numbers[bytes(row.number_key)] = keyring.open(row.number_sealed, NUMBER)
    return numbers


def _key(store: Store, entry: Entry, claim: ConsentClaim) -> bytes:
    return store.keyring.number_key(number_meant(entry.points, claim).number)
