"""How carriers treat the numbers that calls show."""

from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.conftest import NUMBER, PERSON, Here, MakeSandbox
from tests.sandbox.receiver import Receiver

ALL = ["initiated", "ringing", "answered", "completed"]
SAY = "<Response><Say>One two three four</Say></Response>"


def call(here: Here, receiver: Receiver) -> str:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1)
    told = {"status_callback": f"{receiver.url}/status?attempt=7", "status_callback_event": ALL}
    return str(here.client.calls.create(to=PERSON, from_=NUMBER, twiml=SAY, **told).sid)


@pytest.mark.parametrize("level", ["A", "B", "C", None])
def test_a_call_is_attested_as_its_number_is_marked(here: Here, receiver: Receiver, level: str | None) -> None:
    here.control("POST", "callers", {"number": NUMBER, "stir": level})
    call(here, receiver)
    assert [step.form.get("StirStatus") for step in receiver.wait_for_end()] == [None, level, level, None]


def test_a_blocked_call_fails_without_a_word_why_and_the_reason_is_filed(here: Here, receiver: Receiver) -> None:
    here.control("POST", "callers", {"number": NUMBER, "blocked": "call"})
    sid = call(here, receiver)
    steps = receiver.wait_for_end()
    assert [step["CallStatus"] for step in steps] == ["initiated", "failed"]
    assert steps[-1]["SipResponseCode"] == "603"
    assert "ErrorCode" not in steps[-1].form
    [filed] = here.client.calls(sid).notifications.list()
    assert filed.error_code == "32017"
    here.control("POST", "callers", {"number": NUMBER, "blocked": None})
    free = call(here, receiver)
    assert here.client.calls(free).notifications.list() == []


def test_a_call_may_be_refused_for_its_number_before_it_is_made(here: Here) -> None:
    here.control("POST", "callers", {"number": NUMBER, "blocked": "create"})
    with pytest.raises(TwilioRestException) as refused:
        here.client.calls.create(to=PERSON, from_=NUMBER, twiml=SAY)
    assert refused.value.code == 32017
    assert here.report()["calls"] == []


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"number": "someone"}, "'number' must be a number"),
        ({"number": NUMBER, "stir": "D"}, "stir must be A, B, C or null"),
        ({"number": NUMBER, "blocked": True}, "blocked must be call, create or null"),
        ({"number": NUMBER, "colour": "red"}, "A caller has no 'colour'"),
    ],
)
def test_a_wish_that_cannot_be_is_refused(here: Here, wishes: dict[str, Any], said: str) -> None:
    answer = requests.post(f"{here.url}/sandbox/callers", json=wishes, timeout=5)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_numbers_that_a_sandbox_begins_with_ask_at_the_inbound_addresses(make_sandbox: MakeSandbox) -> None:
    here = make_sandbox(numbers=(NUMBER,), inbound_voice_url="http://127.0.0.1:9/calls", inbound_url=None)
    [owned] = here.client.incoming_phone_numbers.list(phone_number=NUMBER)
    assert (owned.voice_url, owned.sms_url) == ("http://127.0.0.1:9/calls", None)
    here.control("POST", "reset")
    assert [one.phone_number for one in here.client.incoming_phone_numbers.list()] == [NUMBER]
