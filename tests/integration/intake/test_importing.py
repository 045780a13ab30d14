"""A file into a list, on each database."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select

from orchestrator.domain.campaign import Seller
from orchestrator.domain.contact_request import ConsentChannel, SuppressionKind, SuppressionScope
from orchestrator.domain.errors import UserError
from orchestrator.persistence import consents as ledger
from orchestrator.persistence import lists, reviews, sellers, suppressions
from orchestrator.persistence.consents import EVIDENCE
from orchestrator.persistence.dossiers import NUMBER, PROFILE
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables import people
from orchestrator.persistence.tables.attempts import attempts, cancellations, live_attempts
from orchestrator.persistence.tables.lists import imports, list_rows
from orchestrator.pipeline.intake.dry_run import scratch_store
from orchestrator.pipeline.intake.file_form import inspect
from orchestrator.pipeline.intake.importing import ImportOrder, ImportReport, run_import
from orchestrator.pipeline.intake.layout import lay_out
from orchestrator.pipeline.intake.verdicts import Judged
from tests.integration.consents.builders import a_consent

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ANN, BOB = "+15045550107", "+15045550108"
HEADER = "Name,Phone,Cell,ZIP,ID\n"


@pytest.fixture
def house(store: Store) -> Store:
    """The store with two sellers."""
    with store.write() as tx:
        for name in ("acme", "zeta"):
            sellers.add(tx, Seller(id=name, name=name, country="US", callback_number=""), NOW)
    return store


class Import:
    """Imports texts into a list and remembers what was said."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder
        self.said: list[Judged] = []

    def __call__(
        self,
        text: str,
        *,
        seller: str = "acme",
        name: str = "spring",
        listed: Sequence[str] = (),
        stopped: Callable[[], bool] = lambda: False,
        hear: Callable[[Sequence[Judged]], None] | None = None,
        country: str = "US",
        dry: bool = False,
    ) -> ImportReport:
        self.said = []
        order = self.order(text, seller, name, listed, country)
        say = hear or self.said.extend
        if not dry:
            return run_import(self.store, order, lambda: NOW, say, stopped)
        with scratch_store(self.store, seller) as (scratch, bring):
            return run_import(scratch, order, lambda: NOW, say, stopped, bring)

    def order(self, text: str, seller: str, name: str, listed: Sequence[str], country: str) -> ImportOrder:
        file = self.folder / "list.csv"
        file.write_text(text, encoding="utf-8")
        return ImportOrder(
            layout=lay_out(inspect(file), country, ()),
            seller_id=seller,
            list_name=name,
            country=country,
            covered=lambda code: code in {"US", "GB"},
            on_registry=lambda numbers: [number in listed for number in numbers],
            rejects=self.folder / "rejects.csv",
        )

    @property
    def verdicts(self) -> list[str]:
        return [judged.verdict.value for judged in self.said]


@pytest.fixture
def import_(house: Store, tmp_path: Path) -> Import:
    """Imports into the house."""
    return Import(house, tmp_path)


def count(store: Store, table: object) -> int:
    with store.read() as tx:
        return int(tx.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def state(store: Store) -> list[list[tuple[object, ...]]]:
    """Everything an import may change."""
    tables = (people.contacts, people.contact_points, people.consents, people.suppressions, list_rows, imports)
    with store.read() as tx:
        return [
            [tuple(json.dumps(v) if isinstance(v, dict) else v for v in row) for row in tx.execute(select(t))]
            for t in tables
        ]


def test_a_new_person_is_stored_sealed_with_their_numbers_in_order(import_: Import, house: Store) -> None:
    import_(HEADER + "Ann Lee,504-555-0107,504-555-0108,70112,7\n")
    with house.read() as tx:
        person = tx.execute(select(people.contacts)).one()
        points = tx.execute(select(people.contact_points).order_by(people.contact_points.c.position)).all()
    assert house.keyring.open_json(person.profile_sealed, PROFILE) == {
        "name": "Ann Lee",
        "postal_code": "70112",
        "external_id": "7",
    }
    assert [(house.keyring.open(p.number_sealed, NUMBER), p.label) for p in points] == [(ANN, None), (BOB, "mobile")]
    assert bytes(points[0].number_key) == house.keyring.number_key(ANN)
    assert bytes(person.external_key) == house.keyring.number_key("external:7")


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ("Ann Lee,5045550107,,,", "Ann Lee,5045550107,,,", "duplicate"),
        ("Ann Lee,5045550107,,,", '"Lee, Ann",(504) 555-0107,,,', "duplicate"),
        ("Ann Lee,5045550107,,,", ",5045550107,,,", "duplicate"),
        (",5045550107,,,", "Ann Lee,5045550107,,,", "merged"),
        ("Ann Lee,5045550107,,,", "Ann Lee,5045550107,5045550108,,", "merged"),
        ("Ann Lee,5045550107,,,", "Ann Lee,5045550107,,70112,", "merged"),
        ("Ann Lee,5045550107,,,", "Ann Lee,5045550107,,,7", "merged"),
        ("Ann Lee,5045550107,,,", "Bob Ray,5045550107,,,", "accepted"),
        ("Ann Lee,5045550107,,,7", "Ann Lee,5045550107,,,8", "accepted"),
        ("Ann Lee,5045550107,,,7", "Ann Ray,5045550107,,,7", "duplicate"),
        ("Ann Lee,5045550107,,,7", "Ann Lee,5045550108,,,7", "merged"),
        ("Ann Lee,5045550107,,70112,", "Ann Lee,5045550107,,70113,", "duplicate"),
    ],
)
@pytest.mark.parametrize("apart", [False, True], ids=["in one file", "in two files"])
def test_the_same_person_is_known_again(
    import_: Import, house: Store, first: str, second: str, verdict: str, *, apart: bool
) -> None:
    if apart:
        import_(f"{HEADER}{first}\n")
        import_(f"{HEADER}{second}\n", name="summer")
    else:
        import_(f"{HEADER}{first}\n{second}\n")
    assert import_.verdicts[-1] == verdict
    assert count(house, people.contacts) == (2 if verdict == "accepted" else 1)


def test_another_sellers_people_are_nobodys_duplicates(import_: Import) -> None:
    import_(HEADER + "Ann Lee,5045550107,,,7\n")
    import_(HEADER + "Ann Lee,5045550107,,,7\n", seller="zeta")
    assert import_.verdicts == ["accepted"]


def test_verdicts_come_in_their_order(import_: Import, house: Store) -> None:
    with house.write() as tx:
        for number in ("+15045550103", "+15045550104"):
            suppressions.add(
                tx,
                seller_id="acme",
                number_key=house.keyring.number_key(number),
                kind=SuppressionKind.STOP_REPLY,
                at=NOW,
                source="reply",
            )
    import_(
        HEADER
        + "A,1.50456E+10,,,\nB,12,,,\nC,+49 30 123456,,,\nD,5045550103,5045550104,,\nE,5045550103,5045550105,,\n"
        + "F,5045550106,,,\nG,5045550106,5045550109,,\nF,5045550106,,,\nF,5045550106,5045550110,,\n",
        listed=["+15045550106"],
    )
    assert import_.verdicts == [
        "malformed",
        "invalid_number",
        "no_jurisdiction",
        "suppressed",
        "accepted",
        "listed",
        "accepted",
        "duplicate",
        "merged",
    ]
    assert import_.said[4].numbers == ("+15045550103", "+15045550105")
    assert "said no" in import_.said[4].reason


@pytest.mark.parametrize(
    ("channel", "scope", "verdict"),
    [
        (ConsentChannel.ANY, SuppressionScope.ALL, "suppressed"),
        (ConsentChannel.SMS, SuppressionScope.ALL, "accepted"),
        (ConsentChannel.ANY, SuppressionScope.CAMPAIGN, "accepted"),
    ],
)
def test_only_a_no_to_everything_suppresses_a_record(
    import_: Import, house: Store, channel: ConsentChannel, scope: SuppressionScope, verdict: str
) -> None:
    with house.write() as tx:
        suppressions.add(
            tx,
            seller_id="acme",
            number_key=house.keyring.number_key(ANN),
            kind=SuppressionKind.DO_NOT_CALL,
            at=NOW,
            source="agent",
            channel=channel,
            scope=scope,
        )
    import_(HEADER + "Ann Lee,5045550107,,,\n")
    assert import_.verdicts == [verdict]


def test_a_do_not_call_column_suppresses_for_the_seller_once(import_: Import, house: Store) -> None:
    import_("Name,Phone,DNC\nAnn Lee,5045550107,Y\nAnn Lee,5045550107,Y\nAnn Lee,5045550107,\n")
    assert import_.verdicts == ["suppressed"] * 3
    with house.read() as tx:
        (row,) = tx.execute(select(people.suppressions)).all()
    assert (row.kind, row.channel, row.seller_id, row.source) == ("do_not_call", "any", "acme", "import")
    assert count(house, people.contacts) == 0


@pytest.mark.parametrize("kind", [SuppressionKind.RESTRICTION, SuppressionKind.STOP_REPLY])
def test_a_do_not_call_column_counts_beside_a_no_that_may_end(
    import_: Import, house: Store, kind: SuppressionKind
) -> None:
    """A restriction, or a doubt that nobody has decided: once it is over, nothing would be left of the column."""
    key = house.keyring.number_key(ANN)
    with house.write() as tx:
        said = suppressions.add(tx, seller_id="acme", number_key=key, kind=kind, at=NOW, source="before")
        if kind is SuppressionKind.STOP_REPLY:
            reviews.ask(tx, seller_id="acme", number_key=key, sid="SM1", suppression_id=said, at=NOW)
    import_("Name,Phone,DNC\nAnn Lee,5045550107,Y\nAnn Lee,5045550107,Y\n")
    with house.read() as tx:
        standing = suppressions.standing(tx, "acme", key)
    assert [row.kind for row in standing] == [kind, "do_not_call"]


def test_a_no_on_a_list_after_a_new_yes_is_a_new_no(import_: Import, house: Store) -> None:
    key = house.keyring.number_key(ANN)
    no = {"seller_id": "acme", "number_key": key, "kind": SuppressionKind.STOP_REPLY, "source": "reply"}
    with house.write() as tx:
        suppressions.add(tx, **no, at=NOW - timedelta(days=30))  # type: ignore[arg-type]
        event = a_consent("acme", number=ANN, happened_at=NOW - timedelta(days=2))
        ledger.record(tx, house.keyring, event, NOW - timedelta(days=2))
    import_("Name,Phone,DNC\nAnn Lee,5045550107,Y\n")
    with house.read() as tx:
        stops = tx.execute(select(people.suppressions.c.at).order_by(people.suppressions.c.id)).scalars().all()
    assert stops == [NOW - timedelta(days=30), NOW]


@pytest.mark.parametrize("phone", ["5045550108", "", "12"], ids=["another number", "no number", "no valid number"])
def test_a_no_under_somebodys_own_id_stops_the_numbers_that_they_have(
    import_: Import, house: Store, phone: str
) -> None:
    import_("ID,Phone,DNC\n7,5045550107,\n")
    import_(f"ID,Phone,DNC\n7,{phone},Y\n", name="refusals")
    with house.read() as tx:
        stopped = {bytes(key) for key in tx.execute(select(people.suppressions.c.number_key)).scalars()}
    assert house.keyring.number_key(ANN) in stopped


def test_a_consent_is_kept_with_its_evidence_and_once(import_: Import, house: Store) -> None:
    text = "Phone,SMS consent,Opt-in date,Consent text,Name\n5045550107,yes,2026-03-01,I agree,{}\n"
    import_(text.format("Ann"))
    import_(text.format("Ann ") + "\n", name="summer")
    assert import_.verdicts == ["duplicate"]
    with house.read() as tx:
        (row,) = tx.execute(select(people.consents)).all()
    kept = {"text": "I agree", "text_sha256": sha256(b"I agree").hexdigest(), "at": "2026-03-01"}
    assert house.keyring.open_json(row.evidence_sealed, EVIDENCE) == kept
    assert (row.collection, row.jurisdiction, row.list_id, row.record_id is not None) == ("import", "US", 1, True)
    assert (row.channel, row.happened_at, row.event) == ("sms", datetime(2026, 3, 1, tzinfo=UTC), "given")


def test_an_unproven_consent_has_no_evidence_and_is_counted(import_: Import, house: Store) -> None:
    report = import_("Phone,Consent\n5045550107,yes\n5045550107,yes\n")
    with house.read() as tx:
        (row,) = tx.execute(select(people.consents)).all()
    assert (row.evidence_sealed, report.unproven) == (None, 2)


def many(count: int) -> str:
    rows = [
        f"P{row},{'1.5E+10' if row % 50 == 7 else f'504555{100 + row % 100:04}'},,70112,{row}" for row in range(count)
    ]
    return HEADER + "\n".join(rows) + "\n"


def test_importing_the_same_file_again_changes_nothing_and_says_the_same(import_: Import, house: Store) -> None:
    first = import_(many(250))
    said, before = import_.said, state(house)
    corrected = import_.folder / "rejects.csv"
    corrected.write_text("being corrected")
    again = import_(many(250))
    assert (import_.said, again.counts, again.is_repeat) == (said, first.counts, True)
    assert state(house) == before
    assert corrected.read_text() == "being corrected"


def test_the_same_file_read_otherwise_is_refused(import_: Import) -> None:
    import_(HEADER + "Ann,5045550107,,,\n")
    with pytest.raises(UserError, match="another --country, --map"):
        import_(HEADER + "Ann,5045550107,,,\n", country="GB")


def test_another_file_of_the_same_name_adds_to_the_list(import_: Import, house: Store) -> None:
    import_(HEADER + "Ann,5045550107,,,\n")
    import_(HEADER + "Bob,5045550108,,,\n")
    with house.read() as tx:
        row = lists.require(tx, "spring", None)
        assert (row.people, row.imports, lists.counts_of(tx, row.id)) == (2, 2, {"accepted": 2})


class KilledError(Exception):
    """As if the process had died."""


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_an_import_goes_on_where_it_last_committed(
    import_: Import, house: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(Store, "bulk_rows", property(lambda _: 100))
    heard: list[Judged] = []
    if how == "stopped":
        report = import_(many(1000), hear=heard.extend, stopped=lambda: len(heard) >= 300)
        assert (report.is_finished, report.records, report.rejects) == (False, 300, None)
    else:
        with pytest.raises(KilledError):
            import_(many(1000), hear=lambda judged: _die_after(heard, judged, 300))
    assert not (tmp_path / "rejects.csv").exists()
    assert count(house, list_rows) == 300
    final = import_(many(1000))
    assert (final.is_finished, final.records, len(import_.said)) == (True, 1000, 1000)
    assert import_.said[:300] == heard
    assert Counter(import_.verdicts) == +Counter(final.counts)
    assert count(house, list_rows) == 1000
    assert len((tmp_path / "rejects.csv").read_text().splitlines()) == 1 + final.counts["malformed"]


def _die_after(heard: list[Judged], judged: Sequence[Judged], enough: int) -> None:
    heard.extend(judged)
    if len(heard) >= enough:
        raise KilledError


def test_two_processes_never_go_on_with_one_import(import_: Import, house: Store) -> None:
    def meddle(_: Sequence[Judged]) -> None:
        with house.write() as tx:
            tx.execute(imports.update().values(records_done=imports.c.records_done + 1))

    with pytest.raises(UserError, match="Another process"):
        import_(many(6000), hear=meddle)


def test_rejects_can_be_corrected_and_imported_again(import_: Import, tmp_path: Path) -> None:
    import_(HEADER + 'Ann,1.50456E+10,,70112,1\nBob,12,"","New\nOrleans",2\nCy,5045550103,,,3\nD,5,,,4,5\n')
    path = tmp_path / "rejects.csv"
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text("utf-8")
    assert text.splitlines()[0] == "import_line,import_verdict,import_reason,Name,Phone,Cell,ZIP,ID"
    corrected = text.replace("1.50456E+10", "5045550101").replace("Bob,12", "Bob,5045550102")
    corrected = corrected.replace("D,5,,,4,5", "D,5045550104,,,4")
    import_(corrected)
    assert import_.verdicts == ["accepted"] * 3


def test_an_older_rejects_file_is_kept_beside_the_new_one(import_: Import, tmp_path: Path) -> None:
    (tmp_path / "rejects.csv").write_text("half corrected")
    import_(HEADER + "Ann,12,,,\n")
    assert (tmp_path / "rejects.csv~").read_text() == "half corrected"


def test_no_number_stands_in_clear_in_the_database(import_: Import, house: Store) -> None:
    import_(HEADER + "Ann,504-555-0107 ext 22,5045550108 / 12,70112,5045550109\nBob,50455501,,,\n")
    everything = repr(state(house))
    assert not any(digits in everything for digits in ("5550107", "5550108", "5550109", "50455501", "Ann", "70112"))


def test_a_dry_run_judges_as_the_import_would_and_writes_nothing(import_: Import, house: Store, tmp_path: Path) -> None:
    import_(HEADER + "Ann Lee,5045550107,,,\nBob Ray,5045550108,,,\n")
    with house.write() as tx:
        suppressions.add(
            tx,
            seller_id="acme",
            number_key=house.keyring.number_key("+15045550103"),
            kind=SuppressionKind.DO_NOT_CALL,
            at=NOW,
            source="agent",
        )
    before = state(house)
    text = (
        HEADER
        + "Ann Lee,5045550107,,,\nBob Ray,5045550108,5045550109,,\nBob Ray,5045550109,,,\nCy,5045550103,,,\n"
        + "Di,5045550104,,,\nDi,5045550104,,,\nEd,12,,,\n"
    )
    import_(text, name="summer", dry=True)
    dry = import_.said
    assert [judged.verdict.value for judged in dry] == [
        *("duplicate", "merged", "duplicate", "suppressed", "accepted", "duplicate", "invalid_number")
    ]
    assert state(house) == before
    import_(text, name="summer")
    assert [(j.line, j.verdict, j.numbers, j.reason) for j in import_.said] == [
        (j.line, j.verdict, j.numbers, j.reason) for j in dry
    ]


def test_people_who_are_erased_are_not_recognised(import_: Import, house: Store) -> None:
    import_(HEADER + "Ann Lee,5045550107,,,\n")
    with house.write() as tx:
        tx.execute(people.contacts.update().values(erased_at=NOW))
    import_(HEADER + "Ann Lee,5045550107,,,\n\n")
    assert import_.verdicts == ["accepted"]


def test_a_list_name_of_two_sellers_needs_the_seller(import_: Import, house: Store) -> None:
    import_(HEADER + "Ann,5045550107,,,\n")
    import_(HEADER + "Ann,5045550107,,,\n", seller="zeta")
    with house.read() as tx:
        with pytest.raises(UserError, match="--seller acme or zeta"):
            lists.require(tx, "spring", None)
        assert lists.require(tx, "spring", "zeta").seller_id == "zeta"
        with pytest.raises(UserError, match="no list 'autumn'"):
            lists.require(tx, "autumn", None)


def test_a_number_that_a_list_says_not_to_call_is_taken_back_from_the_carrier(
    sqlite_store: Store, tmp_path: Path
) -> None:
    call, key = new_id(NOW), sqlite_store.keyring.number_key(ANN)
    with sqlite_store.write() as tx:
        sellers.add(tx, Seller(id="acme", name="acme", country="US", callback_number=""), NOW)
        tx.execute(insert(attempts).values(**_ringing(call, key)))
        tx.execute(insert(live_attempts).values(number_key=key, channel="voice", attempt_id=call, since=NOW))
    Import(sqlite_store, tmp_path)("Name,Phone,DNC\nAnn Lee,5045550107,Y\n")
    with sqlite_store.read() as tx:
        assert tx.execute(select(cancellations.c.attempt_id, cancellations.c.reason)).all() == [(call, "stop")]


def _ringing(call: UUID, key: bytes) -> dict[str, object]:
    numbers = {"campaign_id": 1, "enrollment_id": 1, "contact_id": 1, "ordinal": 1}
    sealed = {"number_key": key, "to_sealed": b"", "decision_id": call, "planned_at": NOW}
    words = {"country": "US", "from_address": "+15045550199", "channel": "voice", "stage": "ringing"}
    return {"id": call, "seller_id": "acme", **numbers, **sealed, **words}
