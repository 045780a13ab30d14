"""Whoever was erased or objected does not come back: by an import, by another number, by an older database."""

import shutil
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from orchestrator.bootstrap import House
from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.consent_event import Collection
from orchestrator.domain.contact_request import ConsentChannel, ConsentLevel, ConsentSource, SuppressionKind
from orchestrator.domain.errors import UserError
from orchestrator.domain.rights import Right
from orchestrator.persistence import consents, erasure_file, suppressions
from orchestrator.persistence import contacts as people
from orchestrator.persistence import erasures as keys_of_erased
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.store import Store, open_engine
from orchestrator.persistence.tables.people import consents as ledger
from orchestrator.persistence.tables.people import contact_points, contacts
from orchestrator.persistence.tables.rights import erasures
from orchestrator.pipeline.intake.dry_run import scratch_store
from orchestrator.pipeline.intake.file_form import inspect
from orchestrator.pipeline.intake.importing import ImportOrder, run_import
from orchestrator.pipeline.intake.layout import lay_out
from orchestrator.pipeline.intake.noes import REFUSED_BY
from orchestrator.pipeline.intake.verdicts import Judged
from orchestrator.pipeline.rights import journal, objecting
from orchestrator.pipeline.rights.erasing import Eraser
from orchestrator.settings import Settings, load
from tests.conftest import KEYS
from tests.integration.consents.builders import a_consent
from tests.integration.rights.people import (
    LAW,
    NUMBER,
    OTHERS,
    OWN_ID,
    WORDS,
    a_known_person,
    asking,
    consent,
    everything_opened,
)
from tests.world import NOON, World

HEADER = "ID,First name,Last name,Phone,Other phone\n"


def import_(store: Store, folder: Path, row: str, *, bring: object = None) -> Judged:
    """One row, as a file of its own; its verdict."""
    said: list[Judged] = []
    path = folder / f"list{len(list(folder.glob('list*')))}.csv"
    path.write_text(HEADER + row + "\n", "utf-8")
    layout = lay_out(inspect(path), "US", (), None)
    order = ImportOrder(layout=layout, seller_id="acme", list_name=path.stem, country="US", covered=lambda _: True)
    run_import(store, order, lambda: NOON, said.extend, lambda: False, bring)  # type: ignore[arg-type]
    (judged,) = said
    return judged


def erase(store: Store, named: object = NUMBER) -> None:
    assert Eraser(store, LAW).ask(asking(Right.ERASE, named), "acme", NOON).state == "done"


ROWS = {
    "the same row": f"{OWN_ID},Zebedee,Quillfeather,{NUMBER},",
    "the number under another id": f"new-1,Zed,Q,{NUMBER},",
    "the number as a second one": f"new-2,Zed,Q,{OTHERS},{NUMBER}",
    "the id under another number": f"{OWN_ID},Zebedee,Quillfeather,{OTHERS},",
}


def test_a_person_who_was_erased_is_stopped_at_intake_whichever_way_they_come(world: World, tmp_path: Path) -> None:
    a_known_person(world)
    erase(world.store)
    for row in ROWS.values():
        judged = import_(world.store, tmp_path, row)
        assert (judged.verdict, judged.contact_id) == ("suppressed", None)
        assert "the person was erased at their own request" in judged.reason
    with scratch_store(world.store, "acme") as (scratch, bring):
        said = [import_(scratch, tmp_path, row, bring=bring).verdict for row in ROWS.values()]
    assert said == ["suppressed"] * len(ROWS)
    with world.store.read() as tx:
        assert tx.execute(select(contact_points)).all() == []


A_SECOND = timedelta(seconds=1)
YESES: list[tuple[str, dict[str, object], str]] = [
    ("a second later", {}, "accepted"),
    ("the same second", {"happened_at": NOON}, "suppressed"),
    ("without proof", {"evidence": None}, "suppressed"),
    ("bought", {"source": ConsentSource.PURCHASED_LIST}, "suppressed"),
    ("claimed by a file", {"collection": Collection.IMPORT}, "suppressed"),
    ("to another caller", {"to_caller": False}, "suppressed"),
    ("implied", {"level": ConsentLevel.IMPLIED}, "suppressed"),
]


@pytest.mark.parametrize(("said", "facts", "verdict"), YESES, ids=[said for said, _, _ in YESES])
def test_only_a_new_yes_of_their_own_lets_a_list_bring_them_again(
    lite: World, tmp_path: Path, said: str, facts: dict[str, Any], verdict: str
) -> None:
    a_known_person(lite)
    erase(lite.store)
    event = a_consent("acme", number=NUMBER, **{"happened_at": NOON + A_SECOND, **facts})
    with lite.store.write() as tx:
        consents.record(tx, lite.store.keyring, event, NOON + A_SECOND)
    assert import_(lite.store, tmp_path, ROWS["the number under another id"]).verdict == verdict
    if verdict == "accepted":
        assert import_(lite.store, tmp_path, ROWS["the same row"]).verdict != "suppressed"


def test_a_no_by_a_list_after_a_yes_of_their_own_is_kept(lite: World, tmp_path: Path) -> None:
    """The older STOP was lifted by the yes: that it stands in its row must not hide the new no."""
    key = lite.store.keyring.number_key(NUMBER)
    before, reply = NOON - 2 * A_SECOND, SuppressionKind.STOP_REPLY
    with lite.store.write() as tx:
        suppressions.add(tx, seller_id="acme", number_key=key, kind=reply, source="reply", at=before)
        event = a_consent("acme", number=NUMBER, channel=ConsentChannel.ANY, happened_at=NOON - A_SECOND)
        consents.record(tx, lite.store.keyring, event, NOON)
    with lite.store.read() as tx:
        assert people.suppressed(tx, "acme", [key]) == {}
    import_(lite.store, tmp_path, f"new-3,Zed,Q,{NUMBER} do not call,")
    import_(lite.store, tmp_path, f"new-4,Zed,Q,{NUMBER} do not call,")
    with lite.store.read() as tx:
        assert people.suppressed(tx, "acme", [key]) == {key: {"any"}}
        assert len(suppressions.standing(tx, "acme", key)) == 2, "said again by the next list it is the same no"


@pytest.mark.parametrize("right", [Right.OBJECT, Right.RESTRICT])
def test_a_no_of_the_person_keeps_their_other_number_out_as_well(lite: World, tmp_path: Path, right: Right) -> None:
    objecting.stop(lite.store, LAW, asking(right), "acme", NOON, "disputed")
    judged = import_(lite.store, tmp_path, ROWS["the number as a second one"])
    assert judged.verdict == "suppressed"
    assert judged.reason in REFUSED_BY.values()


def test_an_import_that_runs_meanwhile_loses(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has read that nothing stops the number, and has not committed yet, when the erasure begins."""
    world.a_seller()
    store_chunk = people.store
    erasing: list[threading.Thread] = []

    def while_it_erases(*args: Any) -> None:
        erasing.append(threading.Thread(target=erase, args=(world.store,)))
        erasing[0].start()
        store_chunk(*args)

    monkeypatch.setattr(people, "store", while_it_erases)
    assert import_(world.store, tmp_path, ROWS["the same row"]).verdict == "accepted"
    erasing[0].join(30)
    with world.store.read() as tx:
        assert tx.execute(select(contacts.c.erased_at)).scalars().all() == [NOON]
        assert tx.execute(select(contact_points)).all() == []
    assert "Quillfeather" not in everything_opened(world)


def test_a_restored_copy_erases_them_again_before_anything_else(
    lite: World, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    a_known_person(lite)
    backup = tmp_path / "backup.sqlite3"
    with lite.store.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql(f"VACUUM INTO '{backup}'")
        connection.exec_driver_sql("BEGIN")
    erase(lite.store)
    kept = file.with_name(f"{file.name}.erasures")
    assert erasure_file.append_new(lite.store, kept, NOON) == 2
    assert erasure_file.append_new(lite.store, kept, NOON) == 0
    text = kept.read_text("ascii")
    assert not [word for word in WORDS if word in text]
    assert oct(kept.stat().st_mode & 0o777) == "0o600"

    lite.store.engine.dispose()
    for leftover in file.parent.glob(f"{file.name}-*"):
        leftover.unlink()
    shutil.copy(backup, file)
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    restored = House(load()).store
    world = World(restored, lite.carrier)
    assert [word for word in WORDS if word in everything_opened(world)] == []
    assert import_(restored, tmp_path, ROWS["the id under another number"]).verdict == "suppressed"
    again = journal.replay(restored, Eraser(restored, LAW), kept, NOON)
    assert (again.entries, again.people) == (0, 0)
    restored.engine.dispose()


def test_of_two_at_one_number_the_journal_erases_the_one(world: World, tmp_path: Path) -> None:
    """By the number alone the other one would go as well; the contact's id tells, where the number fits."""
    world.a_seller()
    first = world.a_contact([NUMBER], postal_code="10001")
    second = world.a_contact([NUMBER], postal_code="20002")
    entry = erasure_file.Entry(
        id=new_id(NOON), seller_id="acme", key=world.store.keyring.number_key(NUMBER), is_number=True,
        contact_id=second, at=NOON, request_id=7,
    )  # fmt: skip
    path = tmp_path / "journal"
    erasure_file.export(world.store, path)
    with path.open("a", encoding="ascii") as file:
        file.write(erasure_file.line_of(entry) + "\n")
    assert journal.replay(world.store, Eraser(world.store, LAW), path, NOON).people == 1
    with world.store.read() as tx:
        rows = tx.execute(select(contacts.c.id, contacts.c.erased_at))
        erased = {row.id: row.erased_at for row in rows}
    assert erased == {first: None, second: NOON}


def test_a_number_that_the_journal_does_not_name_is_not_taken_from_whoever_shares_it(
    lite: World, tmp_path: Path
) -> None:
    """The backup is older than the day on which they gave up the second number."""
    erased = lite.a_contact([NUMBER, OTHERS])
    lite.a_contact([OTHERS], postal_code="20002")
    keyring = lite.store.keyring
    with lite.store.write() as tx:
        consent(tx, lite, erased, number_key=keyring.number_key(OTHERS), contact_id=None, happened_at=NOON)
    facts: dict[str, Any] = {"seller_id": "acme", "is_number": True, "contact_id": erased, "at": NOON, "request_id": 7}
    entry = erasure_file.Entry(id=new_id(NOON), key=keyring.number_key(NUMBER), **facts)
    path = tmp_path / "journal"
    erasure_file.export(lite.store, path)
    with path.open("a", encoding="ascii") as file:
        file.write(erasure_file.line_of(entry) + "\n")
    assert journal.replay(lite.store, Eraser(lite.store, LAW), path, NOON).people == 1
    with lite.store.read() as tx:
        assert tx.execute(select(ledger.c.evidence_sealed)).scalar_one() is not None


FOREIGN = [
    ("", "line 1: this is no journal"),
    ("[]\n", "line 1: this is no journal"),
    ('{"format": "outbound-orchestrator erasures 1", "chain": "k9", "proof": "00"}\n', "with other keys"),
    ("{head}\n{}\n", "line 2: this is no journal"),
    ('{head}\n{"id": "x"}\n', "line 2: this is no journal"),
    ("ä\n", "line 1: this is no journal"),
]


def test_a_file_that_is_no_journal_of_ours_erases_nobody(lite: World, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    erasure_file.export(lite.store, path)
    head = path.read_text("ascii").strip()
    for text, said in FOREIGN:
        path.write_text(text.replace("{head}", head), "utf-8")
        with pytest.raises(UserError, match=said):
            journal.replay(lite.store, Eraser(lite.store, LAW), path, NOON)


@pytest.mark.parametrize("left", [0, 20, -1, -30], ids=["nothing", "half a head", "no end of line", "half an entry"])
def test_a_journal_whose_writing_was_cut_short_stops_nobody_and_is_made_whole(
    lite: World, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    """A full disk, or a death: no process of the installation would start any more, and stops would go unheard."""
    kept = Path(sqlite_url.removeprefix("sqlite:///") + ".erasures")
    a_known_person(lite)
    erase(lite.store)
    written = erasure_file.append_new(lite.store, kept, NOON)
    whole = kept.read_bytes()
    kept.write_bytes(whole[:left])
    with lite.store.write() as tx:
        tx.execute(update(erasures).values(exported_at=None))  # it died before it could say so
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    House(load()).store.engine.dispose()
    assert erasure_file.append_new(lite.store, kept, NOON) == written
    assert len(erasure_file.read(lite.store, kept)) == written
    assert kept.read_bytes().endswith(whole[whole.index(b"\n") + 1 :])


def test_two_processes_that_start_at_once_replay_once(lite: World, tmp_path: Path) -> None:
    a_known_person(lite)
    path = tmp_path / "journal"
    erasure_file.export(lite.store, path)
    key = lite.store.keyring.number_key(NUMBER)
    facts: dict[str, Any] = {
        "seller_id": "acme",
        "key": key,
        "is_number": True,
        "contact_id": None,
        "at": NOON,
        "request_id": None,
    }
    with path.open("a", encoding="ascii") as file:
        file.write(erasure_file.line_of(erasure_file.Entry(id=new_id(NOON), **facts)) + "\n")
    found = erasure_file.not_here(lite.store, path)
    first, second = (journal.begin(lite.store, Eraser(lite.store, LAW), found, NOON) for _ in range(2))
    assert (first is None, second is None) == (False, True)


WORDS_OF_A_LIFE = ("import", "import under another id", "import another number", "object", "erase")


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.lists(st.sampled_from(WORDS_OF_A_LIFE), min_size=1, max_size=6))
def test_no_list_ever_brings_back_somebody_who_said_no(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, keyring: object, story: list[str]
) -> None:
    """Whatever the order: once they objected or were erased, nothing of them is dialled."""
    folder = tmp_path_factory.mktemp("life")
    world = a_fresh_world(sqlite_template, folder, keyring)
    deeds: dict[str, Callable[[], object]] = {
        "import": lambda: import_(world.store, folder, ROWS["the same row"]),
        "import under another id": lambda: import_(world.store, folder, ROWS["the number under another id"]),
        "import another number": lambda: import_(world.store, folder, ROWS["the id under another number"]),
        "object": lambda: objecting.stop(world.store, LAW, asking(Right.OBJECT), "acme", NOON),
        "erase": lambda: erase_everybody(world),
    }
    for deed in story:
        deeds[deed]()
    campaign = world.a_campaign()
    with world.store.read() as tx:
        living = tx.execute(select(contacts.c.id).where(contacts.c.erased_at.is_(None))).scalars().all()
    if living:
        world.enrol(campaign, *living)
    world.now = NOON + timedelta(minutes=1)
    world.dispatch(campaign)
    dialled = {bytes(row.number_key) for row in world.attempts()}
    said_no = {"object", "erase"} & set(story)
    assert not (said_no and world.store.keyring.number_key(NUMBER) in dialled)
    first_erasure = story.index("erase") if "erase" in story else 0
    known_by_id = "import" in story[:first_erasure]
    assert not (known_by_id and world.store.keyring.number_key(OTHERS) in dialled)
    world.close()
    world.store.engine.dispose()


def erase_everybody(world: World) -> None:
    """Everybody who has the number, one by one, made sure of."""
    with world.store.read() as tx:
        held = select(contact_points.c.contact_id).where(
            contact_points.c.number_key == world.store.keyring.number_key(NUMBER)
        )
        ids = tx.execute(held).scalars().all()
    for named in ids or [NUMBER]:
        Eraser(world.store, LAW).ask(asking(Right.ERASE, named, verified_by="seen"), "acme", NOON)


def a_fresh_world(template: Path, folder: Path, keyring: object) -> World:
    from orchestrator.installation import prove

    path = folder / "life.sqlite3"
    shutil.copy(template, path)
    store = prove(Store(open_engine(f"sqlite:///{path}"), keyring), Settings())  # type: ignore[arg-type]
    world = World(store, InProcessCarrier(now=lambda: NOON))
    world.a_seller()
    world.an_agent()
    return world


def test_more_keys_than_one_statement_bears_are_marked_as_exported(store: Store) -> None:
    with store.write() as tx:
        keys_of_erased.exported(tx, [uuid4() for _ in range(66_000)], NOON)
