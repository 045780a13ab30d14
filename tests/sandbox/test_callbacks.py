"""What the application is told of a call: in which order, with which words, and signed."""

import socket
import threading
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from tests.sandbox.conftest import NUMBER, PERSON, START, TOKEN, Here
from tests.sandbox.receiver import Answer, Receiver, eventually

SAY = "<Response><Say>One two three four</Say></Response>"
EVENTS = ["initiated", "ringing", "answered", "completed"]


def call(here: Here, receiver: Receiver, path: str = "/status?attempt=7", **wishes: Any) -> str:
    settings = {"twiml": SAY, "status_callback": receiver.url + path, "status_callback_event": EVENTS, **wishes}
    return str(here.client.calls.create(to=PERSON, from_=NUMBER, **settings).sid)


def test_an_answered_call_is_told_in_four_signed_steps(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=3)
    sid = call(here, receiver)
    steps = receiver.wait_for_end()
    assert [step["CallStatus"] for step in steps] == ["initiated", "ringing", "in-progress", "completed"]
    assert [step["SequenceNumber"] for step in steps] == ["0", "1", "2", "3"]
    assert {step["CallSid"] for step in steps} == {sid}
    assert all(step.query == {"attempt": ["7"]} for step in steps)
    assert all(step.is_signed_with(TOKEN) for step in steps)
    assert not any(step.is_signed_with("another") for step in steps)
    assert all(step["CallbackSource"] == "call-progress-events" for step in steps)
    assert [step.form.get("StirStatus") for step in steps] == [None, "A", "A", None]
    assert steps[0]["ToCity"] == ""
    last = steps[-1]
    assert (last["SipResponseCode"], last["Duration"]) == ("200", "1")
    assert int(last["CallDuration"]) >= 1
    assert parsedate_to_datetime(last["Timestamp"]).timestamp() >= START


@pytest.mark.parametrize(
    ("outcome", "status", "sip"),
    [("busy", "busy", "486"), ("failed", "failed", "404"), ("no_answer", "no-answer", "487")],
)
def test_an_unanswered_call_ends_in_its_own_word(
    here: Here, receiver: Receiver, outcome: str, status: str, sip: str
) -> None:
    here.pin(PERSON, outcomes=[outcome], timeout_buffer_seconds=0)
    call(here, receiver, timeout=15)
    last = receiver.wait_for_end()[-1]
    assert (last["CallStatus"], last["SipResponseCode"], last["CallDuration"]) == (status, sip, "0")
    assert "Duration" not in last.form


def test_a_phone_that_rings_longer_than_the_timeout_is_not_answered(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=20, timeout_buffer_seconds=4)
    call(here, receiver, timeout=15)
    assert receiver.wait_for_end()[-1]["CallStatus"] == "no-answer"


def test_the_carriers_grace_after_the_timeout_may_still_see_an_answer(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=17, timeout_buffer_seconds=5)
    call(here, receiver, timeout=15)
    assert receiver.wait_for_end()[-1]["CallStatus"] == "completed"


def test_without_events_only_the_end_is_told(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1)
    call(here, receiver, status_callback_event=[])
    steps = receiver.wait_for_end()
    assert [(step["CallStatus"], step["SequenceNumber"]) for step in steps] == [("completed", "0")]


def test_events_in_one_field_are_no_events(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1)
    sid = call(here, receiver, status_callback_event=["ringing answered completed"])
    call(here, receiver, "/other")
    receiver.wait_for_end("/other")
    assert receiver.at("/status", CallSid=sid) == []
    assert any("21626" in warning for warning in here.report()["warnings"])


def test_callbacks_by_get_sign_the_whole_address(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["failed"])
    call(here, receiver, status_callback_method="GET")
    [first, *_] = receiver.wait_for("/status", 2)
    assert first.method == "GET"
    assert first.form == {}
    assert first.query["CallStatus"] == ["initiated"]
    assert first.is_signed_with(TOKEN)


def test_a_failed_callback_is_lost_unless_the_address_asks_for_retries(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["failed"])
    receiver.answers("/status", Answer(500))
    receiver.answers("/stubborn", Answer(503), Answer(500), Answer(204, ""))
    sid = call(here, receiver, status_callback_event=[])
    again = call(here, receiver, "/stubborn?a=1#rc=3&rp=5xx,rt", status_callback_event=[])
    deliveries = receiver.wait_for("/stubborn", 3, CallSid=again)
    tokens = {delivery.headers["I-Twilio-Idempotency-Token"] for delivery in deliveries}
    assert len(tokens) == 1
    assert all(delivery.is_signed_with(TOKEN) for delivery in deliveries)
    assert all("#" not in delivery.url for delivery in deliveries)
    assert len(receiver.at("/status", CallSid=sid)) == 1


def test_a_slow_application_is_given_up_after_the_read_timeout_in_the_address(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["failed"])
    never = threading.Event()
    receiver.answers("/slow", Answer(hold=never), Answer(204, ""))
    call(here, receiver, "/slow#rc=1&rp=rt&rt=100", status_callback_event=[])
    assert len(receiver.wait_for("/slow", 2)) == 2
    never.set()


def test_a_connection_that_fails_is_tried_once_more_and_then_given_up(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["failed"])
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    told = f"http://127.0.0.1:{closed}/status"
    here.client.calls.create(to=PERSON, from_=NUMBER, twiml=SAY, status_callback=told)
    eventually(lambda: here.report()["counts"]["callbacks"] == {"retried": 1, "failed ct": 1})


def test_a_call_ends_at_its_time_limit(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1)
    call(here, receiver, twiml="<Response><Pause length='3000'/></Response>", time_limit=20)
    last = receiver.wait_for_end()[-1]
    assert last["CallStatus"] == "completed"
    assert 19 <= int(last["CallDuration"]) < 120
