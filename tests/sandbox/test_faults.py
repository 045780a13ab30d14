"""Faults on request: what they break, and that what was made stays made."""

import time
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.conftest import NUMBER, PERSON, Here
from tests.sandbox.receiver import Receiver

EVENTS = ["initiated", "ringing", "answered", "completed"]
SAY = "<Response><Say>One two three four</Say></Response>"
CREATES = {"Calls.json": {"Twiml": SAY}, "Messages.json": {"Body": "Hello"}}
ROWS = {"Calls.json": "calls", "Messages.json": "messages"}


@pytest.fixture
def person(here: Here) -> None:
    here.pin(PERSON, line_type="mobile", outcomes=["human"], ring_seconds=1, reply=None)


def call(here: Here, receiver: Receiver) -> str:
    told: dict[str, Any] = {"status_callback": f"{receiver.url}/status", "status_callback_event": EVENTS}
    return str(here.client.calls.create(to=PERSON, from_=NUMBER, twiml=SAY, **told).sid)


def create(here: Here, path: str) -> requests.Response:
    return here.post(path, To=PERSON, From=NUMBER, **CREATES[path])


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("path", CREATES)
def test_a_busy_answer_made_nothing(here: Here, path: str) -> None:
    here.fault("create-busy", times=1)
    answer = create(here, path)
    assert (answer.status_code, answer.json()["code"]) == (429, 20429)
    assert here.report()[ROWS[path]] == []
    assert create(here, path).status_code == 201


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("path", CREATES)
def test_an_error_after_accepting_leaves_what_was_made(here: Here, path: str) -> None:
    here.fault("create-error-after-accepting", times=1)
    answer = create(here, path)
    assert answer.status_code == 500
    assert len(here.report()[ROWS[path]]) == 1


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("path", CREATES)
def test_a_reset_after_accepting_leaves_what_was_made(here: Here, path: str) -> None:
    here.fault("create-reset-after-accepting", times=1)
    with pytest.raises(requests.exceptions.ConnectionError):
        create(here, path)
    assert len(here.report()[ROWS[path]]) == 1
    assert create(here, path).status_code == 201


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("path", CREATES)
def test_a_slow_answer_outlasts_an_impatient_client(here: Here, path: str) -> None:
    here.fault("slow-answer", times=1, seconds=30)
    fields = {"To": PERSON, "From": NUMBER, **CREATES[path]}
    account = here.client.account_sid
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.post(
            f"{here.url}/2010-04-01/Accounts/{account}/{path}", data=fields, auth=here.client.auth, timeout=0.2
        )
    assert len(here.report()[ROWS[path]]) == 1


@pytest.mark.usefixtures("person")
def test_a_fault_for_messages_leaves_calls_alone(here: Here) -> None:
    here.fault("create-busy", resource="messages")
    assert create(here, "Calls.json").status_code == 201
    assert create(here, "Messages.json").status_code == 429
    here.control("DELETE", "faults")
    assert create(here, "Messages.json").status_code == 201


@pytest.mark.usefixtures("person")
def test_half_of_many_strike_and_the_same_ones_for_the_same_seed(here: Here) -> None:
    def strikes() -> list[int]:
        here.control("DELETE", "faults")
        here.fault("create-busy", probability=0.5)
        return [create(here, "Messages.json").status_code for _ in range(30)]

    first = strikes()
    assert {201, 429} == set(first)
    assert strikes() == first


@pytest.mark.usefixtures("person")
def test_lost_callbacks_never_come(here: Here, receiver: Receiver) -> None:
    here.fault("callback-lost", times=2)
    call(here, receiver)
    assert [step["CallStatus"] for step in receiver.wait_for_end()] == ["in-progress", "completed"]
    assert here.report()["counts"]["callbacks_lost"] == {"calls": 2}


@pytest.mark.usefixtures("person")
def test_doubled_callbacks_come_twice_and_alike(here: Here, receiver: Receiver) -> None:
    here.fault("callback-doubled")
    call(here, receiver)
    steps = receiver.wait_for("/status", 8)
    assert [step["SequenceNumber"] for step in steps] == ["0", "0", "1", "1", "2", "2", "3", "3"]
    assert steps[0].form == steps[1].form


@pytest.mark.usefixtures("person")
def test_a_reordered_callback_is_overtaken_by_the_next(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, ring_seconds=2)
    here.fault("callback-reordered", times=1)
    call(here, receiver)
    steps = receiver.wait_for("/status", 4)
    assert [step["SequenceNumber"] for step in steps] == ["1", "0", "2", "3"]


@pytest.mark.usefixtures("person")
def test_a_late_callback_comes_after_the_end(here: Here, receiver: Receiver) -> None:
    here.fault("callback-late", times=1, seconds=60)
    call(here, receiver)
    steps = receiver.wait_for("/status", 4)
    assert [step["SequenceNumber"] for step in steps] == ["1", "2", "3", "0"]


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("path", CREATES)
def test_new_things_stay_out_of_listings_for_as_long_as_asked(here: Here, path: str) -> None:
    here.fault("listing-lag", seconds=3_600)
    sid = create(here, path).json()["sid"]
    kind = here.client.calls if path == "Calls.json" else here.client.messages
    assert kind.list(to=PERSON) == []
    assert kind(sid).fetch().sid == sid
    here.control("DELETE", "faults")
    assert [found.sid for found in kind.list(to=PERSON)] == [sid]


def test_failing_lookups_may_be_asked_again(here: Here) -> None:
    here.fault("lookup-failing", times=1)
    with pytest.raises(TwilioRestException) as failed:
        here.client.lookups.v2.phone_numbers(PERSON).fetch()
    assert failed.value.status == 503
    assert here.client.lookups.v2.phone_numbers(PERSON).fetch().valid is True


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "earthquake"},
        {"kind": "callback-lost", "probability": 2},
        {"kind": "callback-lost", "times": 0},
        {"kind": "callback-lost", "sometimes": True},
        {"kind": "callback-lost", "resource": "letters"},
        {"kind": "slow-answer", "seconds": -1},
    ],
)
def test_an_impossible_fault_is_refused_with_one_sentence(here: Here, wrong: dict[str, Any]) -> None:
    answer = requests.post(f"{here.url}/sandbox/faults", json=wrong, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")


def test_stopping_does_not_wait_for_a_slow_answer(here: Here) -> None:
    here.fault("slow-answer", seconds=600)
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.post(
            f"{here.url}/2010-04-01/Accounts/{here.client.account_sid}/Calls.json",
            data={"To": PERSON, "From": NUMBER, "Twiml": SAY}, auth=here.client.auth, timeout=0.1,
        )  # fmt: skip
    started = time.monotonic()
    here.running.stop()
    assert time.monotonic() - started < 3
