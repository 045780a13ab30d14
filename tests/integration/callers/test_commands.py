"""`orchestrator callers`: what it shows, and one sentence when something is wrong."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from orchestrator.cli import callers as commands
from orchestrator.cli import campaigns as campaign_commands
from orchestrator.domain.attempt import Outcome
from orchestrator.domain.errors import UserError
from orchestrator.persistence import sellers
from orchestrator.persistence.store import Store
from orchestrator.pipeline.caller_health import recount
from tests.conftest import KEYS
from tests.integration.callers.builders import MIAMI, NEW_YORK, past_calls
from tests.integration.campaigns.builders import a_campaign, a_seller
from tests.world import rulebook_of


@pytest.fixture(autouse=True)
def two_numbers(sqlite_url: str, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    acme, a_service = a_seller(sqlite_store), "MG" + "0" * 32
    with sqlite_store.write() as tx:
        sellers.claim_senders(tx, acme, [NEW_YORK, MIAMI, a_service], datetime.now(UTC))


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(commands.app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def refusal(arguments: Sequence[str]) -> str:
    with pytest.raises(UserError) as error:
        CliRunner().invoke(commands.app, list(arguments), catch_exceptions=False)
    return str(error.value)


def listed() -> dict[str, Any]:
    return {row["number"]: row for row in json.loads(run("list", "--json").stdout)}


def test_each_number_is_shown_with_its_calls_and_its_attestation(sqlite_store: Store) -> None:
    now = datetime.now(UTC)
    past_calls(sqlite_store, MIAMI, now, {Outcome.REACHED: 3, Outcome.NO_ANSWER: 7}, stir_status="A")
    recount(sqlite_store, rulebook_of().places, MIAMI, now)
    shown = listed()
    assert list(shown) == [NEW_YORK, MIAMI]
    assert shown[NEW_YORK]["placed_today"] == 0
    assert shown[MIAMI] == {
        "number": MIAMI,
        "seller": "acme-roofing",
        "state": "in use",
        "rest": None,
        "placed_today": 10,
        "daily_cap": None,
        "recent_calls": 10,
        "recent_answered": 3,
        "attested": {"A": 10, "B": 0, "C": 0},
        "called_back_at": None,
    }
    assert "30% of 10" in run("list").stdout


def test_a_number_rests_by_hand_until_it_is_used(sqlite_store: Store) -> None:
    assert "until it is used again" in run("rest", NEW_YORK, "--reason", "labelled as spam").stdout
    rest = listed()[NEW_YORK]["rest"]
    assert (rest["kind"], rest["reason"], rest["until"]) == ("by-hand", "labelled as spam", None)
    assert "rests already" in refusal(["rest", NEW_YORK, "--reason", "again"])
    assert json.loads(run("use", NEW_YORK, "--json").stdout) == {"number": NEW_YORK, "due_again": 0}
    assert listed()[NEW_YORK]["state"] == "in use"
    assert "does not rest" in refusal(["use", NEW_YORK])


def test_a_cap_of_its_own_is_set_and_given_up(sqlite_store: Store) -> None:
    run("cap", NEW_YORK, "120")
    assert listed()[NEW_YORK]["daily_cap"] == 120
    run("cap", NEW_YORK)
    assert listed()[NEW_YORK]["daily_cap"] is None


def test_the_status_of_a_campaign_says_which_of_its_numbers_rest(sqlite_store: Store) -> None:
    campaign = a_campaign(sqlite_store)
    run("rest", NEW_YORK, "--reason", "labelled as spam")
    told = CliRunner().invoke(campaign_commands.app, ["status", campaign.name], catch_exceptions=False).stdout
    assert f"Caller id {NEW_YORK} rests until it is used again, by-hand: labelled as spam" in told


@pytest.mark.parametrize("words", [["use"], ["cap"], ["rest", "--reason", "x"]])
def test_a_number_that_is_none_of_ours_is_refused_with_those_that_are(words: list[str]) -> None:
    told = refusal([words[0], "+12125550199", *words[1:]])
    assert told == f"+12125550199 is no caller id of this installation; there are {NEW_YORK}, {MIAMI}."


def test_a_rest_that_is_over_already_is_refused() -> None:
    past = refusal(["rest", NEW_YORK, "--reason", "x", "--until", "2020-01-01"])
    assert "--until lies in the past" in past
    assert f"`orchestrator callers use {NEW_YORK}`" in past
