"""A machine greets, beeps, and records what is said after that."""

import pytest

from tests.sandbox.conftest import NUMBER, PERSON, Here
from tests.sandbox.receiver import Receiver, eventually

MESSAGE = "<Response><Say>Acme Roofing called about your roof</Say><Hangup/></Response>"


def call(here: Here, receiver: Receiver, document: str, outcome: str = "machine", **wishes: str) -> str:
    here.pin(PERSON, outcomes=[outcome], ring_seconds=1, greeting_seconds=6, detected_as=outcome)
    receiver.answers("/answer", document)
    return str(here.client.calls.create(to=PERSON, from_=NUMBER, url=f"{receiver.url}/answer", **wishes).sid)


def test_what_is_said_once_detection_knows_the_greeting_is_over_is_recorded_whole(
    here: Here, receiver: Receiver
) -> None:
    sid = call(here, receiver, "<Say>Acme Roofing called about your roof</Say>", machine_detection="DetectMessageEnd")
    receiver.wait_for("/answer")
    eventually(lambda: here.row(sid)["status"] == "completed")
    heard = here.heard(sid)
    assert heard.index("greeting_end") < heard.index("beep") < heard.index("information_message")
    assert here.row(sid)["mailbox"] == "Acme Roofing called about your roof"


def test_what_is_said_into_the_greeting_is_not(here: Here, receiver: Receiver) -> None:
    sid = call(here, receiver, "<Say>Hello</Say><Pause length='10'/>")
    eventually(lambda: here.row(sid)["status"] == "completed")
    assert here.row(sid)["mailbox"] == ""


@pytest.mark.parametrize("outcome", ["human", "fax"])
def test_nobody_else_has_a_mailbox(here: Here, receiver: Receiver, outcome: str) -> None:
    sid = call(here, receiver, "<Say>Hello</Say>", outcome)
    eventually(lambda: here.row(sid)["status"] == "completed")
    assert here.row(sid)["mailbox"] is None


def test_a_live_call_is_taken_to_the_message_out_of_its_conference(here: Here, receiver: Receiver) -> None:
    verdict = {"async_amd": "true", "async_amd_status_callback": f"{receiver.url}/amd"}
    sid = call(here, receiver, "<Dial><Conference>room</Conference></Dial>",
               machine_detection="DetectMessageEnd", **verdict)  # fmt: skip
    [told] = receiver.wait_for("/amd")
    assert told["AnsweredBy"] == "machine_end_beep"
    here.client.calls(sid).update(twiml=MESSAGE)
    eventually(lambda: here.row(sid)["status"] == "completed")
    assert here.row(sid)["mailbox"] == "Acme Roofing called about your roof"
