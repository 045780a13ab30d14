"""A person picks up: an agent at once, or a wait, or the message; what was decided stays, however often it is asked."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from orchestrator.domain.agent import AgentState
from orchestrator.domain.attempt import Stage
from orchestrator.domain.carrier import AnsweredBy
from orchestrator.domain.events import EventKind, RoomChange
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.agents import agent_states
from orchestrator.persistence.tables.attempts import attempts, cancellations
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import real_now
from orchestrator.persistence.tables.deliveries import inbox
from orchestrator.pipeline import settlement
from orchestrator.pipeline.reception.answering import answer
from orchestrator.pipeline.reception.plans import AnswerPlan, HangUp, Inform, Join, Wait
from orchestrator.pipeline.reception.receiving import receive
from tests.integration.reception.world import (
    ACME,
    MESSAGE,
    NOW,
    a_ready_agent,
    agent_row,
    an_attempt,
    an_event,
    an_inbound_message,
    attempt_row,
    classify,
    count,
    reserve,
)

LONG_AGO = NOW - timedelta(seconds=10)


def picked_up(store: Store, attempt_id: UUID, *, sid: str = "CA1", by: AnsweredBy | None = None) -> AnswerPlan:
    return answer(store, an_event(EventKind.ANSWER, sid=sid, reference=attempt_id, answered_by=by), NOW)


def test_a_person_is_joined_to_whoever_has_been_ready_longest(house: Store) -> None:
    a_ready_agent(house, "ada", since=NOW - timedelta(minutes=1))
    a_ready_agent(house, "bob", since=NOW - timedelta(minutes=2))
    attempt_id = an_attempt(house)
    assert picked_up(house, attempt_id) == Join("agent-bob")
    row = attempt_row(house, attempt_id)
    assert (row.stage, row.agent_id, row.sid) == (Stage.ANSWERED, "bob", "CA1")
    assert (row.answered_at, row.joining_since, row.connected_at, row.abandoned_at) == (NOW, NOW, None, None)
    assert (agent_row(house, "bob").state, agent_row(house, "bob").attempt_id) == (AgentState.CONNECTING, attempt_id)
    assert agent_row(house, "ada").state == AgentState.READY


def test_every_state_of_the_agent_is_kept(house: Store) -> None:
    a_ready_agent(house, "ada")
    picked_up(house, an_attempt(house))
    receive(house, an_event(EventKind.ROOM, agent_id="ada", room_change=RoomChange.ENTERED), NOW, classify)
    settlement.run_once(house, NOW)
    with house.read() as tx:
        kept = tx.execute(select(agent_states.c.state).order_by(agent_states.c.id)).scalars().all()
    assert kept == ["away", "ready", "connecting", "talking"]


def test_a_call_placed_for_an_agent_goes_to_that_agent(house: Store) -> None:
    a_ready_agent(house, "ada", since=NOW)
    attempt_id = an_attempt(house, mode="progressive")
    reserve(house, "ada", attempt_id)
    a_ready_agent(house, "bob", since=NOW - timedelta(hours=1))
    assert picked_up(house, attempt_id) == Join("agent-ada")
    assert agent_row(house, "bob").state == AgentState.READY


def test_a_call_whose_agent_has_left_goes_to_another(house: Store) -> None:
    a_ready_agent(house, "bob")
    assert picked_up(house, an_attempt(house, mode="progressive", agent_id="ada")) == Join("agent-bob")


def test_an_agent_reserved_for_another_call_is_not_taken(house: Store) -> None:
    a_ready_agent(house, "ada")
    reserve(house, "ada", an_attempt(house, number="+12125550125"))
    mine = an_attempt(house, agent_id="ada")
    assert isinstance(picked_up(house, mine), Wait)
    assert agent_row(house, "ada").state == AgentState.RESERVED


def test_an_agent_of_another_queue_is_not_taken(house: Store) -> None:
    a_ready_agent(house, "ada", queue="other")
    assert isinstance(picked_up(house, an_attempt(house)), Wait)


def test_nobody_free_and_no_time_left_is_an_abandonment_with_the_information_message(house: Store) -> None:
    attempt_id = an_attempt(house, answered_at=LONG_AGO)
    assert picked_up(house, attempt_id) == Inform(MESSAGE)
    row = attempt_row(house, attempt_id)
    assert (row.stage, row.answered_at, row.abandoned_at, row.connected_at) == (Stage.ANSWERED, LONG_AGO, NOW, None)
    assert (row.speech_start_at, row.greeting_end_at, row.estimates_from) == (None, None, None)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Do call us. Press 9 to opt out.", "This is Acme Roofing, +12125550100. Do call us. Press 9 to opt out."),
        ("Acme Roofing, +1 212 555 0199.", "Acme Roofing, +1 212 555 0199. Press 9 and we will not call again."),
    ],
)
def test_the_message_always_says_who_called_and_how_to_opt_out(house: Store, message: str, expected: str) -> None:
    with house.write() as tx:
        voice = {"queue": "nobody", "information_message": message}
        tx.execute(update(campaigns).values(plan={"voice": voice}))
    assert picked_up(house, an_attempt(house, answered_at=LONG_AGO)) == Inform(expected)


def test_an_agent_who_becomes_free_later_does_not_undo_an_abandonment(house: Store) -> None:
    attempt_id = an_attempt(house, answered_at=LONG_AGO)
    first = picked_up(house, attempt_id)
    a_ready_agent(house, "ada")
    assert picked_up(house, attempt_id) == first
    assert agent_row(house, "ada").state == AgentState.READY


def test_the_request_repeated_gets_the_same_room_and_takes_no_second_agent(house: Store) -> None:
    a_ready_agent(house, "ada", since=NOW - timedelta(minutes=1))
    a_ready_agent(house, "bob")
    attempt_id = an_attempt(house)
    assert [picked_up(house, attempt_id) for _ in range(3)] == [Join("agent-ada")] * 3
    assert agent_row(house, "bob").state == AgentState.READY
    assert count(house, inbox) == 1


@pytest.mark.parametrize("by", [AnsweredBy.MACHINE, AnsweredBy.FAX])
def test_a_machine_gets_no_agent_and_is_no_abandonment(house: Store, by: AnsweredBy) -> None:
    a_ready_agent(house, "ada")
    attempt_id = an_attempt(house)
    assert isinstance(picked_up(house, attempt_id, by=by), HangUp)
    assert isinstance(picked_up(house, attempt_id), HangUp), "also when the verdict is not repeated"
    row = attempt_row(house, attempt_id)
    assert (row.answered_by, row.abandoned_at, row.connected_at) == (by.value, None, None)
    assert agent_row(house, "ada").state == AgentState.READY


@pytest.mark.parametrize("by", [AnsweredBy.HUMAN, AnsweredBy.UNKNOWN, None])
def test_whoever_may_be_a_person_gets_an_agent(house: Store, by: AnsweredBy | None) -> None:
    a_ready_agent(house, "ada")
    assert picked_up(house, an_attempt(house), by=by) == Join("agent-ada")


def test_a_person_who_has_said_stop_since_is_sold_nothing(house: Store) -> None:
    a_ready_agent(house, "ada")
    attempt_id = an_attempt(house)
    receive(house, an_inbound_message("STOP"), NOW, classify)
    assert isinstance(picked_up(house, attempt_id), HangUp)
    row = attempt_row(house, attempt_id)
    assert (row.answered_at, row.abandoned_at) == (NOW, None)
    assert agent_row(house, "ada").state == AgentState.READY


def test_a_no_that_the_gate_has_judged_already_is_not_judged_again(house: Store) -> None:
    a_ready_agent(house, "ada")
    receive(house, an_inbound_message("STOP"), NOW - timedelta(days=1), classify)
    assert picked_up(house, an_attempt(house)) == Join("agent-ada")


@pytest.mark.parametrize(("reason", "expected"), [("stop", HangUp), ("paused", Join)])
def test_a_call_being_taken_back_is_hung_up_on_only_for_a_stop(
    house: Store, reason: str, expected: type[AnswerPlan]
) -> None:
    a_ready_agent(house, "ada")
    attempt_id = an_attempt(house)
    with house.write() as tx:
        row = {"attempt_id": attempt_id, "reason": reason, "filed_at": NOW}
        tx.execute(insert(cancellations).values(**row, due_at=real_now()))
    assert isinstance(picked_up(house, attempt_id), expected)


def test_an_attempt_that_nobody_knows_is_hung_up_on_and_stored(house: Store) -> None:
    a_ready_agent(house, "ada")
    assert isinstance(picked_up(house, UUID(int=7)), HangUp)
    assert count(house, inbox) == 1
    assert agent_row(house, "ada").state == AgentState.READY


def test_another_call_than_the_one_on_record_is_hung_up_on(house: Store) -> None:
    a_ready_agent(house, "ada")
    attempt_id = an_attempt(house, sid="CA1")
    assert isinstance(picked_up(house, attempt_id, sid="CA2"), HangUp)
    assert attempt_row(house, attempt_id).answered_at is None


def test_an_attempt_that_has_ended_is_hung_up_on_and_stays_ended(house: Store) -> None:
    a_ready_agent(house, "ada")
    attempt_id = an_attempt(house, stage=Stage.ENDED)
    assert isinstance(picked_up(house, attempt_id), HangUp)
    assert attempt_row(house, attempt_id).stage == Stage.ENDED


def test_an_answer_that_overtakes_the_receipt_finds_its_attempt(house: Store) -> None:
    a_ready_agent(house, "ada")
    attempt_id = an_attempt(house, stage=Stage.PLANNED, sid=None)
    assert picked_up(house, attempt_id, sid="CA9") == Join("agent-ada")
    with house.read() as tx:
        assert tx.execute(select(attempts.c.sid).where(attempts.c.id == attempt_id)).scalar_one() == "CA9"


def test_a_stop_to_another_seller_changes_nothing(house: Store) -> None:
    a_ready_agent(house, "ada")
    attempt_id = an_attempt(house, seller_id=ACME)
    receive(house, an_inbound_message("STOP", to="+13055550102"), NOW, classify)
    assert picked_up(house, attempt_id) == Join("agent-ada")
