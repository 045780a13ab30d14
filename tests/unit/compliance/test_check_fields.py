"""`orchestrator check --fields` and the README say the same of a question, and the README's examples are true."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from orchestrator.cli.check import check
from orchestrator.cli.check_fields import question_fields

README = (Path(__file__).resolve().parents[3] / "README.md").read_text("utf-8")
app = typer.Typer()
app.command()(check)


def asked(question: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["-"], input=" ".join(question.splitlines()) + "\n")
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def printed() -> Result:
    return CliRunner().invoke(app, ["--fields"])


def test_every_field_is_printed_with_what_it_takes() -> None:
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in printed().stdout.splitlines()}
    assert lines["at"].startswith("needed moment with its offset")
    assert lines["contact.line_type"] == "else unknown landline, mobile, voip, toll_free, unknown"
    assert lines["attempt.ring_timeout_seconds"] == "whole number of at least 1"
    assert lines["contact.inconvenient[].weekdays"] == "list, each: mon to sun"
    assert lines["reassigned"] == "object; or null"
    assert lines["consents[].to_caller"] == "else true true or false"


def test_the_readme_tells_every_field_and_no_other() -> None:
    section = README.partition("### The fields of a question\n")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `([a-z_.\[\]]+)`([^|]*\|[^|]*)\|", section, re.MULTILINE))
    told = {field.path: field for field in question_fields()}
    assert rows.keys() == told.keys()
    for path, field in told.items():
        assert ("**needed**" in rows[path]) == field.needed, path
        assert field.takes.partition(", as in")[0] in rows[path], path


def test_the_whole_question_of_the_readme_is_allowed() -> None:
    question = README.partition("```json\n")[2].partition("```")[0]
    assert {"consents", "registries", "history"} <= json.loads(question).keys()
    assert asked(question)["decision"] == "allow"


def test_the_short_question_of_the_readme_has_the_answer_that_it_shows() -> None:
    question, _, rest = README.partition("$ echo '")[2].partition("' | tr")
    shown = re.search(r'"rule": "([a-z.-]+)".*?"because": "([^(]+)', rest, re.DOTALL)
    assert shown is not None
    (told,) = asked(question)["rules"]
    assert (told["rule"], told["because"].partition("(")[0]) == shown.groups()


def test_what_no_rule_covers_is_refused_as_the_readme_says() -> None:
    shown = re.search(r'not covered, by the rule `([a-z.-]+)`: "([^"]+)"', README.replace("\n", " "))
    assert shown is not None
    question = {
        "at": "2026-12-01T16:00:00Z",
        "attempt": {"channel": "voice", "mode": "preview"},
        "campaign": {"purpose": "telemarketing", "caller": {"kind": "commercial"}},
        "contact": {"number": "+254202012345"},
    }
    (told,) = asked(json.dumps(question))["rules"]
    assert (told["rule"], told["because"]) == shown.groups()


@pytest.mark.parametrize("option", ["--all", ""])
def test_without_a_file_it_says_what_can_be_given(option: str) -> None:
    result = CliRunner().invoke(app, [option] if option else [])
    assert "--fields" in str(result.exception)
