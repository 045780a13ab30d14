"""Runs an audit over a log and a list that a test writes down."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from orchestrator.cli import audit as command

Audit = Callable[..., Result]
LIST = """Phone,Zip,State,Line Type,Consent,Consent Date,Consent Text,Do Not Call,DNC Date
+12125550123,10001,NY,landline,,,,,
+12125550124,10001,NY,mobile,written,2026-01-02,I agree to autodialed calls,,
+13055550125,33101,FL,landline,no,,,yes,
+12125550126,10001,NY,landline,,,,yes,2026-11-23
"""


@pytest.fixture
def audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Audit:
    """`orchestrator audit` over these rows; without a database, an account or a setting."""
    for name in ("ORCHESTRATOR_DATABASE_URL", "ORCHESTRATOR_SECRET_KEYS", "TWILIO_ACCOUNT_SID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(command.audit)

    def run(log: str, *options: str, people: str = LIST) -> Result:
        (tmp_path / "calls.csv").write_text(log)
        (tmp_path / "list.csv").write_text(people)
        words = ("calls.csv", "--contacts", "list.csv", *options)
        return CliRunner().invoke(app, words, catch_exceptions=False)

    return run


def judged(result: Result) -> list[dict[str, Any]]:
    """The objects that --json printed."""
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def standing(row: dict[str, Any]) -> set[str]:
    """The rules whose no rests on known facts."""
    return {rule["rule"] for rule in row["rules"] if rule["missing"] is None}


def lacking(row: dict[str, Any]) -> set[str]:
    """What is not known of the call."""
    return {rule["missing"] for rule in row["rules"] if rule["missing"]}
