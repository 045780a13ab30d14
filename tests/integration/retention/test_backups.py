"""A backup is whole while others write; restored, it knows nobody who was erased since, and nothing past its time."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.cli import main
from orchestrator.domain.consent_event import ConsentState
from orchestrator.domain.contact_request import ConsentChannel, SuppressionKind
from orchestrator.domain.rights import RequestState, Right
from orchestrator.persistence import consents as ledger
from orchestrator.persistence import database_file, suppressions
from orchestrator.persistence.dossiers import PROFILE
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables import people
from orchestrator.persistence.tables.deliveries import deliveries
from orchestrator.persistence.tables.people import contacts
from orchestrator.pipeline.rights.erasing import Eraser
from tests.conftest import KEYS, _opened
from tests.integration.consents.builders import a_consent
from tests.integration.rights.people import LAW, asking, everything_opened
from tests.world import NOON, World, numbers

Typed = Callable[..., str]
NUMBER = numbers(1, start=50)[0]
WORDS = (NUMBER, "Zebedee")
STANDING_CLOCK = "2026-11-23T18:00:00Z x1 @2999-01-01T00:00:00Z"


@pytest.fixture
def lite(sqlite_url: str, keyring: object) -> Iterator[World]:
    for store in _opened(sqlite_url, keyring):  # type: ignore[arg-type]
        made = World(store, InProcessCarrier(now=lambda: NOON))
        yield made
        made.close()


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sqlite_url: str) -> Typed:
    """What a command says; what it refuses begins with the exit code."""
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    monkeypatch.setenv("ORCHESTRATOR_TWILIO_API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ORCHESTRATOR_CLOCK", STANDING_CLOCK)

    def run(*words: object) -> str:
        monkeypatch.setattr("sys.argv", ["orchestrator", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            main.run()
        said = capsys.readouterr()
        return said.out if not left.value.code else f"{left.value.code}: {said.err}"

    return run


def a_known_person(world: World) -> None:
    world.a_seller()
    contact = world.a_contact([NUMBER])
    profile = world.store.keyring.seal_json({"first_name": "Zebedee"}, PROFILE)
    with world.store.write() as tx:
        tx.execute(update(contacts).where(contacts.c.id == contact).values(profile_sealed=profile))
    assert all(word in everything_opened(world) for word in WORDS)


def file_of(store: Store) -> Path:
    return Path(str(store.engine.url.database))


def test_whoever_was_erased_since_the_backup_is_erased_from_it_before_it_opens(
    lite: World, typed: Typed, tmp_path: Path
) -> None:
    a_known_person(lite)
    database, backup = file_of(lite.store), tmp_path / "monday.sqlite3"
    assert "0 keys of erased people" in typed("backup", backup)
    assert f"1: {backup} is there already" in typed("backup", backup)
    row = Eraser(lite.store, LAW, "cli:ops").ask(asking(Right.ERASE, NUMBER), "acme", NOON)
    assert row.state == RequestState.DONE
    assert "is in use: stop the worker" in typed("restore", backup), "the test itself has it open"
    lite.store.engine.dispose()
    done = json.loads(typed("restore", backup, "--json"))
    assert (done["erased_again"], done["waiting"], done["journals"]) == (1, 0, 2)
    assert [word for word in WORDS if word in everything_opened(lite)] == []
    with lite.store.read() as tx:
        assert suppressions.standing(tx, "acme", lite.store.keyring.number_key(NUMBER))
    there = {path.name for path in database.parent.glob(f"{database.name}*")}
    there -= {f"{database.name}-wal", f"{database.name}-shm"}
    assert there == {database.name, f"{database.name}.erasures", Path(done["before"]).name}, "nothing is half-made"
    assert database.stat().st_mode & 0o777 == backup.stat().st_mode & 0o777 == 0o600


def test_a_no_that_was_said_since_the_backup_is_carried_over_from_the_database_that_was_there(
    lite: World, typed: Typed, tmp_path: Path
) -> None:
    """Else whoever said stop since would be texted again by the restored database."""
    lite.a_seller()
    before, since, opened = numbers(3)
    keys = [lite.store.keyring.number_key(number) for number in (before, since, opened)]
    no: dict[str, Any] = {"kind": SuppressionKind.STOP_REPLY, "source": "reply", "at": NOON}
    with lite.store.write() as tx:
        suppressions.add(tx, seller_id="acme", number_key=keys[0], **no)
    typed("backup", tmp_path / "monday.sqlite3")
    lite.a_seller("zeta")  # it came later, and is not in the backup
    with lite.store.write() as tx:
        suppressions.add(tx, seller_id="acme", number_key=keys[1], channel=ConsentChannel.SMS, campaign_id=7, **no)
        suppressions.add(tx, seller_id="zeta", number_key=keys[1], **no)
        withdrawn = a_consent("acme", number=since, event=ConsentState.WITHDRAWN, happened_at=NOON)
        ledger.record(tx, lite.store.keyring, withdrawn, NOON)
        suppressions.add(tx, seller_id="acme", number_key=keys[2], **no)
        of_third = people.suppressions.c.number_key == keys[2]
        tx.execute(update(people.suppressions).where(of_third).values(lifted_at=NOON))
    lite.store.engine.dispose()
    assert json.loads(typed("restore", tmp_path / "monday.sqlite3", "--json"))["noes_carried_over"] == 1
    with lite.store.read() as tx:
        rows = tx.execute(select(people.suppressions).order_by(people.suppressions.c.id)).all()
        (end,) = tx.execute(select(people.consents)).all()
    assert (end.event, bytes(end.number_key), end.happened_at) == ("withdrawn", keys[1], NOON)
    assert [bytes(row.number_key) for row in rows] == keys[:2]
    assert (rows[1].seller_id, rows[1].kind, rows[1].channel, rows[1].at) == ("acme", "stop_reply", "sms", NOON)
    assert (rows[1].campaign_id, rows[1].sealed_in) == (None, None)  # neither the campaign nor the seal is there


def test_without_a_journal_that_is_newer_nothing_is_restored(lite: World, typed: Typed, tmp_path: Path) -> None:
    """On another machine there is neither the database nor its journal: the backup's own cannot tell of later days."""
    a_known_person(lite)
    backup = tmp_path / "monday.sqlite3"
    typed("backup", backup)
    Eraser(lite.store, LAW, "cli:ops").ask(asking(Right.ERASE, NUMBER), "acme", NOON)
    typed("rights", "journal", "export", tmp_path / "newest")
    lite.store.engine.dispose()
    for path in file_of(lite.store).parent.glob("orchestrator.sqlite3*"):
        path.unlink()
    assert "whoever was erased since the backup would be back" in typed("restore", backup)
    assert not file_of(lite.store).exists()
    assert "1 people were erased again" in typed("restore", backup, "--journal", tmp_path / "newest")
    assert [word for word in WORDS if word in everything_opened(lite)] == []


def test_what_is_past_its_time_by_now_is_not_restored(lite: World, typed: Typed, tmp_path: Path) -> None:
    old, young = NOON - timedelta(days=31), NOON - timedelta(days=29)
    with lite.store.write() as tx:
        rows = [{"key": bytes([day.day] * 16), "received_at": day} for day in (old, young)]
        tx.execute(insert(deliveries), rows)
    typed("backup", tmp_path / "monday.sqlite3")
    lite.store.engine.dispose()
    done = json.loads(typed("restore", tmp_path / "monday.sqlite3", "--json"))
    assert done["rows_past_their_time"] == 1
    with lite.store.read() as tx:
        assert tx.execute(select(deliveries.c.received_at)).scalars().all() == [young]


@pytest.mark.parametrize("content", [b"no database at all", b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_file_that_is_no_backup_leaves_everything_as_it_is(
    lite: World, typed: Typed, tmp_path: Path, content: bytes
) -> None:
    a_known_person(lite)
    before = everything_opened(lite)
    lite.store.engine.dispose()
    wrong = tmp_path / "wrong"
    wrong.write_bytes(content)
    assert typed("restore", wrong).startswith("1: ")
    assert everything_opened(lite) == before


def test_a_backup_of_another_installation_is_refused(
    lite: World, typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed("backup", tmp_path / "ours")
    lite.store.engine.dispose()
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", "k1:" + "B" * 43 + "=")
    assert "written with other keys" in typed("restore", tmp_path / "ours", "--nobody-was-erased")


def test_a_copy_is_of_one_moment_while_others_write(lite: World, tmp_path: Path) -> None:
    """Each writer's transaction is in the copy whole or not at all, and no writer is kept waiting."""
    stop, copies = threading.Event(), []

    def write() -> None:
        for number in range(100_000):
            if stop.is_set():
                return
            with lite.store.write() as tx:
                pair = [{"key": number.to_bytes(15) + half, "received_at": NOON} for half in (b"a", b"b")]
                tx.execute(insert(deliveries), pair)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for name in range(3):
            database_file.copy(file_of(lite.store), tmp_path / f"copy{name}")
            copies.append(_rows(tmp_path / f"copy{name}"))
    finally:
        stop.set()
        writer.join()
    assert [count % 2 for count in copies] == [0, 0, 0]
    assert copies == sorted(copies)


def _rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM deliveries").fetchone()[0])


def test_on_postgresql_the_recipe_is_named(typed: Typed, monkeypatch: pytest.MonkeyPatch, postgres_url: str) -> None:
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", postgres_url)
    assert "pg_dump" in typed("backup", "/nowhere")
    assert "pg_dump" in typed("restore", "/nowhere")
