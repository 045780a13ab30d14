"""The commands that import registries and scrub lists, as an operator runs them."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from orchestrator.cli import registries, registry_import
from orchestrator.domain.errors import UserError
from orchestrator.persistence.store import Store
from tests.conftest import KEYS
from tests.integration.scrub.conftest import Town

Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_store: Store, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `registries …` or `scrub …` on a database with the sellers acme and other."""
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    monkeypatch.delenv("ORCHESTRATOR_REGISTRIES_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    town = Town(sqlite_store, tmp_path)
    for seller in ("acme", "other"):
        town.seller(seller)
        town.list_of(seller, ["+15045550107", "+15045550108"])
    (tmp_path / "n.txt").write_text("504,5550107\n")
    app = typer.Typer()
    app.add_typer(registries.app, name="registries")
    app.command("scrub")(registries.scrub)

    def invoke(*words: str) -> Result:
        result = CliRunner().invoke(app, words)
        if isinstance(result.exception, UserError):
            raise result.exception
        return result

    return invoke


IMPORT = ("registries", "import", "us-national", "n.txt", "--obtained-at", "2026-11-01")


def printed(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_an_import_says_what_it_did(run: Run) -> None:
    assert "us-national: 1 listed numbers, covering 1 area code; imported." in run(*IMPORT).stdout
    assert "was here already" in run(*IMPORT).stdout


def test_an_import_as_json_is_one_object(run: Run) -> None:
    form = printed(run(*IMPORT, "--json"))
    assert {name: form[name] for name in ("registry", "obtained_at", "numbers", "records", "new", "reopened")} == {
        "registry": "us-national",
        "obtained_at": "2026-11-01T00:00:00Z",
        "numbers": 1,
        "records": 1,
        "new": True,
        "reopened": 0,
    }


def test_versions_are_listed_newest_first(run: Run) -> None:
    run(*IMPORT)
    run(*IMPORT[:-1], "2026-11-02T09:00+01:00", "--seller", "acme", "--coverage", "504,985")
    forms = printed(run("registries", "list", "--json"))
    assert [(form["obtained_at"], form["seller"]) for form in forms] == [
        ("2026-11-02T08:00:00Z", "acme"),
        ("2026-11-01T00:00:00Z", None),
    ]
    text = run("registries", "list").stdout
    assert "us-national" in text
    assert "2026-11-02 08:00" in text


def test_an_empty_list_says_what_to_do(run: Run) -> None:
    result = run("registries", "list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "registries import" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("us-natoinal", "n.txt", "--obtained-at", "2026-11-01"), "did you mean us-national"),
        (("us-national", "m.txt", "--obtained-at", "2026-11-01"), "m.txt cannot be read: No such file"),
        (("us-national", ".", "--obtained-at", "2026-11-01"), "cannot be read: Is a directory"),
        (("us-national", "n.txt", "--obtained-at", "yesterday"), "'yesterday' is no moment"),
        (("us-national", "n.txt", "--obtained-at", "2026-11-01T09:00"), "no time zone"),
        (("us-national", "n.txt", "--obtained-at", "2999-01-01"), "future"),
        (("us-national", "n.txt", "--obtained-at", "2026-11-01", "--seller", "nobody"), "no seller 'nobody'"),
        (("us-national", "n.txt", "--obtained-at", "2026-11-01", "--coverage", "50"), "'50' is no area code"),
        (("us-national", "n.txt", "--obtained-at", "2026-11-01", "--coverage", "GB"), "area code 504"),
        (("us-national", "n.txt", "--obtained-at", "2026-11-01", "--profile", "e165"), "did you mean e164"),
        (("us-national", "n.txt", "--obtained-at", "2026-11-01", "--changes"), "no full list of us-national"),
        (("us-national", "n.txt", "--obtained-at", "2026-11-01", "--added", "n.txt"), "the full list, or does it say"),
        (("us-national", "--obtained-at", "2026-11-01", "--changes", "--added", "n.txt"), "--changes needs FILE"),
        (("us-national", "--obtained-at", "2026-11-01"), "No file was given"),
        (("au-dncr", "n.txt", "--obtained-at", "2026-11-01"), "add --seller"),
        (("it-rpo", "n.txt", "--obtained-at", "2026-11-01", "--profile", "e164"), "add --seller"),
        (("us-nowhere", "n.txt", "--obtained-at", "2026-11-01"), "profile of your own"),
        (("US", "n.txt", "--obtained-at", "2026-11-01", "--profile", "us-national"), "no registry's id"),
    ],
)
def test_bad_input_is_one_sentence_and_imports_nothing(run: Run, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(UserError, match=said) as refused:
        run("registries", "import", *words)
    assert "\n" not in str(refused.value)
    assert printed(run("registries", "list", "--json")) == []


def test_changes_say_what_they_changed(run: Run, tmp_path: Path) -> None:
    run(*IMPORT)
    (tmp_path / "c.txt").write_text("504,5550107,2026-11-02,D\n504,5550108,2026-11-02,A\n504,5550109,2026-11-02,A\n")
    words = ("registries", "import", "us-national", "c.txt", "--changes", "--obtained-at", "2026-11-03")
    assert "2 added and 1 deleted; 0 to be added were listed already" in run(*words).stdout
    form = printed(run(*words, "--json"))
    assert (form["new"], form["numbers"], len(form["base"])) == (False, 2, 1)


def test_changes_in_two_files_may_speak_for_all_that_is_covered(run: Run, tmp_path: Path) -> None:
    run(*IMPORT, "--coverage", "504,985")
    (tmp_path / "a.txt").write_text("504,5550108\n504,5550109\n")
    (tmp_path / "d.txt").write_text("504,5550107\r\n")
    words = ("registries", "import", "us-national", "--added", "a.txt", "--deleted", "d.txt", "--coverage", "all")
    form = printed(run(*words, "--obtained-at", "2026-11-03", "--json"))
    assert form["coverage"]["area_codes"] == ["504", "985"]
    assert form["changes"] == {"added": 2, "deleted": 1, "again": 0}


def test_a_wash_that_came_back_without_the_listed_is_held_against_what_was_sent(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sent.csv").write_text("+33199000001\n+33199000002\n")
    (tmp_path / "left.csv").write_text("+33199000002\n")
    words = ("registries", "import", "fr-bloctel", "left.csv", "--asked", "sent.csv", "--seller", "acme")
    form = printed(run(*words, "--obtained-at", "2026-08-01", "--json"))
    assert (form["numbers"], form["seller"], form["coverage"]["asked_only"]) == (1, "acme", True)


def test_without_its_date_nothing_is_imported(run: Run) -> None:
    assert run("registries", "import", "us-national", "n.txt").exit_code == 2
    assert printed(run("registries", "list", "--json")) == []


def test_a_scrub_says_how_many_are_listed(run: Run) -> None:
    run(*IMPORT)
    assert "2 numbers, 1 on a registry, 0 suppressed, 0 dead" in run("scrub", "list of acme").stdout
    form = printed(run("scrub", "list of acme", "--json"))
    assert form["registries"] == {"us-national": {"listed": 1, "not_listed": 1, "not_covered": 0}}
    assert (form["seller_id"], form["numbers"], form["on_any"]) == ("acme", 2, 1)


def test_a_scrub_without_registries_says_so(run: Run) -> None:
    assert "No registry was imported" in run("scrub", "list of acme").stderr


@pytest.mark.parametrize("words", [("nothing",), ("list of acme", "--seller", "other")])
def test_an_unknown_list_is_said(run: Run, words: tuple[str, ...]) -> None:
    with pytest.raises(UserError, match="no list"):
        run("scrub", *words)


def test_a_list_name_of_two_sellers_needs_the_seller(run: Run, sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        tx.exec_driver_sql("UPDATE lists SET name = 'spring'")
    with pytest.raises(UserError, match="--seller acme or --seller other"):
        run("scrub", "spring")
    assert printed(run("scrub", "spring", "--seller", "other", "--json"))["seller_id"] == "other"


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-11-01", "2026-11-01T00:00:00+00:00"),
        ("2026-11-01T09:00Z", "2026-11-01T09:00:00+00:00"),
        ("2026-11-01T09:00:00-05:00", "2026-11-01T14:00:00+00:00"),
    ],
)
def test_a_moment_is_read_with_its_zone(text: str, iso: str) -> None:
    assert registry_import.moment(text) == datetime.fromisoformat(iso)
