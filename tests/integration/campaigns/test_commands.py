"""The commands: one sentence for people, JSON for scripts, and one sentence when something is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import select, update
from typer.testing import CliRunner, Result

from orchestrator.cli import campaigns, registries, sellers
from orchestrator.domain.errors import UserError
from orchestrator.persistence import rollups
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.lists import scrubs
from tests.conftest import KEYS
from tests.integration.campaigns.builders import a_list
from tests.unit.campaigns.files import CALLS_ONLY

ACME = ["add", "acme-roofing", "--name", "Acme Roofing", "--callback-number", "+12125550100", "--country", "us"]


@pytest.fixture(autouse=True)
def environment(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "autumn.toml"
    path.write_text(CALLS_ONLY, "utf-8")
    return path


def run(app: typer.Typer, *arguments: object) -> Result:
    """Run a command that must succeed."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def refusal(app: typer.Typer, *arguments: object) -> str:
    """The one sentence that a person reads when the command refuses."""
    with pytest.raises(UserError) as error:
        CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert "\n" not in str(error.value)
    return str(error.value)


def said(result: Result) -> Any:
    return json.loads(result.stdout)


def test_a_seller_is_added_and_listed() -> None:
    run(sellers.app, *ACME, "--kind", "registered_charity", "--registration", "US-TX")
    assert said(run(sellers.app, "list", "--json")) == [
        {
            "id": "acme-roofing",
            "name": "Acme Roofing",
            "country": "US",
            "callback_number": "+12125550100",
            "kind": "registered_charity",
            "registrations": ["US-TX"],
        }
    ]
    assert "Acme Roofing" in run(sellers.app, "list").stdout


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--callback-number", "2125550100", "--callback-number: '2125550100' must be a full number in E.164"),
        ("--country", "USA", "--country: 'USA' is no country; use two letters"),
        ("--name", " ", "--name: give the seller's name"),
    ],
)
def test_a_wrong_seller_is_refused(option: str, value: str, sentence: str) -> None:
    assert sentence in refusal(sellers.app, *ACME, option, value)


def test_a_seller_is_added_once() -> None:
    run(sellers.app, *ACME)
    assert "There is a seller 'acme-roofing' already" in refusal(sellers.app, *ACME)


def test_a_campaign_lives_from_draft_to_archive(file: Path, sqlite_store: Store) -> None:
    run(sellers.app, *ACME)
    a_list(sqlite_store, ["accepted", "listed", "suppressed"])
    assert said(run(campaigns.app, "create", file, "--json"))["state"] == "draft"
    assert "2 enrolled; the campaign is running." in run(campaigns.app, "launch", "Autumn calls").stdout
    assert said(run(campaigns.app, "status", "1", "--json"))["enrollments"] == {"due": 2}
    run(campaigns.app, "pause", "Autumn calls", "--reason", "complaints")
    paused = said(run(campaigns.app, "status", "Autumn calls", "--json"))
    assert (paused["state"], paused["reason"]) == ("paused", "complaints")
    assert said(run(campaigns.app, "resume", "Autumn calls", "--json"))["state"] == "running"
    run(campaigns.app, "stop", "Autumn calls")
    run(campaigns.app, "archive", "Autumn calls")
    assert [campaign["state"] for campaign in said(run(campaigns.app, "list", "--json"))] == ["archived"]


def test_a_draft_is_mended_by_creating_it_anew(file: Path, sqlite_store: Store) -> None:
    run(sellers.app, *ACME)
    a_list(sqlite_store, ["accepted"])
    first = run(campaigns.app, "create", file, "--list", "autum")
    assert "has no list 'autum' yet" in first.stderr
    assert "Campaign 1 'Autumn calls' is a draft. Next: orchestrator campaigns preflight 'Autumn calls', then: " in (
        first.stdout
    )
    assert "Campaign 1 'Autumn calls' was a draft and is replaced." in run(campaigns.app, "create", file).stdout
    launched = run(campaigns.app, "launch", "Autumn calls").stdout
    assert "Scrub 1: 0 numbers, 0 on a registry" in launched
    assert "1 enrolled; the campaign is running." in launched
    assert "has a campaign 'Autumn calls' already" in refusal(campaigns.app, "create", file)


def test_the_status_of_a_draft_is_no_empty_table_but_what_to_do_next(file: Path) -> None:
    run(sellers.app, *ACME)
    run(campaigns.app, "create", file)
    told = run(campaigns.app, "status", "1").stdout
    assert "Nobody is enrolled before its launch. Next: orchestrator campaigns preflight 'Autumn calls'" in told
    assert "count" not in told


def test_a_launch_always_scrubs_first(file: Path, sqlite_store: Store) -> None:
    run(sellers.app, *ACME)
    a_list(sqlite_store, ["accepted"])
    run(campaigns.app, "create", file)
    run(campaigns.app, "launch", "Autumn calls")
    with sqlite_store.read() as tx:
        assert tx.execute(select(scrubs.c.seller_id, scrubs.c.list_id)).all() == [("acme-roofing", 1)]


def test_options_replace_fields_of_the_file(file: Path) -> None:
    run(sellers.app, *ACME)
    options = ["--name", "Winter", "--list", "a", "--list", "b", "--priority", 2, "--starts-at", "2099-01-01T00:00:00Z"]
    result = run(campaigns.app, "create", file, *options)
    assert "'Winter' is a draft" in result.stdout
    assert "has no list 'a' yet; import it before the launch." in result.stderr


def test_status_shows_attempts_by_outcome(file: Path, sqlite_store: Store) -> None:
    run(sellers.app, *ACME)
    run(campaigns.app, "create", file)
    with sqlite_store.write() as tx:
        counts = {
            (1, rollups.attempt_metric("voice", "predictive", "reached")): 3,
            (1, rollups.attempt_metric("voice", "preview", "reached")): 2,
            (1, rollups.attempt_metric("sms", None, "delivered")): 7,
            (1, rollups.decision_metric("hold", "us.hours")): 90,
        }
        rollups.add(tx, rollups.Counts(counts))
    assert said(run(campaigns.app, "status", "1", "--json"))["attempts"] == {"reached": 5, "delivered": 7}
    assert "reached" in run(campaigns.app, "status", "1").stdout


def test_what_is_wrong_with_a_file_is_said_and_no_database_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", f"sqlite:///{tmp_path / 'none.sqlite3'}")
    assert "No such file" in refusal(campaigns.app, "create", tmp_path / "missing.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    assert "is not text in UTF-8" in refusal(campaigns.app, "create", binary)
    assert not (tmp_path / "none.sqlite3").exists()


@pytest.mark.parametrize("verb", ["status", "launch", "pause", "resume", "stop", "archive"])
def test_an_unknown_campaign_is_said(verb: str) -> None:
    assert refusal(campaigns.app, verb, "None") == (
        "There is no campaign 'None'; `orchestrator campaigns list` shows all."
    )


def test_status_says_which_file_the_blocked_wait_for(file: Path, sqlite_store: Store, tmp_path: Path) -> None:
    run(sellers.app, *ACME)
    a_list(sqlite_store, ["accepted"])
    run(campaigns.app, "create", file)
    run(campaigns.app, "launch", "Autumn calls")
    waits = {"stage": "blocked", "blocked_by": "us.list", "cure": "registry", "cure_detail": "us-national"}
    with sqlite_store.write() as tx:
        tx.execute(update(enrollments).values(waits))
    told = run(campaigns.app, "status", "1").stdout
    assert "the registry us-national that covers them (none was imported): orchestrator registries import" in told
    (tmp_path / "504.txt").write_text("504,5550107\n")
    run(registries.app, "import", "us-national", tmp_path / "504.txt", "--obtained-at", "2026-09-01")
    with sqlite_store.write() as tx:
        tx.execute(update(enrollments).values(waits))  # by an import they are due; the gate found the file too old
    assert "the newest here was obtained on 2026-09-01" in run(campaigns.app, "status", "1").stdout
    (blocked,) = said(run(campaigns.app, "status", "1", "--json"))["blocked_by"]
    assert (blocked["cure_detail"], blocked["newest_version"]) == ("us-national", "2026-09-01T00:00:00Z")


def test_status_says_that_the_end_of_an_emergency_opens_whom_it_blocks(file: Path, sqlite_store: Store) -> None:
    run(sellers.app, *ACME)
    a_list(sqlite_store, ["accepted"])
    run(campaigns.app, "create", file)
    run(campaigns.app, "launch", "Autumn calls")
    blocked = {"stage": "blocked", "blocked_by": "us-ny.emergency-ban", "cure": "jurisdiction", "cure_detail": None}
    with sqlite_store.write() as tx:
        tx.execute(update(enrollments).values(blocked))
    told = run(campaigns.app, "status", "1").stdout
    assert "1 person blocked by us-ny.emergency-ban; opened by: the end of the declared emergency" in told
