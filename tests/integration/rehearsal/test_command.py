"""`orchestrator rehearse`, as a person types it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner, Result

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.cli.main import app
from orchestrator.domain.contact_request import Purpose
from orchestrator.domain.errors import UserError
from orchestrator.persistence.store import Store
from tests.conftest import KEYS
from tests.world import World, numbers

Typed = Callable[..., Result]


@pytest.fixture
def typed(sqlite_store: Store, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Run the command over a campaign of six people who may be told something, launched now."""
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    world = World(sqlite_store, InProcessCarrier(now=lambda: datetime.now(UTC)), now=datetime.now(UTC))
    campaign_id = world.a_campaign(purpose=Purpose.INFORMATIONAL)
    world.enrol(campaign_id, *(world.a_contact([number]) for number in numbers(6)))
    world.close()
    return lambda *words: CliRunner().invoke(app, ["rehearse", *words], catch_exceptions=False)


def a_wednesday_noon() -> str:
    """In New York's winter time; the next one but today's."""
    day = datetime.now(UTC).date() + timedelta(days=1)
    while day.isoweekday() != 3:
        day += timedelta(days=1)
    return f"{day}T12:00-05:00"


def test_scripts_get_one_json_object_and_everybody_is_in_it(typed: Typed) -> None:
    result = typed("Spring", "--start", a_wednesday_noon(), "--agents", "2", "--hours", "0.5", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert told["start"].endswith("T12:00:00-05:00")
    assert (told["due"], told["agents"], told["each_stands_for"]) == (6, 2, 1)
    assert told["contacted"] + sum(entry["people"] for entry in told["not_contacted"]) == 6
    assert told["contacted"] > 0
    assert [hour["begins_at"] for hour in told["by_hour"]] == [told["start"]]
    assert {"US"} >= {regime["country"] for regime in told["abandonment"]}
    assert "agent-minute *" in told["cost"]["unpriced"], "what has no price is named"


def test_people_get_sentences_and_tables(typed: Typed) -> None:
    result = typed("Spring", "--start", a_wednesday_noon(), "--agents", "2", "--hours", "0.5")
    assert "Nobody was contacted." in result.stdout
    assert "6 people are due." in result.stdout
    assert "no price is known" in result.stdout


def test_the_same_words_give_the_same_answer(typed: Typed) -> None:
    words = ("Spring", "--start", a_wednesday_noon(), "--agents", "2", "--hours", "0.2", "--seed", "7", "--json")
    assert typed(*words).stdout == typed(*words).stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("Spring", "--start", "2026-12-01T09:00"), "has none"),
        (("Spring", "--start", "tomorrow"), "not 'tomorrow'"),
        (("Spring", "--start", "2020-12-01T09:00-05:00"), "is over"),
        (("Spring", "--start", "9999-12-31T23:59-23:59"), "over a year ahead"),
        (("Summer",), "Summer"),
        (("Spring",), "--agents N"),
        (("Spring", "--agents", "1", "--population", "/nowhere/mix.toml"), "mix.toml"),
    ],
)
def test_a_mistake_is_answered_with_what_to_change(typed: Typed, words: tuple[str, ...], says: str) -> None:
    with pytest.raises(UserError, match=says):
        typed(*words)
