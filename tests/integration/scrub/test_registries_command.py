"""The commands that import registries and scrub lists, as an operator runs them."""

import json
import os
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
    assert "us-national: 1 listed number, covering 1 area code; imported." in run(*IMPORT).stdout
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


def test_the_table_cuts_nothing_and_says_which_version_answers(run: Run, tmp_path: Path) -> None:
    name = f"{'a-long-name-of-a-file' * 3}.txt"
    (tmp_path / name).write_text("504,5550107\n")
    run("registries", "import", "us-national", name, "--obtained-at", "2026-11-01")
    run(*IMPORT[:-1], "2026-11-02")
    forms = printed(run("registries", "list", "--json"))
    rows = [line for line in run("registries", "list").stdout.splitlines() if "us-national" in line]
    for row, form, answers in zip(rows, forms, ("yes", "no"), strict=True):
        assert form["digest"][:12] in row
        assert form["source"] in row
        assert f" {answers} " in row


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
        (("us-national", "n.txt", "--obtained-at", "1999-12-31"), "1999-12-31 cannot be"),
        (("us-national", "n.txt", "--obtained-at", "0001-01-01T00:00+14:00"), "cannot be"),
        (("us-national", "n.txt", "--obtained-at", "9999-12-31T23:59-12:00"), "cannot be"),
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


def a_file(folder: Path, name: str, area: str, count: int) -> str:
    (folder / name).write_text("".join(f"{area},555{last:04d}\n" for last in range(100, 100 + count)))
    return name


def test_a_list_cut_off_at_the_end_of_a_row_is_refused_unless_a_person_vouches(run: Run, tmp_path: Path) -> None:
    words = ("registries", "import", "us-national", "--coverage", "504")
    run(*words, a_file(tmp_path, "full.txt", "504", 100), "--obtained-at", "2026-11-01")
    cut = (*words, a_file(tmp_path, "cut.txt", "504", 1), "--obtained-at", "2026-11-02")
    with pytest.raises(UserError, match=r"had 100 listed numbers here before and would have 1 now.*--fewer"):
        run(*cut)
    assert len(printed(run("registries", "list", "--json"))) == 1
    assert len(list((tmp_path / "registries").glob("*"))) == 1, "nothing is left of what was refused"
    assert "Before 100, now 1" in run(*cut, "--fewer").stdout


@pytest.mark.parametrize(("kept", "refused"), [(90, False), (89, True)])
def test_a_tenth_may_be_missing(run: Run, tmp_path: Path, kept: int, refused: bool) -> None:
    words = ("registries", "import", "us-national", "--coverage", "504")
    run(*words, a_file(tmp_path, "full.txt", "504", 100), "--obtained-at", "2026-11-01")
    again = (*words, a_file(tmp_path, "next.txt", "504", kept), "--obtained-at", "2026-11-02", "--json")
    if refused:
        with pytest.raises(UserError, match="cut off"):
            run(*again)
    else:
        assert printed(run(*again))["before"] == 100


def test_an_area_code_that_drops_to_nothing_is_refused(run: Run, tmp_path: Path) -> None:
    whole = (a_file(tmp_path, "a.txt", "504", 99), a_file(tmp_path, "b.txt", "985", 10))
    words = ("registries", "import", "us-national", "--coverage", "504,985")
    run(*words, *whole, "--obtained-at", "2026-11-01")
    with pytest.raises(UserError, match="had 10 listed numbers of area code 985 before and would have none"):
        run(*words, "a.txt", "--obtained-at", "2026-11-02")


def test_a_damaged_version_keeps_nothing_from_being_replaced(run: Run, tmp_path: Path) -> None:
    words = ("registries", "import", "us-national", "--coverage", "504")
    run(*words, a_file(tmp_path, "full.txt", "504", 100), "--obtained-at", "2026-11-01")
    (file,) = (tmp_path / "registries").iterdir()
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-8])
    assert printed(run(*words, "full.txt", "--obtained-at", "2026-11-02", "--json"))["new"]


@pytest.mark.parametrize(("own", "foreign", "refused"), [(10, 10, False), (9, 10, True)])
def test_a_states_list_lies_at_least_half_in_its_own_area_codes(
    run: Run, tmp_path: Path, own: int, foreign: int, refused: bool
) -> None:
    files = (a_file(tmp_path, "own.txt", "504", own), a_file(tmp_path, "foreign.txt", "214", foreign))
    words = ("registries", "import", "us-la", *files, "--obtained-at", "2026-11-01", "--json")
    if refused:
        with pytest.raises(UserError, match=r"9 of its 19 numbers lie in area codes of US-LA \(most in 214, 504\)"):
            run(*words)
        assert printed(run(*words, "--elsewhere"))["numbers"] == 19
    else:
        assert printed(run(*words))["numbers"] == 20


def test_a_states_list_in_another_format_is_the_states_all_the_same(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ny.txt").write_text("+12125550107\n")
    words = ("us-pa", "ny.txt", "--profile", "e164", "--coverage", "US", "--obtained-at", "2026-11-01")
    with pytest.raises(UserError, match="another state's list"):
        run("registries", "import", *words)


def test_changes_that_change_nothing_make_no_version_fresher_unless_a_person_says_so(run: Run) -> None:
    run(*IMPORT, "--coverage", "504")
    words = ("registries", "import", "us-national", "--added", "same.txt", "--obtained-at", "2026-11-02", "--json")
    Path("same.txt").write_text("504,5550107\r\n")
    with pytest.raises(UserError, match="change nothing: what they add is listed already"):
        run(*words)
    assert printed(run(*words, "--no-changes"))["changes"] == {"added": 0, "deleted": 0, "again": 1}


def test_a_moment_without_a_zone_is_taken_for_utc_and_that_is_said(run: Run) -> None:
    assert "is taken for UTC" in run(*IMPORT[:-1], "2026-11-01T09:00").stderr


def test_a_pipe_is_no_registry_file(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="pipe is no regular file"):
        run("registries", "import", "us-national", "pipe", "--obtained-at", "2026-11-01")


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
        ("2026-11-01T09:00", "2026-11-01T09:00:00+00:00"),
        ("2026-11-01T09:00Z", "2026-11-01T09:00:00+00:00"),
        ("2026-11-01T09:00:00-05:00", "2026-11-01T14:00:00+00:00"),
    ],
)
def test_a_moment_is_read_with_its_zone(text: str, iso: str) -> None:
    assert registry_import.moment(text) == datetime.fromisoformat(iso)
