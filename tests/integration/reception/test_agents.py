"""Agents change state by compare-and-set, and no two calls get the same one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import select

from orchestrator.domain.agent import AgentState
from orchestrator.domain.events import EventKind
from orchestrator.persistence import agent_legs, agents
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.agents import agent_states
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.pipeline.reception.answering import answer
from orchestrator.pipeline.reception.group_commit import grouping
from orchestrator.pipeline.reception.plans import Join, Wait
from tests.integration.reception.world import (
    NOW,
    QUEUE,
    a_ready_agent,
    agent_row,
    an_attempt,
    an_event,
)

CALL, OTHER_CALL = UUID(int=1), UUID(int=2)
AGENTS, ANSWERS = 5, 12


def test_of_many_answers_at_once_no_two_get_the_same_agent(store: Store) -> None:
    for number in range(AGENTS):
        a_ready_agent(store, f"agent{number}")
    together = Barrier(ANSWERS)

    def claim(number: int) -> str | None:
        together.wait()
        with store.write() as tx:
            return agents.claim_longest_ready(tx, QUEUE, UUID(int=number), NOW)

    with ThreadPoolExecutor(ANSWERS) as pool:
        claimed = [one for one in pool.map(claim, range(ANSWERS)) if one is not None]
    assert sorted(claimed) == [f"agent{number}" for number in range(AGENTS)]
    with store.read() as tx:
        kept = tx.execute(select(agent_states.c.state)).scalars().all()
    assert kept.count("connecting") == AGENTS


@pytest.mark.parametrize("grouped", [True, False])
def test_of_many_people_answering_at_once_each_agent_talks_with_one(house: Store, grouped: bool) -> None:
    for number in range(AGENTS):
        a_ready_agent(house, f"agent{number}")
    ids = [an_attempt(house, number=f"+121255501{number:02}") for number in range(ANSWERS)]
    together = Barrier(ANSWERS)
    store = grouping(house) if grouped else house

    def pick_up(attempt_id: UUID) -> object:
        together.wait()
        return answer(store, an_event(EventKind.ANSWER, sid=f"CA{attempt_id.hex[-30:]}", reference=attempt_id), NOW)

    with ThreadPoolExecutor(ANSWERS) as pool:
        plans = list(pool.map(pick_up, ids))
    assert sorted(plan.room for plan in plans if isinstance(plan, Join)) == [f"agent-agent{n}" for n in range(AGENTS)]
    assert plans.count(Wait()) == ANSWERS - AGENTS
    with house.read() as tx:
        rows = tx.execute(select(attempts.c.agent_id, attempts.c.waiting_since)).all()
    assert len({row.agent_id for row in rows if row.agent_id}) == AGENTS
    assert sum(row.waiting_since == NOW for row in rows) == ANSWERS - AGENTS


def test_of_many_reservations_at_once_no_agent_is_reserved_twice(store: Store) -> None:
    for number in range(AGENTS):
        a_ready_agent(store, f"agent{number}")
    together = Barrier(4)

    def reserve(_: int) -> list[str]:
        together.wait()
        with store.write() as tx:
            return agents.reserve_ready(tx, QUEUE, 2, NOW)

    with ThreadPoolExecutor(4) as pool:
        reserved = [one for some in pool.map(reserve, range(4)) for one in some]
    assert len(reserved) == len(set(reserved)) <= AGENTS


def test_the_longest_ready_are_reserved_first(store: Store) -> None:
    for name, minutes in (("ada", 1), ("bob", 3), ("eve", 2)):
        a_ready_agent(store, name, since=NOW - timedelta(minutes=minutes))
    with store.write() as tx:
        assert agents.reserve_ready(tx, QUEUE, 2, NOW) == ["bob", "eve"]


def test_a_change_from_another_state_than_expected_changes_nothing(store: Store) -> None:
    a_ready_agent(store, "ada")
    with store.write() as tx:
        assert not agents.change(tx, "ada", {AgentState.TALKING}, AgentState.WRAPPING, NOW)
        assert not agents.change(tx, "nobody", {AgentState.READY}, AgentState.AWAY, NOW)
    assert agent_row(store, "ada").state == AgentState.READY


@pytest.mark.parametrize(
    ("state", "talked", "pause_asked", "expected"),
    [
        (AgentState.TALKING, True, False, AgentState.WRAPPING),
        (AgentState.TALKING, False, False, AgentState.WRAPPING),
        (AgentState.CONNECTING, True, False, AgentState.WRAPPING),
        (AgentState.CONNECTING, False, False, AgentState.READY),
        (AgentState.CONNECTING, False, True, AgentState.AWAY),
        (AgentState.RESERVED, True, False, AgentState.READY),
        (AgentState.RESERVED, True, True, AgentState.AWAY),
        (AgentState.TALKING, True, True, AgentState.WRAPPING),
    ],
)
def test_after_a_call_an_agent_wraps_up_what_they_talked_about(
    store: Store, state: AgentState, talked: bool, pause_asked: bool, expected: AgentState
) -> None:
    a_ready_agent(store, "ada")
    with store.write() as tx:
        agents.change(tx, "ada", {AgentState.READY}, state, NOW, attempt_id=CALL)
        if pause_asked:
            assert not agents.ask_pause(tx, "ada", NOW)
        assert agents.free_after(tx, OTHER_CALL, NOW) == []
        assert agents.free_after(tx, CALL, NOW, talked=talked) == ["ada"]
        assert agents.free_after(tx, CALL, NOW) == []
    row = agent_row(store, "ada")
    assert (row.state, row.attempt_id) == (expected, None)


@pytest.mark.parametrize(("seconds", "expected"), [(14, AgentState.WRAPPING), (15, AgentState.READY)])
def test_wrapping_up_takes_its_seconds(store: Store, seconds: int, expected: AgentState) -> None:
    a_ready_agent(store, "ada")
    with store.write() as tx:
        agents.change(tx, "ada", {AgentState.READY}, AgentState.WRAPPING, NOW)
        agents.finish_wrap_up(tx, NOW + timedelta(seconds=seconds))
    assert agent_row(store, "ada").state == expected


def test_a_pause_is_at_once_where_the_agent_is_free_and_is_over_when_they_are_ready_again(store: Store) -> None:
    a_ready_agent(store, "ada")
    with store.write() as tx:
        assert agents.ask_pause(tx, "ada", NOW)
        assert agents.claim_longest_ready(tx, QUEUE, CALL, NOW) is None
        assert agents.ready(tx, "ada", NOW)
    assert (agent_row(store, "ada").state, agent_row(store, "ada").pause_asked) == (AgentState.READY, False)


def test_an_agent_on_a_call_cannot_be_made_ready_by_hand(store: Store) -> None:
    a_ready_agent(store, "ada")
    with store.write() as tx:
        agents.claim_longest_ready(tx, QUEUE, CALL, NOW)
        assert not agents.ready(tx, "ada", NOW)
    assert agent_row(store, "ada").attempt_id == CALL


def test_a_pause_that_was_asked_for_while_reserved_holds_when_nobody_was_called(store: Store) -> None:
    a_ready_agent(store, "ada")
    with store.write() as tx:
        assert agents.reserve_ready(tx, QUEUE, 1, NOW) == ["ada"]
        assert not agents.ask_pause(tx, "ada", NOW)
        assert agents.unreserve(tx, "ada", NOW)
    assert agent_row(store, "ada").state == AgentState.AWAY


def history(store: Store, agent_id: str) -> list[tuple[str, int]]:
    """Each state and how many seconds after NOW it began."""
    query = select(agent_states.c.state, agent_states.c.at).where(agent_states.c.agent_id == agent_id)
    with store.read() as tx:
        rows = tx.execute(query.order_by(agent_states.c.id)).all()
    return [(row.state, int((row.at - NOW).total_seconds())) for row in rows]


def test_an_agent_who_was_reserved_only_to_look_has_been_ready_all_the_while(store: Store) -> None:
    a_ready_agent(store, "ada")
    for seconds in (10, 20):
        with store.write() as tx:
            assert agents.reserve_ready(tx, QUEUE, 1, NOW + timedelta(seconds=seconds)) == ["ada"]
            assert agents.unreserve(tx, "ada", NOW + timedelta(seconds=seconds))
    assert history(store, "ada") == [("away", 0), ("ready", 0)]
    assert (agent_row(store, "ada").state, agent_row(store, "ada").state_since) == (AgentState.READY, NOW)


def test_an_agent_before_whom_somebody_lay_is_ready_again_from_then_on_and_keeps_their_place(store: Store) -> None:
    a_ready_agent(store, "ada")
    for seconds in (10, 90):
        with store.write() as tx:
            offered_at = NOW + timedelta(seconds=seconds)
            assert agents.reserve_ready(tx, QUEUE, 1, offered_at) == ["ada"]
            assert agents.unreserve(tx, "ada", offered_at + timedelta(seconds=60), offered_at)
    assert history(store, "ada")[1:] == [
        ("ready", 0),
        ("reserved", 10),
        ("ready", 70),
        ("reserved", 90),
        ("ready", 150),
    ]
    assert (agent_row(store, "ada").state, agent_row(store, "ada").state_since) == (AgentState.READY, NOW)


def test_a_call_in_between_ends_the_time_that_an_agent_has_been_ready(store: Store) -> None:
    a_ready_agent(store, "ada", since=NOW - timedelta(minutes=5))
    with store.write() as tx:
        agents.change(tx, "ada", {AgentState.READY}, AgentState.TALKING, NOW - timedelta(minutes=1), attempt_id=CALL)
        agents.change(tx, "ada", {AgentState.TALKING}, AgentState.READY, NOW)
        assert agents.reserve_ready(tx, QUEUE, 1, NOW) == ["ada"]
        assert agents.unreserve(tx, "ada", NOW)
    assert agent_row(store, "ada").state_since == NOW


def test_a_pause_that_was_asked_for_while_reserved_is_kept_from_the_moment_it_began(store: Store) -> None:
    a_ready_agent(store, "ada")
    with store.write() as tx:
        assert agents.reserve_ready(tx, QUEUE, 1, NOW) == ["ada"]
        agents.ask_pause(tx, "ada", NOW)
        assert agents.unreserve(tx, "ada", NOW + timedelta(seconds=7), NOW)
    assert history(store, "ada")[-1] == ("away", 7)
    assert agent_row(store, "ada").state_since == NOW + timedelta(seconds=7)


def test_an_agent_whose_line_breaks_while_they_talk_is_away_and_was_never_wrapping_up(store: Store) -> None:
    a_ready_agent(store, "ada")
    with store.write() as tx:
        agent_legs.ask(tx, "ada", NOW)
        agent_legs.rung(tx, "ada", "CAleg")
        agents.change(tx, "ada", {AgentState.READY}, AgentState.TALKING, NOW, attempt_id=CALL)
        assert agent_legs.leg_down(tx, "ada", "CAleg", NOW + timedelta(seconds=30))
    assert history(store, "ada")[2:] == [("talking", 0), ("away", 30)]
    row = agent_row(store, "ada")
    assert (row.state, row.wrap_up_attempt_id, row.wrap_up_until) == ("away", CALL, NOW + timedelta(seconds=45))
