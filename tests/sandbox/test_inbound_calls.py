"""People who ring one of the numbers."""

from tests.sandbox.conftest import NUMBER, PERSON, TOKEN, Here
from tests.sandbox.receiver import Receiver


def test_a_caller_reaches_the_numbers_document_and_presses_keys(here: Here, receiver: Receiver) -> None:
    url = receiver.answers(
        "/voice", "<Gather numDigits='1' action='/keys'><Say>Press 9 to be left alone</Say></Gather>"
    )
    here.client.incoming_phone_numbers.create(
        phone_number=NUMBER, voice_url=url, status_callback=f"{receiver.url}/status"
    )
    here.control("POST", "inbound-calls", {"from": PERSON, "to": NUMBER, "presses": "9"})
    [asked] = receiver.wait_for("/voice")
    assert (asked["Direction"], asked["CallStatus"], asked["From"]) == ("inbound", "ringing", PERSON)
    assert asked.is_signed_with(TOKEN)
    assert receiver.wait_for("/keys")[0]["Digits"] == "9"
    assert receiver.wait_for_end()[-1]["CallStatus"] == "completed"
    assert here.report()["dials_by_number"] == {}


def test_a_rejected_caller_was_never_answered(here: Here, receiver: Receiver) -> None:
    url = receiver.answers("/voice", "<Reject reason='busy'/>")
    here.client.incoming_phone_numbers.create(
        phone_number=NUMBER, voice_url=url, status_callback=f"{receiver.url}/status"
    )
    here.control("POST", "inbound-calls", {"from": PERSON, "to": NUMBER})
    end = receiver.wait_for_end()[-1]
    assert (end["CallStatus"], end["CallDuration"]) == ("busy", "0")
