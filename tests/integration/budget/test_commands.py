"""The numbers and the tests of the detection, as they are typed."""

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest

from orchestrator.cli import campaigns, detection
from orchestrator.clock import Clock
from orchestrator.domain.carrier import AmdMode
from orchestrator.domain.errors import UserError
from orchestrator.pacing.reason import PacingReason
from orchestrator.persistence import pacer_memory
from orchestrator.persistence.store import Store
from tests.conftest import KEYS
from tests.integration.budget.calls import Calls, campaign_with
from tests.integration.campaigns.test_commands import run
from tests.world import NOON, World, in_memory

LATER = NOON + timedelta(minutes=50)
A_TEST = ["--country", "gb", "--amd", "connect-first", "--sample", "500", "--people", "4", "--tested-on", "2026-11-20"]


@pytest.fixture(autouse=True)
def world(sqlite_store: Store, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> World:
    """A campaign that called Britain and America, asked about fifty minutes later."""
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    monkeypatch.setattr(Clock, "now", lambda _: LATER)
    return World(sqlite_store, in_memory(lambda: NOON))


@pytest.fixture
def calls(world: World) -> Calls:
    made = Calls(world, campaign_with(world, amd=AmdMode.CONNECT_FIRST))
    world.an_agent("kim")
    made.many(100, "reached", country="US", agent_id="kim")
    made.many(10, "machine", country="GB")
    made.many(40, "reached", country="GB")
    return made


def test_the_numbers_in_words(calls: Calls, world: World) -> None:
    reason = PacingReason(2, 5, 3, 0, 0, 0.4, 0.9, 2.97, "the agents")
    with world.store.write() as tx:
        pacer_memory.give(tx, calls.campaign_id, [pacer_memory.Given(NOON, "US: us.fcc.abandonment", reason)])
    said = run(campaigns.app, "numbers", "Spring", "--every", "1h", "--since", "2026-11-23T17:00:00").output
    assert "50:00" in said
    assert "140 reached" in said
    assert "93.3%" in said  # 140 of 150
    assert "US: 0 of 100 live answers abandoned since 2026-11-23 17:00 UTC, at most 3 %" in said
    assert "3.0 calls may be lost." in said
    assert "GB: 0 of 40 live answers abandoned and 10 more taken for machines since 2026-11-23 00:00 UTC" in said
    assert "No call is risked: agents are reserved (progressive). No test of the detection is recorded" in said
    assert "2026-11-23T17:00:00 2 calls: 5 agents ready, 3 ringing, risk 0.4 of 0.9" in said


def test_the_numbers_as_json(calls: Calls) -> None:
    form = json.loads(run(campaigns.app, "numbers", str(calls.campaign_id), "--json").output)
    assert sum(row["calls"] for row in form["intervals"]) == 150
    assert sum(row["calls"] for row in form["agents"]["kim"]) == 100
    assert {row["country"]: row["dialled"] for row in form["abandonment"]} == {
        "GB": "with reserved agents",
        "US": "ahead",
    }


def test_the_status_says_which_regime_is_left_to_reserved_agents(calls: Calls) -> None:
    said = run(campaigns.app, "status", "Spring").output
    assert "GB: 0 of 40" in said
    assert "agents are reserved (progressive)" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--every", "20m"], "--every: '20m' must be quarters of an hour"),
        (["--every", "0h"], "--every: '0h' must be quarters of an hour"),
        (["--since", "2026-11-24"], "name a moment before now"),
        (["--since", "2020-01-01"], "over 1,000 intervals"),
    ],
)
def test_what_cannot_be_shown_is_said_with_what_to_change(calls: Calls, words: Sequence[str], said: str) -> None:
    with pytest.raises(UserError, match=said.split("'", maxsplit=1)[0]) as raised:
        run(campaigns.app, "numbers", "Spring", *words)
    assert said in str(raised.value)


def test_a_recorded_test_is_the_ground_of_the_estimate(calls: Calls) -> None:
    said = run(detection.app, "record", "acme", *A_TEST, "--note", "listened to recordings").output
    assert "4 of 500 calls, and one more is assumed" in said
    shown = run(detection.app, "list").output
    assert "listened to recordings" in shown
    assert json.loads(run(detection.app, "list", "--json", "--seller", "acme").output)[0]["people"] == 4
    numbers = run(campaigns.app, "numbers", "Spring").output
    assert "and 1 more taken for machines" in numbers
    assert "by the test of 2026-11-20 (connect-first)" in numbers


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--people", "501", "--people must be"),
        ("--people", "-1", "--people must be"),
        ("--sample", "0", "--people must be"),
        ("--tested-on", "2026-11-24", "still to come"),
        ("--amd", "off", "takes nobody for a machine"),
        ("--country", "zz", "no rules for 'ZZ'"),
    ],
)
def test_a_test_that_cannot_have_been_made_is_refused(calls: Calls, option: str, value: str, said: str) -> None:
    words = list(A_TEST)
    words[words.index(option) + 1] = value
    with pytest.raises(UserError, match=said):
        run(detection.app, "record", "acme", *words)
    assert "No test is recorded" in run(detection.app, "list").output


def test_a_test_for_an_unknown_seller_is_refused(world: World) -> None:
    with pytest.raises(UserError, match="nobody"):
        run(detection.app, "record", "nobody", *A_TEST)
