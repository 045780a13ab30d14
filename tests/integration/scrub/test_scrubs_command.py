"""The records of scrubs as a person asks for them."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from orchestrator.cli import lists
from orchestrator.domain.errors import UserError
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.lists import scrubs
from orchestrator.pipeline.scrub import load_shelf, scrub_list
from tests.conftest import KEYS
from tests.integration.scrub.conftest import NOW, Town
from tests.integration.scrub.test_scrub import CLEAR, LISTED, scrubbed

NAME = "list of acme"


@pytest.fixture
def here(sqlite_url: str, sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A town whose list was scrubbed once."""
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    monkeypatch.setenv("COLUMNS", "200")
    town = Town(sqlite_store, tmp_path)
    town.seller("acme")
    town.registry("504,5550107\n")
    scrubbed(town, town.list_of("acme", [LISTED, CLEAR]))
    return town


def run(*arguments: str) -> Result:
    return CliRunner().invoke(lists.app, list(arguments), catch_exceptions=False)


def said(*arguments: str) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_records_are_listed(here: Town) -> None:
    [record] = said("scrubs", NAME)
    assert (record["scrub"], record["list"], record["campaign"], record["by"]) == (1, NAME, None, "test")
    assert (record["started_at"], record["counts"]["on_any"]) == ("2026-11-22T15:00:00Z", 1)
    assert [len(digest) for digest in (*record["snapshots"]["us-national"], record["answers_digest"])] == [64, 64]
    text = run("scrubs").stdout
    assert NAME in text
    assert record["snapshots"]["us-national"][0][:8] in text


def test_a_scrub_that_was_cut_off_is_shown_as_that(here: Town) -> None:
    with here.store.write() as tx:
        tx.execute(update(scrubs).values(finished_at=None))
    assert "cut off" in run("scrubs").stdout
    assert said("scrubs")[0]["finished_at"] is None


def test_an_unknown_list_is_said(here: Town) -> None:
    with pytest.raises(UserError, match="no list 'winter'"):
        run("scrubs", "winter")


def test_the_answers_about_numbers_are_shown(here: Town) -> None:
    answers = said("prove", "1", LISTED, CLEAR)
    assert [one["registries"][0]["listed"] for one in answers] == [True, False]
    assert "us-national listed it (of 2026-11-20)" in run("prove", "1", LISTED).stdout


def test_a_number_that_was_not_in_the_scrub_has_no_evidence_there(here: Town) -> None:
    result = run("prove", "1", "+12125550107", LISTED)
    assert (result.exit_code, "+12125550107: not in scrub 1" in result.stdout) == (1, True)
    assert "us-national listed it" in result.stdout
    [form] = json.loads(run("prove", "1", "+12125550107", "--json").stdout)
    assert (form["in_scrub"], form["registries"]) == (False, [])


def test_the_registries_that_did_not_speak_of_a_number_are_named(here: Town) -> None:
    people = here.list_of(here.seller("other"), ["+12125550107"])
    run_id = scrub_list(here.store, load_shelf(here.store, here.registries), "other", people, "test", NOW).id
    result = run("prove", str(run_id), "+12125550107")
    assert (result.exit_code, result.stdout) == (0, "+12125550107: us-national did not cover it\n")


def test_a_scrub_is_proven(here: Town) -> None:
    result = run("prove", "1")
    assert (result.exit_code, "every answer is the same" in result.stdout) == (0, True)
    assert said("prove", "1")["same_answers"] is True


def test_a_scrub_that_cannot_be_proven_any_more_ends_with_one(here: Town) -> None:
    with here.store.write() as tx:
        tx.execute(update(scrubs).values(answers_digest="0" * 64))
    assert run("prove", "1").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["prove", "7"], "There is no scrub 7"), (["prove", "1", "5045550107"], "no full number")],
)
def test_what_cannot_be_proven_is_said(here: Town, arguments: list[str], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        run(*arguments)
