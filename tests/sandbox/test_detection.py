"""Who answered: before the document runs, or beside it."""

from typing import Any

import pytest

from tests.sandbox.conftest import NUMBER, PERSON, TOKEN, Here
from tests.sandbox.receiver import Receiver

ALL = ["initiated", "ringing", "answered", "completed"]


def call(here: Here, receiver: Receiver, **wishes: Any) -> str:
    receiver.answers("/answer", "<Pause length='60'/>")
    told = {"status_callback": f"{receiver.url}/status", "status_callback_event": ALL}
    settings = {"url": f"{receiver.url}/answer?a=1", **told, **wishes}
    return str(here.client.calls.create(to=PERSON, from_=NUMBER, **settings).sid)


@pytest.mark.parametrize(
    ("outcome", "mode", "word"),
    [
        ("human", "Enable", "human"),
        ("machine", "Enable", "machine_start"),
        ("machine", "DetectMessageEnd", "machine_end_beep"),
        ("fax", "Enable", "fax"),
    ],
)
def test_detection_first_fetches_the_document_only_after_the_verdict(
    here: Here, receiver: Receiver, outcome: str, mode: str, word: str
) -> None:
    here.pin(PERSON, outcomes=[outcome], ring_seconds=1, patience_seconds=30)
    sid = call(here, receiver, machine_detection=mode)
    [asked] = receiver.wait_for("/answer")
    assert asked["AnsweredBy"] == word
    assert asked["CallStatus"] == "in-progress"
    assert asked.is_signed_with(TOKEN)
    assert here.client.calls(sid).fetch().answered_by == word
    here.client.calls(sid).update(status="completed")
    assert receiver.wait_for_end()[-1]["AnsweredBy"] == word


def test_detection_beside_the_call_fetches_at_once_and_tells_the_verdict_later(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["machine"], ring_seconds=1, detection_seconds=20)
    verdict = {"async_amd": "true", "async_amd_status_callback": f"{receiver.url}/amd?a=1"}
    sid = call(here, receiver, machine_detection="Enable", **verdict)
    [told] = receiver.wait_for("/amd")
    [asked] = receiver.at("/answer")
    assert receiver.deliveries.index(asked) < receiver.deliveries.index(told)
    assert "AnsweredBy" not in asked.form
    assert told.form.keys() == {"CallSid", "AccountSid", "AnsweredBy", "MachineDetectionDuration"}
    assert (told["CallSid"], told["AnsweredBy"], told["MachineDetectionDuration"]) == (sid, "machine_start", "20000")
    assert told.is_signed_with(TOKEN)


def test_the_text_true_with_a_capital_is_not_asynchronous(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1)
    verdict = {"async_amd": "True", "async_amd_status_callback": f"{receiver.url}/amd"}
    call(here, receiver, machine_detection="Enable", **verdict)
    [asked] = receiver.wait_for("/answer")
    assert asked["AnsweredBy"] == "human"
    assert receiver.at("/amd") == []
    assert here.report()["values_seen"]["POST Calls"]["AsyncAmd"] == {"True": 1}


def test_a_person_who_talks_longer_than_the_threshold_is_taken_for_a_machine(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1, greeting_seconds=2.5)
    call(here, receiver, machine_detection="Enable")
    assert receiver.wait_for("/answer")[0]["AnsweredBy"] == "machine_start"


def test_a_detection_that_runs_out_of_time_is_unknown(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["machine"], ring_seconds=1, greeting_seconds=20)
    call(here, receiver, machine_detection="DetectMessageEnd", machine_detection_timeout=5)
    assert receiver.wait_for("/answer")[0]["AnsweredBy"] == "unknown"


def test_someone_who_hangs_up_before_the_verdict_never_hears_the_document(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1, hangs_up_before_bridge=True, detection_seconds=20)
    call(here, receiver, machine_detection="Enable")
    last = receiver.wait_for_end()[-1]
    assert last["CallStatus"] == "completed"
    assert "AnsweredBy" not in last.form
    assert receiver.at("/answer") == []


def test_digits_to_send_switch_detection_off(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1)
    call(here, receiver, machine_detection="Enable", send_digits="1")
    assert "AnsweredBy" not in receiver.wait_for("/answer")[0].form
