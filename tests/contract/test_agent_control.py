"""Each control of an agent, over real HTTP, and what the person heard of it by the sandbox's own report."""

from typing import Any
from uuid import UUID

import pytest
import requests
from sqlalchemy import update

from orchestrator.domain.carrier import AgentCallOrder
from orchestrator.domain.errors import CallOverError, UserError
from orchestrator.domain.rooms import GuestOrder
from orchestrator.persistence.tables.agents import agents
from orchestrator.pipeline.agent_desk import line_control, tidying, transferring
from orchestrator.pipeline.agent_desk.handing import Kind
from tests.contract.conftest import CALLER_ID
from tests.contract.test_whole_calls import Line, call_to_a_person, line
from tests.integration.reception.world import NOW, a_ready_agent, agent_row, attempt_row
from tests.sandbox.receiver import eventually

__all__ = ["line"]
OUTSIDE = "+12125550199"
LONG: dict[str, Any] = {"talk_seconds": 100_000, "patience_seconds": 100_000}


def waits(line: Line, agent_id: str) -> None:
    """The agent waits in a room of their own."""
    order = AgentCallOrder(agent_id=agent_id, address=f"client:{agent_id}", from_=CALLER_ID, room=f"agent-{agent_id}")
    sid = line.carrier.call_agent(order).sid
    eventually(lambda: f"agent-{agent_id}" in rooms(line))
    a_ready_agent(line.store, agent_id)
    with line.store.write() as tx:
        tx.execute(update(agents).where(agents.c.id == agent_id).values(leg_sid=sid))


def in_conversation(line: Line) -> tuple[UUID, str]:
    """Ada and a person hear each other: the attempt, and the person's sid."""
    waits(line, "ada")
    attempt_id, sid = call_to_a_person(line, **LONG)
    eventually(lambda: heard(line, sid)[-1:] == ["agent_voice"])
    return attempt_id, sid


def heard(line: Line, sid: str) -> list[str]:
    """What the person's ear got; the end of their own greeting and their hanging up are notes beside it."""
    notes = {"greeting_end", "hung_up"}
    return [one["what"] for one in line.call(sid)["heard"] if one["what"] not in notes]


def rooms(line: Line) -> dict[str, set[str]]:
    """Who is in which room now."""
    report = requests.get(f"{line.sandbox.url}/sandbox/report", timeout=5).json()
    going_on = (room for room in report["conferences"] if room["status"] == "in-progress")
    return {room["name"]: set(room["participants"]) for room in going_on}


def leg(line: Line, agent_id: str) -> str:
    return str(agent_row(line.store, agent_id).leg_sid)


def guest_of(line: Line) -> dict[str, Any]:
    report = requests.get(f"{line.sandbox.url}/sandbox/report", timeout=5).json()
    return next(call for call in report["calls"] if call["to"] == OUTSIDE)


def test_on_hold_the_person_hears_music_and_then_the_agent_again(line: Line) -> None:
    _, sid = in_conversation(line)
    line_control.hold(line.store, line.carrier, "ada", held=True)
    assert heard(line, sid)[-1] == "hold"
    line_control.hold(line.store, line.carrier, "ada", held=False)
    assert heard(line, sid)[-1] == "agent_voice"


def test_a_muted_agent_is_not_heard_and_after_the_call_is_again(line: Line) -> None:
    _, sid = in_conversation(line)
    line_control.mute(line.store, line.carrier, "ada", muted=True)
    assert heard(line, sid)[-1] != "agent_voice"
    line_control.mute(line.store, line.carrier, "ada", muted=False)
    assert heard(line, sid)[-1] == "agent_voice"
    line_control.mute(line.store, line.carrier, "ada", muted=True)
    line_control.hang_up(line.store, line.carrier, "ada", NOW)
    with line.store.write() as tx:
        tx.execute(update(agents).values(state="wrapping", attempt_id=None))
    assert tidying.run_once(line.store, line.carrier, NOW) == 1
    room = line.carrier.rooms._participant("agent-ada", leg(line, "ada")).fetch()  # type: ignore[attr-defined]
    assert room.muted is False


def test_hanging_up_ends_the_persons_call_and_not_the_agents(line: Line) -> None:
    _, sid = in_conversation(line)
    line_control.hang_up(line.store, line.carrier, "ada", NOW)
    assert line.call(sid)["status"] == "completed"
    assert line.call(leg(line, "ada"))["status"] == "in-progress"
    with pytest.raises(UserError, match="They have hung up"):
        line_control.hold(line.store, line.carrier, "ada", held=True)


def test_a_blind_transfer_takes_the_person_to_the_other_agent_without_a_gap_in_the_first_ones_line(line: Line) -> None:
    waits(line, "bob")
    _, sid = _with_ada_first(line)
    transferring.start(line.store, line.carrier, "ada", "bob", Kind.BLIND, NOW)
    assert rooms(line) == {"agent-ada": {leg(line, "ada")}, "agent-bob": {leg(line, "bob"), sid}}
    assert heard(line, sid)[-1] == "agent_voice"
    assert (agent_row(line.store, "ada").state, agent_row(line.store, "bob").state) == ("wrapping", "talking")


def _with_ada_first(line: Line) -> tuple[UUID, str]:
    with line.store.write() as tx:
        tx.execute(update(agents).where(agents.c.id == "bob").values(state="away"))
    found = in_conversation(line)
    with line.store.write() as tx:
        tx.execute(update(agents).where(agents.c.id == "bob").values(state="ready"))
    return found


def test_in_a_warm_transfer_all_are_in_one_room_until_the_agent_leaves_for_their_own(line: Line) -> None:
    waits(line, "bob")
    _, sid = _with_ada_first(line)
    transferring.start(line.store, line.carrier, "ada", "bob", Kind.WARM, NOW)
    assert rooms(line) == {"agent-bob": {leg(line, "ada"), leg(line, "bob"), sid}}
    transferring.complete(line.store, line.carrier, "ada", NOW)
    assert rooms(line) == {"agent-ada": {leg(line, "ada")}, "agent-bob": {leg(line, "bob"), sid}}
    assert heard(line, sid)[-1] == "agent_voice"


def test_a_guest_is_rung_into_the_room_and_goes_on_with_the_person(line: Line) -> None:
    line.control("agents", {"address": OUTSIDE})
    attempt_id, sid = in_conversation(line)
    transferring.start(line.store, line.carrier, "ada", OUTSIDE, Kind.WARM, NOW)
    eventually(lambda: len(rooms(line)["agent-ada"]) == 3)
    transferring.complete(line.store, line.carrier, "ada", NOW)
    guest = guest_of(line)["sid"]
    assert rooms(line) == {"agent-ada": {leg(line, "ada")}, f"handed-on-{attempt_id}": {guest, sid}}
    assert heard(line, sid)[-1] == "agent_voice"
    line.carrier.hang_up(guest)
    eventually(lambda: line.call(sid)["status"] == "completed")
    seen = requests.get(f"{line.sandbox.url}/sandbox/report", timeout=5).json()["values_seen"]
    words = {
        name: set(values)
        for operation in seen
        if "Participants" in operation
        for name, values in seen[operation].items()
    }
    assert words == {
        "Beep": {"false"},
        "EndConferenceOnExit": {"false"},
        "StartConferenceOnEnter": {"true"},
        "Timeout": {"25"},
    }  # as Twilio documents them: small letters, and whole seconds


@pytest.mark.parametrize("picked_up", [True, False])
def test_a_guest_is_sent_away_whether_they_have_picked_up_or_not(line: Line, picked_up: bool) -> None:
    line.control("agents", {"address": OUTSIDE})
    line.control("people", {"number": OUTSIDE, "ring_seconds": 1 if picked_up else 20})
    _, sid = in_conversation(line)
    transferring.start(line.store, line.carrier, "ada", OUTSIDE, Kind.WARM, NOW)
    eventually(lambda: (len(rooms(line)["agent-ada"]) == 3) if picked_up else (guest_of(line)["status"] == "ringing"))
    transferring.take_back(line.store, line.carrier, "ada", NOW)
    eventually(lambda: guest_of(line)["status"] in {"completed", "canceled"})
    assert rooms(line) == {"agent-ada": {leg(line, "ada"), sid}}
    assert heard(line, sid)[-1] == "agent_voice"


@pytest.mark.parametrize(("outcome", "last"), [("human", "agent_voice"), ("no_answer", "information_message")])
def test_whom_a_blind_transfer_finds_nobody_for_is_told(line: Line, outcome: str, last: str) -> None:
    line.control("agents", {"address": OUTSIDE})
    line.control("people", {"number": OUTSIDE, "outcomes": [outcome], "ring_seconds": 1})
    attempt_id, sid = in_conversation(line)
    transferring.start(line.store, line.carrier, "ada", OUTSIDE, Kind.BLIND, NOW)
    assert attempt_row(line.store, attempt_id).agent_id == "ada"
    if outcome == "human":
        eventually(lambda: heard(line, sid)[-2:] == ["ringback", "agent_voice"])
        line.carrier.hang_up(guest_of(line)["sid"])
    line.until("/handed-over")
    eventually(lambda: line.call(sid)["status"] == "completed")
    assert heard(line, sid)[-1] == last
    assert rooms(line) == {"agent-ada": {leg(line, "ada")}}


def test_of_a_room_or_a_leg_that_is_no_more_it_is_too_late(line: Line) -> None:
    waits(line, "ada")
    gone = "CA" + "f" * 32
    for ask in (
        lambda: line.carrier.rooms.hold("agent-nobody", gone, held=True),
        lambda: line.carrier.rooms.hold("agent-ada", gone, held=True),
        lambda: line.carrier.rooms.remove("agent-ada", gone),
        lambda: line.carrier.rooms.move(gone, "agent-ada", ends_room=False),
        lambda: line.carrier.rooms.add(
            GuestOrder(room="agent-nobody", address=OUTSIDE, from_=CALLER_ID, label="guest-1")
        ),
    ):
        with pytest.raises(CallOverError):
            ask()
