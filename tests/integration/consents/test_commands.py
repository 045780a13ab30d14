"""`orchestrator consents` as it is typed: given, shown as of a day, receipted, withdrawn, running out."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import select

from orchestrator.cli import main
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.consent_standing import held
from orchestrator.domain.contact_request import ConsentChannel
from orchestrator.persistence import consent_ledger, sellers
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.people import consents
from orchestrator.persistence.tables.proof import access_numbers, accesses
from orchestrator.pipeline.consents import expiring
from tests.conftest import KEYS
from tests.integration.consents.builders import NOW, NUMBER, a_consent
from tests.integration.consents.test_append_only import written
from tests.world import CONFIG, World

Typed = Callable[..., tuple[int, str, str]]
WRITTEN = ["--level", "express_written", "--automated"]
GIVE = ["give", NUMBER, "--seller", "acme", "--channel", "sms", "--purpose", "telemarketing", *WRITTEN]
PROOF = ["--source", "own_form", "--text", "Yes, text me", "--evidence", "ip=198.51.100.7"]


@pytest.fixture
def typed(
    sqlite_store: Store, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    """Runs a command of `orchestrator consents` on a standing clock: exit code, output, errors."""
    World(sqlite_store, None).a_seller()  # type: ignore[arg-type]
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    monkeypatch.setenv("ORCHESTRATOR_TWILIO_API_URL", "http://127.0.0.1:9")  # a moved clock never meets real people

    def run(*words: str, now: str = "2026-11-23T15:00:00Z") -> tuple[int, str, str]:
        monkeypatch.setenv("ORCHESTRATOR_CLOCK", f"{now} x1 @2100-01-01T00:00:00Z")
        monkeypatch.setattr("sys.argv", ["orchestrator", "consents", *words])
        with pytest.raises(SystemExit) as left:
            main.run()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


def shown(typed: Typed, *words: str, now: str = "2026-11-23T15:00:00Z") -> list[Any]:
    code, out, _ = typed("show", NUMBER, *words, "--json", now=now)
    assert code == 0
    return [one for account in json.loads(out) for one in account["consents"]]


def test_what_was_held_on_a_day_is_told_whatever_came_later(typed: Typed) -> None:
    assert typed(*GIVE, *PROOF, now="2026-05-02T10:00:00Z")[0] == 0
    code, out, _ = typed("withdraw", NUMBER, "--seller", "acme", "--words", "no more", now="2026-06-01T10:00:00Z")
    assert (code, out) == (0, "Entry 2 is on record; what was on its way is being taken back.\n")
    assert shown(typed, "--at", "2026-05-01") == []
    [then], [now] = shown(typed, "--at", "2026-05-03"), shown(typed)
    assert (then["ended"], then["counts_for"], then["evidence"]["text"]) == (None, ["texts"], "Yes, text me")
    assert now["ended"] == {"by": "withdrawn", "entry": 2, "at": "2026-06-01T10:00:00Z"}
    assert now["does_not_count_for"] == {"texts": "it was withdrawn"}


def test_how_a_no_was_said_is_shown_with_it(typed: Typed) -> None:
    typed("withdraw", NUMBER, "--seller", "acme", "--words", "by letter: no more", "--means", "letter")
    code, out, _ = typed("show", NUMBER, "--json", now="2026-11-24T15:00:00Z")
    [account] = json.loads(out)
    [entry] = account["other_entries"]
    assert (code, entry["collection"], entry["evidence"]["words"]) == (0, "letter", "by letter: no more")
    _, table, _ = typed("show", NUMBER, now="2026-11-24T15:00:00Z")
    assert "words, number" in table


def test_a_day_lasts_to_its_end_and_a_moment_to_the_second(typed: Typed) -> None:
    typed(*GIVE, *PROOF, now="2026-05-03T23:59:59Z")
    assert len(shown(typed, "--at", "2026-05-03")) == 1
    assert shown(typed, "--at", "2026-05-03T23:59:58Z") == []
    assert len(shown(typed, "--at", "2026-05-03T23:59:59Z")) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--source", "own_form"], "Give the evidence"),
        ([*PROOF, "--unproven"], "leave the evidence out"),
        (["--source", "own_form", "--evidence", "shoes=blue"], "keys are number, name"),
        ([*PROOF, "--given-at", "2030-01-01T00:00:00"], "cannot lie in the future"),
    ],
)
def test_what_proves_nothing_is_not_taken_for_proof(typed: Typed, words: list[str], said: str) -> None:
    code, out, err = typed(*GIVE, *words)
    assert (code, out, said in err, err.count("\n")) == (1, "", True, 1)


@pytest.mark.parametrize(
    ("text", "counted"), [("Yes, {name} may text me", ["texts"]), ("Yes, partners may text me", [])]
)
def test_one_that_was_bought_counts_where_its_text_names_the_seller(
    typed: Typed, sqlite_store: Store, text: str, counted: list[str]
) -> None:
    with sqlite_store.read() as tx:
        name = sellers.require(tx, "acme").name
    bought = ("--source", "purchased_list", "--text", text.format(name=name), "--evidence", "ip=198.51.100.7")
    assert typed(*GIVE, *bought)[0] == 0
    assert [one["counts_for"] for one in shown(typed)] == [counted]


def test_the_table_tells_entries_in_their_order_and_the_weightiest_evidence(typed: Typed) -> None:
    more = [word for name in ("url", "user_agent", "screenshot", "token") for word in ("--evidence", f"{name}=x")]
    typed(*GIVE, *PROOF, *more)
    typed("withdraw", NUMBER, "--seller", "acme", "--words", "no more")
    typed(*GIVE, *PROOF)
    _, out, _ = typed("show", NUMBER)
    entries = [line for line in out.splitlines() if "sms" in line or "any" in line]
    assert [line.split("│")[1].strip() for line in entries] == ["1", "2", "3"]
    assert "and 4 more (--json)" in entries[0]
    assert "ip" in entries[0]
    assert "screenshot" not in entries[0]


def test_an_unproven_consent_is_kept_and_counts_nowhere(typed: Typed) -> None:
    code, out, _ = typed(*GIVE, "--source", "own_form", "--unproven")
    assert (code, "counts nowhere" in out) == (0, True)
    [one] = shown(typed)
    assert (one["proven"], one["counts_for"]) == (False, [])
    _, table, _ = typed("show", NUMBER)
    assert "no proof of it is stored" in table


def test_a_receipt_is_valid_canonical_and_tells_the_end(typed: Typed, sqlite_store: Store) -> None:
    typed("terms", "acme", "--address", "1 Test Street", "--retention", "5 years", "--recipient", "A call centre")
    typed(*GIVE, *PROOF, "--language", "en", "--jurisdiction", "US-NY", "--notice-version", "7")
    typed("terms", "acme", "--retention", "6 years", now="2026-11-24T15:00:00Z")
    typed("withdraw", NUMBER, "--seller", "acme", "--words", "no more", now="2026-11-25T15:00:00Z")
    code, out, _ = typed("receipt", "1", now="2026-11-26T15:00:00Z")
    form = json.loads(out)
    schema = json.loads((CONFIG / "schemas" / "consent_receipt.schema.json").read_text("utf-8"))
    assert list(Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(form)) == []
    assert (code, out) == (0, json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n")
    assert [event["state"] for event in form["events"]] == ["given", "withdrawn"]
    processing = form["processing"]
    assert (processing["retention_period"], processing["recipients"]) == ("5 years", ["A call centre"])
    assert (form["pii_principal"], form["evidence"]["text"]) == (NUMBER, "Yes, text me")
    with sqlite_store.read() as tx:
        [noted] = tx.execute(select(accesses.c.action, accesses.c.seller_id)).all()
        keys = tx.execute(select(access_numbers.c.number_key)).scalars().all()
    assert (tuple(noted), keys) == (("receipt", "acme"), [sqlite_store.keyring.number_key(NUMBER)])


def test_what_runs_out_is_listed_without_a_full_number(typed: Typed) -> None:
    typed(*GIVE, *PROOF, "--expires-at", "2026-12-01T00:00:00")
    _, table, _ = typed("expiring", "--days", "8")
    assert ("2026-12-01" in table, NUMBER in table) == (True, False)
    assert typed("expiring", "--days", "7")[1] == "No consent that stands ends within 7 days.\n"
    assert json.loads(typed("expiring", "--days", "7", "--json")[1]) == []
    [one] = json.loads(typed("expiring", "--days", "8", "--json")[1])
    assert (one["ends_by"], one["ends_at"], one["seller"]) == ("stated", "2026-12-01T00:00:00Z", "acme")


def test_what_has_ended_is_written_down_once(store: Store, law: Rulebook) -> None:
    World(store, None).a_seller()  # type: ignore[arg-type]
    ended = written(store, a_consent("acme", expires_at=NOW, happened_at=NOW.replace(year=2025)))
    written(store, a_consent("acme", happened_at=NOW.replace(year=2025)))
    assert [expiring.run_once(store, law, NOW) for _ in range(2)] == [1, 0]
    with store.read() as tx:
        rows = {row.id: row for row in tx.execute(select(consents))}
    [expired] = [row for row in rows.values() if row.event == "expired"]
    assert (expired.record_id, expired.happened_at) == (rows[ended].record_id, NOW)
    assert expired.recorded_by == "step:consents"


def test_of_two_consents_of_one_opt_in_each_ends_in_its_own_time(store: Store, law: Rulebook) -> None:
    World(store, None).a_seller()  # type: ignore[arg-type]
    shared = {"record_id": UUID(int=1), "happened_at": NOW.replace(year=2025)}
    texts = written(store, a_consent("acme", expires_at=NOW, **shared))
    calls = written(store, a_consent("acme", channel=ConsentChannel.VOICE, expires_at=NOW.replace(year=2027), **shared))
    assert expiring.run_once(store, law, NOW) == 1
    assert standing(store, NOW) == {texts: False, calls: True}
    assert expiring.run_once(store, law, NOW.replace(year=2027)) == 1
    assert standing(store, NOW.replace(year=2027)) == {texts: False, calls: False}


def standing(store: Store, at: datetime) -> dict[int, bool]:
    with store.read() as tx:
        entries = consent_ledger.entries(tx, "acme", store.keyring.number_key(NUMBER))
    return {one.given.id: one.end is None for one in held(entries, at)}
