"""A file of consents and refusals goes into the ledger, and nobody becomes a contact by it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from orchestrator.domain.contact_request import Purpose, SuppressionKind
from orchestrator.law import load_rulebook
from orchestrator.persistence import consents as ledger
from orchestrator.persistence import reviews
from orchestrator.persistence import suppressions as stops
from orchestrator.persistence.consents import EVIDENCE
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.people import consents, contacts, suppressions
from orchestrator.pipeline.consents.importing import LedgerOrder, LedgerReport, run_import
from orchestrator.pipeline.intake.file_form import inspect
from orchestrator.pipeline.intake.layout import lay_out
from tests.integration.consents.builders import a_consent
from tests.world import CONFIG, NOON, World

Bring = Callable[..., LedgerReport]
HEADER = "Phone,SMS consent,SMS consent date,Consent text,Consent purpose,Consent notice,Do not call\n"
REFUSING, EARLIER = "+12125550109", NOON - timedelta(days=2)


@pytest.fixture
def bring(store: Store, tmp_path: Path) -> Bring:
    """Imports these records for Acme at noon."""
    World(store, None).a_seller()  # type: ignore[arg-type]
    covered = load_rulebook(CONFIG).covered

    def run(*records: str, **said: Any) -> LedgerReport:
        file = tmp_path / "consents.csv"
        file.write_text(HEADER + "".join(f"{record}\n" for record in records), "utf-8")
        layout = lay_out(inspect(file), "US", ())
        order = LedgerOrder(layout=layout, seller_id="acme", country="US", covered=covered, by="cli:ops", **said)
        return run_import(store, order, lambda: NOON)

    return run


def test_consents_come_with_their_evidence_once_and_refusals_stop(bring: Bring, store: Store) -> None:
    records = (
        "+12125550107,yes,2026-03-01,I agree,Marketing offers,7,",
        "+12125550108,yes,,,,,",
        "+12125550109,,,,,,yes",
        "+12125550110,,,,,,",
        "not a number,yes,2026-03-01,I agree,,,",
    )
    report = bring(*records)
    assert (report.given, report.unproven, report.refused, report.known) == (2, 1, 1, 0)
    assert [line for line, _ in report.left] == [5, 6]
    assert (again := bring(*records)).given == again.refused == 0
    assert again.known == 3
    with store.read() as tx:
        rows = tx.execute(select(consents).order_by(consents.c.id)).all()
        stopped = tx.execute(select(suppressions.c.number_key)).scalars().all()
        assert tx.execute(select(contacts)).all() == []
    proven, unproven, refused = rows
    assert (proven.purpose, proven.channel, proven.notice_version) == ("telemarketing", "sms", "7")
    assert store.keyring.open_json(proven.evidence_sealed, EVIDENCE)["text"] == "I agree"
    assert (unproven.evidence_sealed, unproven.purpose) == (None, None)
    assert (refused.event, refused.collection, refused.recorded_by) == ("refused", "import", "cli:ops")
    assert stopped == [store.keyring.number_key("+12125550109")]


def test_what_a_consent_is_for_is_read_said_for_all_or_makes_it_count_nowhere(bring: Bring, store: Store) -> None:
    said = "+1212555{},yes,2026-03-01,I agree,{},,"
    purposes = ["Newsletter", "survey", "appointment reminders", "", "moon landings"]
    bring(*(said.format(f"01{at:02d}", purpose) for at, purpose in enumerate(purposes)), purpose=Purpose.FUNDRAISING)
    with store.read() as tx:
        rows = tx.execute(select(consents).order_by(consents.c.id)).all()
    assert [row.purpose for row in rows] == ["telemarketing", "research", "informational", "fundraising", None]
    assert [row.evidence_sealed is not None for row in rows] == [True, True, True, True, False]


def a_doubt(tx: Connection, store: Store, key: bytes) -> None:
    said = stops.add(tx, seller_id="acme", number_key=key, kind=SuppressionKind.STOP_REPLY, at=EARLIER, source="reply")
    reviews.ask(tx, seller_id="acme", number_key=key, sid="SM1", suppression_id=said, at=EARLIER)


def a_restriction(tx: Connection, store: Store, key: bytes) -> None:
    kind = SuppressionKind.RESTRICTION
    stops.add(tx, seller_id="acme", number_key=key, kind=kind, at=EARLIER, source="request 1")


def a_stop_and_a_new_yes(tx: Connection, store: Store, key: bytes) -> None:
    kind = SuppressionKind.STOP_REPLY
    stops.add(tx, seller_id="acme", number_key=key, kind=kind, at=EARLIER, source="reply")
    yes = a_consent("acme", number=REFUSING, happened_at=EARLIER + timedelta(hours=1))
    ledger.record(tx, store.keyring, yes, NOON)


@pytest.mark.parametrize("before", [a_doubt, a_restriction, a_stop_and_a_new_yes])
def test_a_refusal_counts_where_what_stands_is_not_the_last_word(
    bring: Bring, store: Store, before: Callable[[Connection, Store, bytes], None]
) -> None:
    """Each of these may end, or has given way to a yes, and then nothing would be left of the refusal."""
    key = store.keyring.number_key(REFUSING)
    with store.write() as tx:
        before(tx, store, key)
    record = f"{REFUSING},,,,,,yes"
    assert bring(record).refused == 1
    assert bring(record).known == 1, "a refusal that is the last word is not written again"
    with store.read() as tx:
        newest = stops.standing(tx, "acme", key)[-1]
    assert (newest.kind, newest.at) == ("do_not_call", NOON)


def test_a_no_under_an_own_id_stops_the_numbers_that_its_person_has(
    bring: Bring, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, unknown = "+12125550107", "+12125550108"
    world = World(store, None)  # type: ignore[arg-type]
    contact = world.a_contact([here])
    with store.write() as tx:
        own = store.keyring.number_key("external:crm-7")
        tx.execute(update(contacts).where(contacts.c.id == contact).values(external_key=own))
    monkeypatch.setattr(f"{__name__}.HEADER", "ID,Phone,Do not call\n")
    report = bring(f"crm-7,{unknown},yes", "crm-7,,yes", "crm-8,,yes")
    assert (report.refused, report.known, [line for line, _ in report.left]) == (2, 1, [4])
    with store.read() as tx:
        stopped = set(tx.execute(select(suppressions.c.number_key)).scalars())
    assert stopped == {store.keyring.number_key(here), store.keyring.number_key(unknown)}


def test_what_an_erased_person_had_agreed_to_does_not_come_back_and_what_they_say_since_does(
    bring: Bring, store: Store
) -> None:
    number = "+12125550107"
    no: dict[str, Any] = {"seller_id": "acme", "kind": SuppressionKind.ERASED, "source": "request 1"}
    with store.write() as tx:
        stops.add(tx, number_key=store.keyring.number_key(number), at=NOON - timedelta(days=5), **no)
    said = f"{number},yes,{{}},I agree,,,"
    report = bring(said.format("2026-11-01"), said.format(""), said.format("2026-11-20"))
    assert (report.given, [line for line, _ in report.left]) == (1, [2, 3])
    with store.read() as tx:
        (row,) = tx.execute(select(consents)).all()
    assert f"{row.happened_at:%Y-%m-%d}" == "2026-11-20"
