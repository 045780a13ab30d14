"""Agents who wait in conferences, and the people who are joined to them."""

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.conftest import AGENT, NUMBER, PERSON, TOKEN, Here
from tests.sandbox.receiver import Receiver, eventually

ROOM = "room-of-agent-one"
JOIN = (
    f"<Response><Dial><Conference beep='false' startConferenceOnEnter='{{start}}'>{ROOM}</Conference></Dial></Response>"
)
INTO_ROOM = JOIN.format(start="true")


def agent_waits(here: Here) -> str:
    sid = str(here.client.calls.create(to=AGENT, from_=NUMBER, twiml=INTO_ROOM).sid)
    eventually(lambda: len(here.client.conferences.list(friendly_name=ROOM, status="in-progress")) == 1)
    return sid


def person_joins(here: Here, receiver: Receiver, **pins: Any) -> str:
    here.pin(PERSON, **{"outcomes": ["human"], "ring_seconds": 1, **pins})
    told = f"{receiver.url}/status"
    return str(here.client.calls.create(to=PERSON, from_=NUMBER, twiml=INTO_ROOM, status_callback=told).sid)


def seconds(row: dict[str, Any], start: str, end: str) -> float:
    clock = [row[name][11:].split("+")[0].split(":") for name in (start, end)]
    begun, ended = (int(h) * 3600 + int(m) * 60 + float(s) for h, m, s in clock)
    return ended - begun


def test_a_person_joined_to_a_waiting_agent_talks_and_hangs_up(here: Here, receiver: Receiver) -> None:
    agent = agent_waits(here)
    sid = person_joins(here, receiver, talk_seconds=30, greeting_seconds=1)
    receiver.wait_for_end()
    row = here.row(sid)
    assert row["agent_voice_at"] is not None
    assert 29 <= seconds(row, "agent_voice_at", "ended_at") < 120
    assert here.client.calls(agent).fetch().status == "in-progress"
    assert here.client.conferences.list(status="in-progress")[0].friendly_name == ROOM


def test_an_agent_hangs_up_on_a_machine_after_a_few_seconds(here: Here, receiver: Receiver) -> None:
    agent = agent_waits(here)
    sid = person_joins(here, receiver, outcomes=["machine"], agent_reaction_seconds=3)
    receiver.wait_for_end()
    assert 2.5 <= seconds(here.row(sid), "agent_voice_at", "ended_at") < 60
    assert here.client.calls(agent).fetch().status == "in-progress"


def test_a_person_joined_where_nobody_waits_gives_up(here: Here, receiver: Receiver) -> None:
    sid = person_joins(here, receiver, patience_seconds=4)
    receiver.wait_for_end()
    row = here.row(sid)
    assert row["agent_voice_at"] is None
    assert "hold" in here.heard(sid)
    assert 4 <= row["duration_seconds"] < 60
    assert here.client.conferences.list(status="completed")[0].reason_conference_ended == "last-participant-left"


def test_a_person_whom_an_agent_comes_to_in_time_stays(here: Here, receiver: Receiver) -> None:
    sid = person_joins(here, receiver, patience_seconds=600, talk_seconds=5)
    eventually(lambda: "hold" in here.heard(sid))
    agent_waits(here)
    receiver.wait_for_end()
    assert here.heard(sid).index("hold") < here.heard(sid).index("agent_voice")


def test_a_muted_agent_is_not_heard(here: Here) -> None:
    agent = agent_waits(here)
    room = here.client.conferences(ROOM)
    assert room.participants(agent).update(muted=True).muted is True
    here.pin(PERSON, outcomes=["human"], ring_seconds=1, patience_seconds=3_000, talk_seconds=3_000)
    sid = str(here.client.calls.create(to=PERSON, from_=NUMBER, twiml=INTO_ROOM).sid)
    eventually(lambda: "hold" in here.heard(sid))
    assert "agent_voice" not in here.heard(sid)
    room.participants(agent).update(muted=False)
    eventually(lambda: "agent_voice" in here.heard(sid))


def test_a_conference_that_is_ended_sends_everybody_on(here: Here, receiver: Receiver) -> None:
    url = receiver.answers("/after", "<Say>Goodbye</Say>")
    document = f"<Response><Dial action='{url}'><Conference>{ROOM}</Conference></Dial></Response>"
    sid = str(here.client.calls.create(to=AGENT, from_=NUMBER, twiml=document).sid)
    eventually(lambda: len(here.client.conferences.list(status="in-progress")) == 1)
    [room] = here.client.conferences.list(friendly_name=ROOM)
    assert len(room.participants.list()) == 1
    ended = here.client.conferences(str(room.sid)).update(status="completed")
    assert (ended.status, ended.reason_conference_ended) == ("completed", "conference-ended-via-api")
    assert receiver.wait_for("/after")[0]["DialCallStatus"] == "completed"
    eventually(lambda: here.client.calls(sid).fetch().status == "completed")
    assert here.client.conferences(str(room.sid)).participants.list() == []


def test_participants_are_called_into_the_room_that_they_name(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1, talk_seconds=40, patience_seconds=60)
    people = here.client.conferences("preview room").participants
    told = {
        "conference_status_callback": f"{receiver.url}/room",
        "conference_status_callback_event": ["start end join leave"],
    }
    agent = people.create(from_=NUMBER, to=AGENT, label="agent", beep="false", end_conference_on_exit=True, **told)
    assert (agent.status, agent.label) == ("queued", "agent")
    receiver.wait_for("/room", StatusCallbackEvent="participant-join", CallSid=str(agent.call_sid))
    person = people.create(
        from_=NUMBER, to=PERSON, label="customer", timeout=20,
        status_callback=f"{receiver.url}/status", status_callback_event=["initiated ringing answered completed"],
    )  # fmt: skip
    receiver.wait_for("/room", StatusCallbackEvent="conference-start")
    assert len(receiver.wait_for_end(CallSid=str(person.call_sid))) == 4
    assert people("agent").fetch().call_sid == agent.call_sid
    assert people("agent").delete() is True
    [end] = receiver.wait_for("/room", StatusCallbackEvent="conference-end")
    assert end["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-kicked"
    assert end["CallSidEndingConference"] == agent.call_sid
    assert all(delivery.is_signed_with(TOKEN) for delivery in receiver.at("/room"))
    eventually(lambda: here.client.calls(str(agent.call_sid)).fetch().status == "completed")


def test_a_participants_detection_is_told_beside_the_call(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["machine"], ring_seconds=1)
    here.client.conferences(ROOM).participants.create(
        from_=NUMBER, to=PERSON, machine_detection="Enable", amd_status_callback=f"{receiver.url}/amd"
    )
    assert receiver.wait_for("/amd")[0]["AnsweredBy"] == "machine_start"


def test_a_label_is_taken_once(here: Here) -> None:
    people = here.client.conferences(ROOM).participants
    people.create(from_=NUMBER, to=AGENT, label="agent")
    eventually(lambda: len(people.list()) == 1)
    with pytest.raises(TwilioRestException) as refused:
        people.create(from_=NUMBER, to=AGENT, label="agent")
    assert refused.value.code == 16025


def test_someone_who_hangs_up_before_the_bridge_is_gone_when_the_agent_is_offered(
    here: Here, receiver: Receiver
) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1, hangs_up_before_bridge=True, greeting_seconds=1)
    told = f"{receiver.url}/status"
    sid = str(
        here.client.calls.create(
            to=PERSON, from_=NUMBER, twiml="<Response><Pause length='600'/></Response>", status_callback=told
        ).sid
    )
    receiver.wait_for_end()
    with pytest.raises(TwilioRestException) as gone:
        here.client.calls(sid).update(twiml=INTO_ROOM)
    assert gone.value.code == 21220


def test_a_registered_number_is_an_agent(here: Here) -> None:
    here.control("POST", "agents", {"address": "+12025550177"})
    sid = str(here.client.calls.create(to="+12025550177", from_=NUMBER, twiml=INTO_ROOM).sid)
    eventually(lambda: len(here.client.conferences.list(friendly_name=ROOM)) == 1)
    assert here.row(sid)["is_agent"] is True


def test_an_agent_may_be_pinned_not_to_answer(here: Here, receiver: Receiver) -> None:
    here.pin(AGENT, outcomes=["no_answer", "human"])
    told = f"{receiver.url}/status"
    here.client.calls.create(to=AGENT, from_=NUMBER, twiml=INTO_ROOM, timeout=15, status_callback=told)
    assert receiver.wait_for_end()[-1]["CallStatus"] == "no-answer"
    agent_waits(here)
