"""Our client, the sandbox's machines and our callbacks server together: what a machine records after its beep."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, update

from orchestrator.domain.agent import AgentState
from orchestrator.domain.carrier import AgentCallOrder, AmdMode, CallOrder
from orchestrator.domain.errors import CallOverError
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.tables.attempts import machine_messages
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.pipeline import machines, settlement
from tests.contract.test_whole_calls import Line, line  # noqa: F401 - a fixture
from tests.integration.reception.world import CALLER_ID, PERSON, a_ready_agent, agent_row, an_attempt, attempt_row

TEXT = "This is Acme Roofing. Call +1 212 555 0100 to hear more, or to stop our calls."
MACHINE = {"outcomes": ["machine"], "detected_as": "machine", "ring_seconds": 1, "greeting_seconds": 8}


def call_to_a_machine(line: Line, amd: AmdMode, *, leave: bool) -> tuple[UUID, str]:  # noqa: F811 - the fixture's value
    """A call whose machine greets for eight seconds, with leave for a message or without."""
    line.control("people", {"number": PERSON, **MACHINE})
    attempt_id = an_attempt(line.store)
    with line.store.write() as tx:
        voice: dict[str, Any] = {"caller_ids": [CALLER_ID], "queue": "roof-sales", "information_message": "Acme."}
        tx.execute(update(campaigns).values(plan={"voice": {**voice, "voicemail": {"text": TEXT}}}))
        if leave:
            until = datetime.now(UTC) + timedelta(days=1)
            row = {"attempt_id": attempt_id, "decision_id": new_id(until), "valid_until": until}
            tx.execute(insert(machine_messages).values(row))
    order = CallOrder(
        reference=attempt_id, to=PERSON, from_=CALLER_ID, ring_timeout_seconds=25, amd=amd, message_end=leave
    )
    return attempt_id, line.carrier.place_call(order).sid


def test_a_message_is_recorded_whole_where_the_verdict_comes_first(line: Line) -> None:  # noqa: F811
    attempt_id, sid = call_to_a_machine(line, AmdMode.VERDICT_FIRST, leave=True)
    line.until(f"/calls/{attempt_id}/status", times=4)
    call = line.call(sid)
    assert (call["mailbox"], call["answered_by"], call["agent_voice_at"]) == (TEXT, "machine_end_beep", None)
    assert attempt_row(line.store, attempt_id).message_at is not None


def test_without_leave_the_machine_records_nothing(line: Line) -> None:  # noqa: F811
    attempt_id, sid = call_to_a_machine(line, AmdMode.VERDICT_FIRST, leave=False)
    line.until(f"/calls/{attempt_id}/status", times=4)
    call = line.call(sid)
    assert (call["mailbox"], call["answered_by"], call["information_message_at"]) == (None, "machine_start", None)


def test_a_machine_that_an_agent_hears_is_left_the_message_and_the_agent_is_free(line: Line) -> None:  # noqa: F811
    line.carrier.call_agent(AgentCallOrder(agent_id="ada", address="client:ada", from_=CALLER_ID, room="agent-ada"))
    line.until("/agents/ada/answer")
    a_ready_agent(line.store, "ada")
    # The agent would hang up on a machine by themselves; this one listens on.
    line.control("people", {"number": PERSON, "agent_reaction_seconds": 120})
    attempt_id, sid = call_to_a_machine(line, AmdMode.CONNECT_FIRST, leave=True)
    line.until(f"/calls/{attempt_id}/detection")
    settlement.run_once(line.store, datetime.now(UTC))
    assert machines.run_once(line.store, line.carrier, datetime.now(UTC)) == 1
    line.until(f"/calls/{attempt_id}/message")
    line.until(f"/calls/{attempt_id}/status", times=4)
    assert agent_row(line.store, "ada").state == AgentState.WRAPPING
    assert line.call(sid)["mailbox"] == TEXT
    assert {status for _, status in line.seen} <= {"200 OK", "204 NO CONTENT"}


def test_a_call_that_is_over_cannot_be_taken_to_a_message(line: Line) -> None:  # noqa: F811
    attempt_id, sid = call_to_a_machine(line, AmdMode.VERDICT_FIRST, leave=False)
    line.until(f"/calls/{attempt_id}/status", times=4)
    with pytest.raises(CallOverError):
        line.carrier.leave_message(sid, attempt_id)
