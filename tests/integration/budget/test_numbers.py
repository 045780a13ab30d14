"""What a supervisor is shown is what the rows say, counted again by hand."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.agent import AgentState
from orchestrator.domain.attempt import Outcome, Stage
from orchestrator.domain.carrier import Carrier
from orchestrator.persistence import agents
from orchestrator.persistence import campaigns as stored
from orchestrator.persistence.store import Store
from orchestrator.pipeline.abandonment import Abandonment
from orchestrator.pipeline.numbers import Numbers, numbers_form, numbers_of
from tests.integration.budget.calls import Calls
from tests.world import NOON, World

QUARTER = timedelta(minutes=15)
BUSY_DAY = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
CALL = some.tuples(
    some.integers(0, 3599), some.sampled_from(["reached", "abandoned", "machine", "no_answer"]), some.sampled_from("ab")
)


@pytest.fixture
def world(store: Store, carrier: Carrier, law: Rulebook) -> World:
    return World(store, carrier, rulebook=law)


def numbers(world: World, campaign: int, minutes: float = 60, every: timedelta = QUARTER) -> Numbers:
    with world.store.read() as tx:
        found = stored.find(tx, str(campaign))
    budgets = Abandonment(world.store, world.rulebook)
    return numbers_of(world.store, budgets, found, NOON, NOON + timedelta(minutes=minutes), every)


@BUSY_DAY
@given(made=some.lists(CALL, max_size=20))
def test_calls_shown_by_interval_and_agent_are_those_in_the_rows(world: World, made: list[Any]) -> None:
    campaign = world.a_campaign(f"Campaign {id(made)} {len(world.attempts())}")
    for agent in "ab":
        if not world.attempts() and not _known(world, agent):
            world.an_agent(agent)
    calls = Calls(world, campaign)
    for seconds, kind, agent in made:
        calls.many(1, kind, at=NOON + timedelta(seconds=seconds), agent_id=agent)
    shown = numbers(world, campaign)
    assert len(shown.every) == 4
    for place, row in enumerate(shown.every):
        here = [kind for seconds, kind, _ in made if seconds // 900 == place]
        assert row.outcomes == dict(sorted(Counter(here).items()))
        assert (row.met, row.abandoned) == (here.count("reached") + here.count("abandoned"), here.count("abandoned"))
    for agent, rows in shown.agents.items():
        by_hand = [Counter(k for s, k, a in made if a == agent and s // 900 == place) for place in range(4)]
        assert [Counter(row.outcomes) for row in rows] == by_hand


def _known(world: World, agent: str) -> bool:
    from orchestrator.persistence import pacing_view

    with world.store.read() as tx:
        return agent in {row.id for row in pacing_view.staff(tx, "sales")}


def test_agents_time_by_interval(world: World) -> None:
    campaign = world.a_campaign()
    world.an_agent("kim")  # ready from noon on
    steps = ((10, AgentState.TALKING), (20, AgentState.WRAPPING), (21, AgentState.AWAY), (31, AgentState.READY))
    for minutes, state in steps:
        with world.store.write() as tx:
            agents.change(tx, "kim", set(AgentState), state, NOON + timedelta(minutes=minutes))
    shown = numbers(world, campaign, minutes=40)
    kim = [row.seconds for row in shown.agents["kim"]]
    assert kim == [
        {"ready": 600, "talking": 300},
        {"talking": 300, "wrapping": 60, "paused": 540},
        {"paused": 60, "ready": 540},
    ]
    assert [row.seconds for row in shown.every] == kim


def test_a_shift_that_began_before_the_time_asked_about_goes_on_in_it(world: World) -> None:
    campaign = world.a_campaign()
    world.an_agent("kim")
    with world.store.write() as tx:
        agents.change(tx, "kim", set(AgentState), AgentState.TALKING, NOON + timedelta(minutes=10))
    with world.store.read() as tx:
        found = stored.find(tx, str(campaign))
    since, now = NOON + timedelta(minutes=30), NOON + timedelta(minutes=45)
    budgets = Abandonment(world.store, world.rulebook)
    shown = numbers_of(world.store, budgets, found, since, now, QUARTER)
    assert [row.seconds for row in shown.agents["kim"]] == [{"talking": 900}]


def test_each_regime_is_shown_with_its_window_and_what_may_still_be_lost(world: World) -> None:
    campaign = world.a_campaign()
    calls = Calls(world, campaign)
    calls.many(99, "reached", country="US")
    calls.many(1, "abandoned", country="US")
    calls.many(20, "reached", country="PR")
    calls.many(1, "abandoned", country="GB")
    form = numbers_form(numbers(world, campaign))
    british, american = form["abandonment"]
    assert (american["country"], american["live_answered"], american["abandoned"]) == ("US", 120, 1)
    assert (american["calls_left"], american["dialled"]) == (2.56, "ahead")
    assert (british["window"], british["began_at"]) == ("day", "2026-11-23T00:00:00+00:00")
    assert (british["calls_left"], british["dialled"]) == (-0.97, "with reserved agents")


def test_a_call_in_flight_is_no_ended_call_and_counts_in_the_budget(world: World) -> None:
    campaign = world.a_campaign()
    calls = Calls(world, campaign)
    call = calls.open(answered_at=NOON, abandoned_at=NOON, stage=Stage.ANSWERED)
    shown = numbers(world, campaign)
    assert [row.calls for row in shown.every] == [0, 0, 0, 0]
    assert shown.budgets[0].counts.abandoned == 1
    calls.end(call, Outcome.ABANDONED)
    assert [row.calls for row in numbers(world, campaign).every] == [1, 0, 0, 0]
