"""`orchestrator senders`: what it keeps and shows, and one sentence when something is wrong."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from orchestrator.cli import senders as commands
from orchestrator.domain.errors import UserError
from orchestrator.persistence.store import Store
from tests.conftest import KEYS
from tests.integration.campaigns.builders import a_seller
from tests.integration.texts.builders import BROOKLYN, NEW_YORK

TOLL_FREE, SERVICE = "+18005550199", "MG" + "7" * 32


@pytest.fixture(autouse=True)
def here(sqlite_url: str, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    a_seller(sqlite_store)


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(commands.app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def refusal(arguments: Sequence[str]) -> str:
    with pytest.raises(UserError) as error:
        CliRunner().invoke(commands.app, list(arguments), catch_exceptions=False)
    return str(error.value)


def listed() -> dict[str, Any]:
    return {row["sender"]: row for row in json.loads(run("list", "--json").stdout)}


def test_senders_are_kept_changed_rested_and_shown() -> None:
    run("add", SERVICE, "--seller", "acme-roofing")
    run("add", NEW_YORK, "--seller", "acme-roofing", "--type", "10dlc", "--rate", "12.5", "--brand", "ACME")
    run("add", BROOKLYN, "--seller", "acme-roofing", "--service", SERVICE, "--daily-cap", "100")
    run("add", "ACMEROOFS", "--seller", "acme-roofing")
    run("brand", "ACME", "--seller", "acme-roofing", "--daily-cap", "2000")
    shown = listed()
    assert {address: (row["type"], row["segments_per_second"]) for address, row in shown.items()} == {
        SERVICE: ("messaging-service", 1.0),
        NEW_YORK: ("10dlc", 12.5),
        BROOKLYN: ("long-code", 1.0),
        "ACMEROOFS": ("alphanumeric", 1.0),
    }
    assert (shown[NEW_YORK]["brand_daily_cap"], shown[BROOKLYN]["service"]) == (2000, SERVICE)
    run("set", BROOKLYN, "--daily-cap", "0", "--type", "10dlc")
    assert (listed()[BROOKLYN]["daily_cap"], listed()[BROOKLYN]["type"]) == (None, "10dlc")
    run("rest", BROOKLYN, "--reason", "labelled as spam")
    assert (listed()[BROOKLYN]["state"], listed()[BROOKLYN]["rest"]["kind"]) == ("resting", "by-hand")
    assert "rests until it is used again" in run("list").stdout
    run("use", BROOKLYN)
    assert listed()[BROOKLYN]["state"] == "in use"


def test_what_cannot_be_is_said_in_a_sentence() -> None:
    acme = ("--seller", "acme-roofing")
    assert "can send no texts" in refusal(["add", "+1212", *acme])
    assert "no short-code: it looks like long-code" in refusal(["add", NEW_YORK, *acme, "--type", "short-code"])
    assert "There is no seller 'nobody'" in refusal(["add", NEW_YORK, "--seller", "nobody"])
    assert "no messaging service" in refusal(["add", NEW_YORK, *acme, "--service", BROOKLYN])
    assert "is no sender of this installation" in refusal(["set", NEW_YORK, "--rate", "2"])
    assert "at most 64 printed characters" in refusal(["brand", "x" * 65, *acme, "--daily-cap", "5"])
    run("add", NEW_YORK, *acme)
    assert "is known already" in refusal(["add", NEW_YORK, *acme])
    assert "does not rest" in refusal(["use", NEW_YORK])
    assert "Say what to change" in refusal(["set", NEW_YORK])
