"""Numbers of the account, and what Lookup says of anybody's."""

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.conftest import NUMBER, PERSON, Here

FIELDS = "line_type_intelligence"


def test_a_number_is_made_found_changed_and_released(here: Here) -> None:
    numbers = here.client.incoming_phone_numbers
    made = numbers.create(phone_number=NUMBER, voice_url="https://app.example/voice")
    assert (made.phone_number, made.voice_url) == (NUMBER, "https://app.example/voice")
    sid = str(made.sid)
    assert sid.startswith("PN")
    assert [number.sid for number in numbers.list(phone_number=NUMBER)] == [sid]
    assert numbers.list(phone_number=PERSON) == []
    assert numbers(sid).update(sms_url="https://app.example/sms").sms_url == "https://app.example/sms"
    assert numbers(sid).fetch().voice_url == "https://app.example/voice"
    assert numbers(sid).delete() is True
    with pytest.raises(TwilioRestException):
        numbers(sid).fetch()


@pytest.mark.parametrize("line_type", ["landline", "mobile", "fixedVoip", "nonFixedVoip", "tollFree", None])
def test_the_line_type_is_the_persons(here: Here, line_type: str | None) -> None:
    here.pin(PERSON, line_type=line_type, lookup_error_code=None)
    found = here.client.lookups.v2.phone_numbers(PERSON).fetch(fields=FIELDS)
    assert (found.valid, found.country_code, found.phone_number) == (True, "US", PERSON)
    assert found.line_type_intelligence["type"] == line_type
    assert found.line_type_intelligence["error_code"] is None


def test_an_error_of_the_line_type_stands_inside_of_a_good_answer(here: Here) -> None:
    here.pin(PERSON, lookup_error_code=60600)
    found = here.client.lookups.v2.phone_numbers(PERSON).fetch(fields=f"{FIELDS},validation")
    assert found.line_type_intelligence == {
        "type": None, "carrier_name": None, "mobile_country_code": None, "mobile_network_code": None,
        "error_code": 60600,
    }  # fmt: skip


def test_the_line_type_is_given_only_where_asked_for(here: Here) -> None:
    assert here.client.lookups.v2.phone_numbers(PERSON).fetch().line_type_intelligence is None


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("+1202555", "TOO_SHORT"),
        ("+120255501234", "TOO_LONG"),
        ("+11005550123", "INVALID_BUT_POSSIBLE"),
        ("hello", "NOT_A_NUMBER"),
        ("+0123456789", "INVALID_COUNTRY_CODE"),
    ],
)
def test_a_bad_number_is_a_good_answer(here: Here, number: str, fault: str) -> None:
    found = here.client.lookups.v2.phone_numbers(number).fetch(fields=FIELDS)
    assert (found.valid, found.validation_errors) == (False, [fault])


@pytest.mark.parametrize(("number", "country"), [("+442079460123", "GB"), ("+61491570156", "AU")])
def test_other_countries_are_known(here: Here, number: str, country: str) -> None:
    assert here.client.lookups.v2.phone_numbers(number).fetch().country_code == country
