"""`orchestrator rights` as it is typed, with the sandbox as the carrier that deletes."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from orchestrator.carrier.client import connect
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.account import carrier_alarms
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.people import contacts, number_facts
from orchestrator.persistence.tables.rights import carrier_erasures
from orchestrator.pipeline import control
from orchestrator.pipeline.rights import duty
from orchestrator.pipeline.rights.duty import Duty
from orchestrator.settings import load
from sandbox.records import Recording
from sandbox.report import report
from sandbox.server import RunningSandbox
from tests.integration.account.conftest import NOW, Typed
from tests.integration.rights.people import LAW, NUMBER, OTHERS, everything_opened
from tests.world import SENDER, World

WORDS = (NUMBER, NUMBER[1:], "Zebedee", "Quillfeather", "crm-zq-77")
LIST = f"ID,First name,Last name,Phone,State,ZIP\ncrm-zq-77,Zebedee,Quillfeather,{NUMBER},NY,10001\n"


@pytest.fixture
def world(typed: Typed, sqlite_store: Store) -> World:
    """The database of the commands, with the sandbox as its carrier."""
    made = World(sqlite_store, connect(load()), now=NOW)
    made.a_seller()
    return made


def a_listed_person(typed: Typed, world: World, folder: Path) -> int:
    path = folder / "people.csv"
    path.write_text(LIST, "utf-8")
    done = typed("lists", "import", str(path), "--country", "US", "--name", "spring")
    assert done.returncode == 0, done.stderr
    with world.store.read() as tx:
        found: int = tx.execute(select(contacts.c.id)).scalar_one()
    return found


def call_and_text(world: World, contact: int) -> None:
    """Ringing at the sandbox, with a recording; and a message that waits there."""
    texts, calls = world.a_campaign("Texts", voice=False, sms=True), world.a_campaign("Calls", voice=True)
    key = world.store.keyring.number_key(NUMBER)
    with world.store.write() as tx:
        world._add_consent(tx, "acme", contact, NUMBER, "sms", True)
        world._add_consent(tx, "acme", contact, NUMBER, "voice", True)
        tx.execute(insert(number_facts).values(number_key=key, line_type=LineType.MOBILE, line_type_at=NOW))
    world.enrol(texts, contact, lane=Lane.SMS)
    world.dispatch(texts, Lane.SMS)
    world.enrol(calls, contact)
    world.dispatch(calls)


def test_after_an_erasure_no_search_finds_the_person_anywhere(
    typed: Typed, world: World, account: RunningSandbox, tmp_path: Path, sqlite_url: str
) -> None:
    """In the database file, in what was printed and logged, in exports, and at the carrier."""
    contact = a_listed_person(typed, world, tmp_path)
    call_and_text(world, contact)
    assert len(world.attempts()) == 2
    (call,) = account.world.calls
    recording = Recording(call_sid=call.sid, created_at=0.0)
    account.world.recordings[recording.sid] = recording
    exports = tmp_path / "exports"
    exports.mkdir()
    assert typed("rights", "access", NUMBER, "-o", str(exports)).returncode == 0
    assert "Quillfeather" in "".join(path.read_text("utf-8") for path in exports.iterdir())

    asked = typed("rights", "erase", NUMBER)
    assert (asked.returncode, "stopping" in asked.stdout) == (0, True)
    control.run_once(world.store, world.carrier, NOW)
    done = duty.run_once(world.store, Duty(LAW, None), lambda: world.carrier, NOW)
    assert (done.erased, done.confirmed) == (1, 2)
    shown = typed("rights", "show", "2")

    (tmp_path / "people.csv").unlink()
    said = asked.stdout + asked.stderr + shown.stdout + shown.stderr
    at_carrier = json.dumps(report(account.world, rows=True)) + repr(account.world.people)
    database = b"".join(path.read_bytes() for path in tmp_path.glob("*.sqlite3*"))
    assert [word for word in WORDS if word in said + at_carrier + everything_opened(world)] == []
    assert [word for word in WORDS if word.encode() in database] == []
    assert list(exports.iterdir()) == []
    assert (len(account.world.calls), len(account.world.messages), account.world.recordings) == (0, 0, {})

    path = tmp_path / "again.csv"
    path.write_text(LIST, "utf-8")
    again = typed("lists", "import", str(path), "--country", "US", "--name", "again", "--json")
    assert json.loads(again.stdout)["verdict"] == "suppressed"
    yesterday = f"{NOW - timedelta(days=0):%Y-%m-%d}"
    assert typed("twilio", "reconcile", "--day", yesterday).returncode == 0
    assert world.count(carrier_alarms) == 0


def test_an_erasure_says_what_stays_and_why(typed: Typed, world: World, tmp_path: Path) -> None:
    a_listed_person(typed, world, tmp_path)
    done = typed("rights", "erase", NUMBER)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Erased, here and from every list." in done.stdout
    assert "Kept for good: 1 of suppression" in done.stdout
    assert "GDPR art. 21(3)" in done.stdout
    listed = typed("rights", "list", "--all", "--json")
    (row,) = json.loads(listed.stdout)
    assert (row["state"], row["due_on"], row["rule"]) == ("done", "2026-12-24", "everywhere.one-month")
    logged = typed("rights", "log", "--json")
    (form,) = json.loads(logged.stdout)
    assert [step["step"] for step in form["log"]] == ["received", "stopped", "person taken out", "erased"]


def test_a_carrier_that_is_away_is_asked_again(
    typed: Typed, world: World, account: RunningSandbox, tmp_path: Path
) -> None:
    contact = a_listed_person(typed, world, tmp_path)
    call_and_text(world, contact)
    typed("rights", "erase", NUMBER)
    control.run_once(world.store, world.carrier, NOW)
    account.stop()
    done = duty.run_once(world.store, Duty(LAW, None), lambda: world.carrier, NOW)
    assert (done.erased, done.confirmed) == (1, 0)
    with world.store.read() as tx:
        open_ = tx.execute(select(carrier_erasures.c.tries, carrier_erasures.c.done_at)).all()
        assert tx.execute(select(attempts.c.erased_at)).scalars().all() == [NOW, NOW]
    assert open_ == [(1, None), (1, None)]


MISTAKES = [
    (("access", "5550", "-o", "."), "has no contact '5550'"),
    (("erase", "+1"), "That is no valid number"),
    (("erase", NUMBER, "--received", "2031-01-01"), "--received lies in the future"),
    (("erase", NUMBER, "--jurisdiction", "Atlantis"), "is no jurisdiction"),
    (("access", NUMBER, "-o", "/nowhere/at/all"), "There is no folder"),
    (("rectify", NUMBER, "--set", "last_name"), "write it as in --set last_name=Miller"),
    (("restrict", NUMBER, "--reason", " "), "--reason is empty"),
    (("show", "77"), "There is no request 77"),
    (("lift", "77", "--reason", "x"), "There is no request 77"),
    (("complain", NUMBER, "--about", "calls", "--due", "2020-01-01"), "--due lies before"),
    (("journal", "replay", "/nowhere/journal"), "name the journal that was kept"),
    (("object", NUMBER, "--seller", "nobody"), "There is no seller 'nobody'"),
]


def test_what_cannot_be_done_is_said_with_what_to_do(typed: Typed, world: World) -> None:
    for words, said in MISTAKES:
        done = typed("rights", *words)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), words
        assert said in done.stderr


def test_a_case_from_complaint_to_erasure_as_people_type_it(typed: Typed, world: World, tmp_path: Path) -> None:
    contact = str(a_listed_person(typed, world, tmp_path))
    opened = typed("rights", "complain", contact, "--about", "a call on Sunday", "--regulator", "FCC", "--json")
    case = json.loads(opened.stdout)["id"]
    held = typed("rights", "erase", contact)
    assert "A hold keeps the data" in held.stdout
    assert "on hold since 2026-11-24" in typed("rights", "show", "2").stdout
    assert typed("rights", "close", str(case), "--note", "settled").returncode == 0
    assert "Erased" in typed("rights", "continue", "2").stdout
    file = tmp_path / "journal"
    assert "2 keys of erased people" in typed("rights", "journal", "export", str(file)).stdout
    assert "0 keys were new here" in typed("rights", "journal", "replay", str(file)).stdout
    assert OTHERS not in file.read_text("ascii")
    assert SENDER not in file.read_text("ascii")


def test_a_log_is_in_words_and_claims_no_letter_that_nobody_named(typed: Typed, world: World, tmp_path: Path) -> None:
    contact = a_listed_person(typed, world, tmp_path)
    asked = typed("rights", "access", NUMBER, "-o", str(tmp_path / "answers")).stdout
    assert asked.startswith(f"Request 1, access of contact {contact}: done.")
    typed("rights", "object", NUMBER, "--channel", "email")
    by_nobody, by_mail = typed("rights", "show", "1").stdout, typed("rights", "show", "2").stdout
    assert "by" not in by_nobody.splitlines()[0].split()
    assert "by email, due" in by_mail.splitlines()[0]
    assert not {"{", "["} & set(by_nobody + by_mail)
