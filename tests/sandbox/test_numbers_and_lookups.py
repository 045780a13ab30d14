"""Numbers of the account, and what Lookup says of anybody's."""

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.conftest import NUMBER, PERSON, Here, MakeSandbox

FIELDS = "line_type_intelligence"
REASSIGNED = "reassigned_number"


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


def test_reassignment_is_told_by_number_and_day(here: Here) -> None:
    here.pin(PERSON, disconnected_on="2024-05-07")
    fetch = here.client.lookups.v2.phone_numbers(PERSON).fetch
    told = [fetch(fields=REASSIGNED, last_verified_date=day).reassigned_number for day in ("20240507", "20240508")]
    assert told == [
        {"last_verified_date": "2024-05-07", "is_number_reassigned": "yes", "error_code": None},
        {"last_verified_date": "2024-05-08", "is_number_reassigned": "no", "error_code": None},
    ]


def test_the_population_is_the_same_each_time_and_some_numbers_were_reassigned(make_sandbox: MakeSandbox) -> None:
    numbers = [f"+1212555{index:04d}" for index in range(200)]

    def told(here: Here) -> list[str]:
        look = here.client.lookups.v2.phone_numbers
        answers = [look(n).fetch(fields=REASSIGNED, last_verified_date="20210127").reassigned_number for n in numbers]
        return [answer["is_number_reassigned"] for answer in answers]

    first = told(make_sandbox())
    assert told(make_sandbox()) == first
    assert 0 < first.count("yes") < 20


@pytest.mark.parametrize(
    ("number", "query", "code"),
    [
        ("+442079460123", {"last_verified_date": "20240507"}, "60600"),
        (PERSON, {}, "60617"),
    ],
)
def test_an_error_of_reassignment_stands_inside_of_a_good_answer(
    here: Here, number: str, query: dict[str, str], code: str
) -> None:
    found = here.client.lookups.v2.phone_numbers(number).fetch(fields=REASSIGNED, **query).reassigned_number
    assert (found["is_number_reassigned"], found["error_code"]) == (None, code)


def test_an_account_without_approval_is_told_so_inside(here: Here) -> None:
    here.pin(PERSON, reassigned_error_code=60606)
    query = {"fields": REASSIGNED, "last_verified_date": "20240507"}
    found = here.client.lookups.v2.phone_numbers(PERSON).fetch(**query).reassigned_number
    assert found == {"last_verified_date": "2024-05-07", "is_number_reassigned": None, "error_code": "60606"}


@pytest.mark.parametrize("day", ["2024-05-07", "20240230", "soon"])
def test_a_day_that_is_none_is_refused(here: Here, day: str) -> None:
    with pytest.raises(TwilioRestException) as raised:
        here.client.lookups.v2.phone_numbers(PERSON).fetch(fields=REASSIGNED, last_verified_date=day)
    assert raised.value.status == 400
