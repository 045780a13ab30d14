"""`orchestrator lists`, as a person or a script meets it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from orchestrator.cli.lists import app
from orchestrator.domain.errors import UserError

LIST = "Name,Phone,ZIP\nAnn Lee,504-555-0107,70112\nBob Ray,12,70112\n"
RECORDS = 3_000
COMMAND = [sys.executable, "-c", "from orchestrator.cli.lists import app; app()"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a database of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", f"sqlite:///{tmp_path / 'data.sqlite3'}")
    for name in ("ORCHESTRATOR_SECRET_KEYS", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "ORCHESTRATOR_CLOCK"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "list.csv").write_text(LIST)
    return tmp_path


def run(*words: str) -> Result:
    result = CliRunner().invoke(app, [*words])
    if result.exception is not None and not isinstance(result.exception, SystemExit | UserError):
        raise result.exception
    return result


def records(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_script_gets_one_object_a_record_and_nothing_else(here: Path) -> None:
    result = run("import", "list.csv", "--country", "US", "--json")
    assert result.exit_code == 0
    assert records(result) == [
        {"line": 2, "verdict": "accepted", "numbers": ["+15045550107"], "reason": ""},
        {"line": 3, "verdict": "invalid_number", "numbers": [], "reason": "Phone: no valid number"},
    ]


def test_a_person_sees_the_mapping_first_and_what_to_do_next(here: Path) -> None:
    result = run("import", "list.csv", "--country", "US")
    assert "postal_code" in result.stderr
    assert "1 reject is in list.csv.rejects.csv; correct it there" in result.stderr
    assert "--country US --name list --seller default" in result.stderr
    assert "accepted" in result.stdout


def test_corrected_rejects_go_into_the_list_that_they_came_from(here: Path) -> None:
    run("import", "list.csv", "--country", "US")
    rejects = here / "list.csv.rejects.csv"
    rejects.write_text(rejects.read_text().replace("Bob Ray,12", "Bob Ray,5045550108"))
    assert [one["verdict"] for one in records(run("import", rejects.name, "--country", "US", "--json"))] == ["accepted"]
    shown = json.loads(run("show", "list", "--json").stdout)
    assert (shown["people"], shown["imports"], shown["counts"]) == (2, 2, {"accepted": 2, "invalid_number": 1})
    (listed,) = json.loads(run("list", "--json").stdout)
    assert (listed["name"], listed["seller"], listed["unfinished_imports"]) == ("list", "default", 0)


def test_the_same_file_again_says_the_same(here: Path) -> None:
    first = run("import", "list.csv", "--country", "US", "--json")
    again = run("import", "list.csv", "--country", "US", "--json")
    assert (again.exit_code, again.stdout) == (0, first.stdout)
    assert "nothing was changed" in again.stderr


def test_a_dry_run_leaves_the_folder_as_it_was(here: Path) -> None:
    result = run("import", "list.csv", "--country", "US", "--dry-run", "--json")
    assert [one["verdict"] for one in records(result)] == ["accepted", "invalid_number"]
    assert [path.name for path in here.iterdir()] == ["list.csv"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["none.csv", "--country", "US"], "No such file"),
        ([".", "--country", "US"], "no regular file"),
        (["list.csv"], "--country is missing"),
        (["list.csv", "--country", "Narnia"], "is no country"),
        (["list.csv", "--country", "US", "--map", "Phone=fone"], "did you mean phone"),
        (["list.csv", "--country", "US", "--seller", "acme"], "no seller 'acme'"),
        (["list.csv", "--country", "US", "--name", " "], "--name must have"),
        (["list.csv", "--country", "US", "--rejects", "none/r.csv"], "--rejects"),
        (["list.csv", "--country", "US", "--rejects", "list.csv"], "--rejects"),
        (["cut.csv", "--country", "US"], "line 2 is never closed"),
        (["empty.csv", "--country", "US"], "is empty"),
        (["text.csv", "--country", "US"], "looks like phone numbers"),
    ],
)
def test_bad_input_is_answered_in_one_sentence_and_no_list_is_made(here: Path, words: list[str], says: str) -> None:
    (here / "cut.csv").write_text('Name,Phone\n"Ann,5045550107\n')
    (here / "empty.csv").write_text("")
    (here / "text.csv").write_text("Dear Ann,\nhello\n")
    result = run("import", *words)
    assert isinstance(result.exception, UserError)
    assert says in str(result.exception)
    assert "\n" not in str(result.exception)
    if (here / "data.sqlite3").exists():
        assert json.loads(run("list", "--json").stdout) == []


def test_several_sellers_must_be_told_apart(here: Path) -> None:
    run("import", "list.csv", "--country", "US")
    with sqlite3.connect(here / "data.sqlite3") as database:
        database.execute(
            "INSERT INTO sellers SELECT 'acme', name, country, '', kind, registrations, created_at FROM sellers"
        )
    result = run("import", "list.csv", "--country", "US", "--name", "other")
    assert "--seller acme or default" in str(result.exception)
    assert run("import", "list.csv", "--country", "US", "--seller", "acme").exit_code == 0


def a_long_list(folder: Path) -> str:
    rows = (f"P{row},{'12' if row % 10 == 3 else f'504555{100 + row % 100:04}'},70112,{row}" for row in range(RECORDS))
    (folder / "long.csv").write_text("Name,Phone,ZIP,ID\n" + "\n".join(rows) + "\n")
    return "long.csv"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_or_killed_import_goes_on_where_it_was(here: Path, number: signal.Signals) -> None:
    # What it prints fills the pipe long before the last record, so that it cannot have ended when the signal comes.
    command = [*COMMAND, "import", a_long_list(here), "--country", "US", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": _root()}
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.send_signal(number)
        rest, talk = process.stdout.read(), process.stderr.read()
    assert process.returncode == (-signal.SIGKILL if number == signal.SIGKILL else 130)
    if number != signal.SIGKILL:
        assert "the same command goes on from there" in talk
    done = _rows(here)
    assert 0 < done < RECORDS
    final = run("import", "long.csv", "--country", "US", "--json")
    assert final.exit_code == 0
    lines = final.stdout.splitlines()
    assert (len(lines), _rows(here)) == (RECORDS, RECORDS)
    whole = [line for line in (first + rest).splitlines() if line.endswith("}")]
    assert lines[: len(whole)] == whole
    assert len((here / "long.csv.rejects.csv").read_text().splitlines()) == 1 + RECORDS // 10


def _rows(folder: Path) -> int:
    with sqlite3.connect(folder / "data.sqlite3") as database:
        return int(database.execute("SELECT count(*) FROM list_rows").fetchone()[0])


def _root() -> str:
    return str(Path(__file__).resolve().parents[3])
