"""`orchestrator check`: answers in order, errors with their line, and no settings or database."""

import json
from datetime import datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from orchestrator.cli import rules
from orchestrator.cli.check import check
from tests.rules.questions import BASES, Json, resolve

app = typer.Typer()
app.command()(check)
AT = "2026-11-23T10:00:00-05:00"


def line(**changes: object) -> str:
    data: Json = resolve(BASES["us"] | {"at": AT} | changes, datetime.fromisoformat(AT))
    return json.dumps(data)


def run(tmp_path: Path, content: bytes, *options: str) -> Result:
    file = tmp_path / "questions.jsonl"
    file.write_bytes(content)
    return CliRunner().invoke(app, [str(file), *options], env={"ORCHESTRATOR_DATABASE_URL": "nowhere://"})


def test_answers_come_in_order_and_a_bad_line_stops_nothing(tmp_path: Path) -> None:
    lines = [line(id="a"), "{", line(id="b", contact={"number": "+254202012345"}), "", line(at="today"), line(id="c")]
    result = run(tmp_path, "\n".join(lines).encode() + b"\n\xff\xfe\n" + b"[" * 100_000)
    answers = [json.loads(text) for text in result.stdout.splitlines()]
    assert [answer.get("id") for answer in answers] == ["a", None, "b", None, "c", None, None]
    assert [answer.get("decision") for answer in answers] == ["allow", None, "refuse", None, "allow", None, None]
    assert [answer["line"] for answer in answers if "line" in answer] == [2, 5, 7, 8]
    assert answers[3]["error"].startswith("Line 5: at must be a moment")
    assert result.exit_code == 1


def test_good_questions_end_well(tmp_path: Path) -> None:
    result = run(tmp_path, line(id="a").encode())
    assert (result.exit_code, json.loads(result.stdout)["rules"]) == (0, [])


def test_all_tells_the_rules_that_allowed(tmp_path: Path) -> None:
    told = json.loads(run(tmp_path, line().encode(), "--all").stdout)["rules"]
    assert {"us.fcc.calling-window", "us-ny.calling-window", "us.fcc.national-registry"} <= {
        rule["rule"] for rule in told
    }


def test_of_two_answers_to_one_field_none_is_taken(tmp_path: Path) -> None:
    no = '"suppressions": [{"kind": "objection", "at": "2026-01-01T00:00:00Z"}], '
    twice = line().replace('"campaign":', f'{no}"campaign":')
    answer = json.loads(run(tmp_path, (twice[:-1] + ', "suppressions": []}').encode()).stdout)
    assert answer["error"] == "Line 1: suppressions stands twice; write it once."


def test_more_inconvenient_times_than_anybody_says_are_refused(tmp_path: Path) -> None:
    times = [{"from": f"{hour:02}:00", "to": f"{hour:02}:01"} for hour in range(24)] * 5
    contact = BASES["us"]["contact"] | {"inconvenient": times}
    answer = json.loads(run(tmp_path, line(contact=contact).encode()).stdout)
    assert "must not hold more than 100" in answer["error"]


def test_questions_come_by_standard_input_too() -> None:
    result = CliRunner().invoke(app, ["-"], input=line(id="a"))
    assert json.loads(result.stdout)["id"] == "a"


def test_rules_are_listed_with_how_they_were_verified() -> None:
    result = CliRunner().invoke(rules.app, ["list", "--jurisdiction", "US-TX", "--json"])
    listed = {rule["id"]: rule for rule in json.loads(result.stdout)}
    assert listed["us-tx.registry"]["verified_how"] == "read"
    hours = {"us-tx.calling-window", "us-tx.text-window"}
    assert set(listed) == hours | {"us-tx.registry", "us-tx.registration", "us-tx.text-registration"}


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_rule_is_shown_with_its_law(options: list[str]) -> None:
    result = CliRunner().invoke(rules.app, ["show", "us-tx.registry", *options])
    assert "304.051" in result.stdout
