"""The pacer sees agents and calls as they are, and hears each thing that happened once."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from orchestrator.domain.agent import AgentState
from orchestrator.domain.attempt import Outcome, Stage
from orchestrator.pacing.snapshot import PacingEvent, PacingSnapshot, PacingTotals
from orchestrator.persistence import agents, call_counts
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.pipeline.pacing_sight import Sight
from tests.integration.budget.calls import Calls
from tests.integration.budget.test_call_counts import mark
from tests.world import NOON, World


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def look(sight: Sight, calls: Calls, seconds: float) -> PacingSnapshot:
    with calls.world.store.read() as tx:
        call_counts.of_one_moment(tx)
        return sight.look(tx, calls.campaign_id, "sales", later(seconds), PacingTotals())


def change(calls: Calls, call: UUID, **facts: Any) -> None:
    with calls.world.store.write() as tx:
        tx.execute(update(attempts).where(attempts.c.id == call).values(facts))


def move(world: World, agent: str, to: AgentState, seconds: float, call: UUID | None = None) -> None:
    with world.store.write() as tx:
        assert agents.change(tx, agent, set(AgentState), to, later(seconds), attempt_id=call)


@pytest.mark.parametrize(
    ("facts", "seen"),
    [
        ({"stage": Stage.PLANNED}, (0, 0, 20)),
        ({"stage": Stage.IN_DOUBT}, (0, 0, 20)),
        ({"stage": Stage.QUEUED}, (0, 0, 20)),
        ({"stage": Stage.RINGING, "ringing_at": later(5)}, (1, 15, 15)),
        ({"stage": Stage.ANSWERED, "ringing_at": later(5), "answered_at": later(12)}, (2, 15, 8)),
        (
            {"stage": Stage.ANSWERED, "ringing_at": later(5), "answered_at": later(12), "waiting_since": later(19)},
            (3, 15, 1),
        ),
        ({"stage": Stage.ANSWERED, "answered_at": later(12), "abandoned_at": later(14)}, None),
        ({"stage": Stage.ANSWERED, "answered_at": later(12), "joining_since": later(12)}, None),  # to a busy agent
        ({"stage": Stage.ANSWERED, "answered_at": later(12), "answered_by": "machine"}, None),
        ({"stage": Stage.CONNECTED, "answered_at": later(12), "connected_at": later(12)}, None),
        ({"stage": Stage.QUEUED, "mode": "progressive"}, None),  # its agent is reserved
    ],
)
def test_a_call_in_flight_as_the_pacer_sees_it(
    world: World, facts: dict[str, Any], seen: tuple[float, float, float] | None
) -> None:
    calls = Calls(world, world.a_campaign())
    calls.open(**facts)
    calls.many(1, "reached")
    found = look(Sight(), calls, 20)
    rows = list(zip(found.call_stage, found.call_seconds, found.call_stage_seconds, strict=True))
    assert rows == ([] if seen is None else [seen])


def test_agents_as_the_pacer_sees_them(world: World) -> None:
    calls = Calls(world, world.a_campaign())
    for agent in ("a", "b", "c", "d", "e"):
        world.an_agent(agent)
    world.an_agent("elsewhere", queue="service")
    move(world, "b", AgentState.TALKING, 4)
    move(world, "c", AgentState.WRAPPING, 5)
    move(world, "d", AgentState.TALKING, 6)
    with world.store.write() as tx:
        assert not agents.ask_pause(tx, "d", later(7))
        assert agents.ask_pause(tx, "e", later(8))
    found = look(Sight(), calls, 10)
    assert found.agent_state.tolist() == [0, 2, 3, -1, -1]
    assert found.agent_seconds.tolist() == [10, 6, 5, 4, 2]


def test_a_call_is_heard_of_step_by_step(world: World) -> None:
    calls = Calls(world, world.a_campaign())
    world.an_agent("kim")
    sight = Sight()
    assert look(sight, calls, 0).events == ()
    call = calls.open(stage=Stage.RINGING, ringing_at=later(0))
    assert look(sight, calls, 1).events == ()
    change(calls, call, stage=Stage.CONNECTED, answered_at=later(9), connected_at=later(10), agent_id="kim")
    move(world, "kim", AgentState.CONNECTING, 10, call)
    move(world, "kim", AgentState.TALKING, 10, call)
    met = (PacingEvent("answered", 9), PacingEvent("human", 9, 1), PacingEvent("connected", 10))
    assert look(sight, calls, 11).events == met
    assert look(sight, calls, 12).events == ()
    calls.end(call, Outcome.REACHED, after=70)
    assert look(sight, calls, 71).events == (PacingEvent("talk_end", 60),)
    mark(calls, call)
    assert look(sight, calls, 72).events == (PacingEvent("machine_disposition"),)
    with world.store.write() as tx:
        assert agents.finish_wrap_up(tx, later(85)) == ["kim"]
    assert look(sight, calls, 86).events == (PacingEvent("wrap_end", 15),)
    assert look(sight, calls, 87).events == ()


def test_what_begins_and_ends_between_two_looks_is_heard_of_too(world: World) -> None:
    calls = Calls(world, world.a_campaign())
    sight = Sight()
    look(sight, calls, 0)
    failed = calls.open(at=later(0.5))
    calls.end(failed, Outcome.FAILED, after=1.5)
    assert look(sight, calls, 3).events == (PacingEvent("failed", 1),)
    assert look(sight, calls, 4).events == ()


def test_a_call_planned_at_the_very_moment_of_a_look_is_heard_of_once(world: World) -> None:
    calls = Calls(world, world.a_campaign())
    sight = Sight()
    look(sight, calls, 0)
    calls.end(calls.open(at=later(0)), Outcome.BUSY, after=0)
    told = [look(sight, calls, 0).events for _ in range(3)]
    assert Counter(event.kind for events in told for event in events) == {"no_answer": 1}


def test_a_restart_tells_nothing_twice(world: World) -> None:
    calls = Calls(world, world.a_campaign())
    first = Sight()
    look(first, calls, 0)
    call = calls.open(stage=Stage.ANSWERED, answered_at=later(5))
    assert [event.kind for event in look(first, calls, 6).events] == ["answered"]
    second = Sight()
    assert look(second, calls, 7).events == ()
    calls.end(call, Outcome.HUNG_UP, after=8)
    assert [event.kind for event in look(second, calls, 9).events] == ["human"]


def test_the_call_of_another_campaign_is_none_of_ours(world: World) -> None:
    ours, theirs = Calls(world, world.a_campaign("Ours")), Calls(world, world.a_campaign("Theirs"))
    sight = Sight()
    look(sight, ours, 0)
    theirs.end(theirs.open(at=later(1)), Outcome.BUSY, after=2)
    assert look(sight, ours, 3).events == ()
