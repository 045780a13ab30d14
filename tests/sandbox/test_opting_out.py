"""Twilio's own handling of STOP, by what it came to."""

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.conftest import PERSON, Here, MakeSandbox
from tests.sandbox.receiver import Receiver

OPTED_OUT = 21610
NUMBER, TOLL_FREE, SHORT_CODE = "+12025550100", "+18005550101", "12345"


def say(here: Here, body: str, to: str = NUMBER) -> None:
    here.control("POST", "inbound-messages", {"from": PERSON, "to": to, "body": body})


def is_blocked(here: Here, **sender: str) -> bool:
    try:
        here.client.messages.create(to=PERSON, body="hello", **sender)
    except TwilioRestException as error:
        return bool(error.code == OPTED_OUT)
    return False


def answers(here: Here) -> int:
    return len(here.messages(direction="outbound-reply"))


def test_yes_opens_nothing_at_a_toll_free_number_and_unstop_does(here: Here) -> None:
    here.pin(PERSON, line_type="mobile")
    for body, blocked in (("STOP", True), ("YES", True), ("UNSTOP", False)):
        say(here, body, TOLL_FREE)
        assert is_blocked(here, from_=TOLL_FREE) is blocked, body


def test_a_short_code_is_left_to_its_owner(here: Here) -> None:
    here.pin(PERSON, line_type="mobile")
    for body in ("STOP", "HELP"):
        say(here, body, SHORT_CODE)
    assert not is_blocked(here, from_=SHORT_CODE)
    assert answers(here) == 0


def test_a_stop_is_confirmed_once_by_twilio_itself(here: Here) -> None:
    for _ in range(3):
        say(here, "STOP")
    assert answers(here) == 1


def test_a_sender_whose_owner_answers_is_left_alone(here: Here) -> None:
    here.pin(PERSON, line_type="mobile")
    here.control("POST", "account", {"own_stops": [NUMBER]})
    say(here, "STOP")
    assert not is_blocked(here, from_=NUMBER)
    assert answers(here) == 0


def test_advanced_opt_out_binds_the_service_and_tells_what_was_answered(
    make_sandbox: MakeSandbox, receiver: Receiver
) -> None:
    here = make_sandbox(inbound_url=f"{receiver.url}/inbound", numbers=(NUMBER, "+12025550101"))
    here.pin(PERSON, line_type="mobile")
    service = here.client.messaging.v1.services.create(friendly_name="Acme")
    for number in here.client.incoming_phone_numbers.list():
        service.phone_numbers.create(phone_number_sid=number.sid)
    here.control("POST", "account", {"advanced_opt_out": {service.sid: True}})
    say(here, "STOP")
    [told] = receiver.wait_for("/inbound")
    assert (told["OptOutType"], told["MessagingServiceSid"]) == ("STOP", service.sid)
    assert is_blocked(here, messaging_service_sid=service.sid)
    assert is_blocked(here, from_="+12025550101"), "the whole service"


@pytest.mark.parametrize("wishes", [{"day": "soon", "numbers": []}, {"day": "2026-11-22"}, {"numbers": ["+1"]}])
def test_a_days_list_that_cannot_be_is_refused(here: Here, wishes: dict[str, object]) -> None:
    answer = requests.post(f"{here.url}/sandbox/deactivations", json=wishes, timeout=5)
    assert answer.status_code == 400
