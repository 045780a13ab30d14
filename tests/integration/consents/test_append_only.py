"""The consent ledger is written once: the database refuses what no law asks for."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from sqlalchemy import Connection, Executable, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from orchestrator.domain.consent_event import ConsentEvent
from orchestrator.persistence import consents, removals
from orchestrator.persistence.consents import EVIDENCE
from orchestrator.persistence.removals import Cause, How
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.people import consents as table
from orchestrator.persistence.tables.people import contacts
from tests.integration.consents.builders import NOW, NUMBER, a_consent
from tests.world import World

FORBIDDEN: list[Callable[[int], Executable]] = [
    lambda row: update(table).where(table.c.id == row).values(happened_at=NOW.replace(year=2020)),
    lambda row: update(table).where(table.c.id == row).values(level="express_written"),
    lambda row: update(table).where(table.c.id == row).values(purpose="research"),
    lambda row: update(table).where(table.c.id == row).values(evidence_sealed=b"another"),
    lambda row: update(table).where(table.c.id == row).values(evidence_sealed=None),
    lambda row: update(table).where(table.c.id == row).values(contact_id=1 << 20),
    lambda row: delete(table).where(table.c.id == row),
]


@pytest.fixture
def seller(store: Store) -> str:
    return World(store, None).a_seller().id  # type: ignore[arg-type]


def written(store: Store, event: ConsentEvent) -> int:
    with store.write() as tx:
        return consents.record(tx, store.keyring, event, NOW)


def note(tx: Connection, row: int, how: How, seller: str) -> None:
    facts = {"cause": Cause.ERASURE, "reason": "request 7", "at": NOW, "seller_id": seller}
    removals.note(tx, relation=table, rows=[row], how=how, **facts)  # type: ignore[arg-type]


def test_an_event_is_kept_whole_and_sealed(store: Store, seller: str) -> None:
    row_id = written(store, a_consent(seller, language="en", jurisdiction="US", notice_version="3"))
    with store.read() as tx:
        row = tx.execute(select(table).where(table.c.id == row_id)).one()
    assert (row.event, row.channel, row.level, row.purpose) == ("given", "sms", "express", "telemarketing")
    assert (row.language, row.jurisdiction, row.collection, row.notice_version) == ("en", "US", "web_form", "3")
    assert bytes(row.number_key) == store.keyring.number_key(NUMBER)
    assert row.record_id is not None
    kept = store.keyring.open_json(row.evidence_sealed, EVIDENCE)
    text_hash = sha256(b"Yes, text me offers").hexdigest()
    assert kept == {"text": "Yes, text me offers", "ip": "198.51.100.7", "text_sha256": text_hash}


def test_no_consent_is_changed_or_deleted(store: Store, seller: str) -> None:
    row_id = written(store, a_consent(seller))
    for forbidden in FORBIDDEN:
        with pytest.raises(DBAPIError, match="append-only"), store.write() as tx:
            tx.execute(forbidden(row_id))
    if not store.is_sqlite:
        with pytest.raises(DBAPIError, match="append-only"), store.write() as tx:
            tx.execute(text("TRUNCATE consents"))


def test_the_law_blanks_and_deletes_what_a_removal_names_and_nothing_else(store: Store, seller: str) -> None:
    named, other = written(store, a_consent(seller)), written(store, a_consent(seller))
    blank = update(table).values(evidence_sealed=None)
    with store.write() as tx:
        note(tx, named, How.BLANKED, seller)
        tx.execute(blank.where(table.c.id == named))
    for forbidden in (blank.where(table.c.id == other), delete(table).where(table.c.id == named)):
        with pytest.raises(DBAPIError, match="append-only"), store.write() as tx:
            tx.execute(forbidden)
    with store.write() as tx:
        note(tx, named, How.DELETED, seller)
        tx.execute(delete(table).where(table.c.id == named))
    with store.read() as tx:
        assert tx.execute(select(table.c.id)).scalars().all() == [other]


def test_an_erasure_may_leave_less_of_a_proof_and_never_make_one(store: Store, seller: str) -> None:
    proven, unproven = written(store, a_consent(seller)), written(store, a_consent(seller, evidence=None))
    less = update(table).values(evidence_sealed=b"less")
    with store.write() as tx:
        for row in (proven, unproven):
            note(tx, row, How.BLANKED, seller)
        tx.execute(less.where(table.c.id == proven))
    with pytest.raises(DBAPIError, match="append-only"), store.write() as tx:
        tx.execute(less.where(table.c.id == unproven))


def test_a_person_who_goes_leaves_their_consents(store: Store, seller: str) -> None:
    with store.write() as tx:
        facts = {"id": 9, "seller_id": seller, "profile_sealed": b"", "country": "US"}
        tx.execute(insert(contacts).values(**facts, created_at=NOW, updated_at=NOW))
    row_id = written(store, a_consent(seller, contact_id=9))
    with store.write() as tx:
        tx.execute(delete(contacts).where(contacts.c.id == 9))
    with store.read() as tx:
        assert tx.execute(select(table.c.id, table.c.contact_id)).one() == (row_id, None)
