"""What a lookup says is believed only in a clear word."""

from datetime import date

import pytest

from orchestrator.carrier import lookup
from orchestrator.domain.contact_request import LineType, ReassignedResult
from orchestrator.domain.errors import AccountMisconfiguredError, CarrierBusyError, CarrierError

NUMBER = "+12125550123"
DAY = date(2024, 5, 7)


@pytest.mark.parametrize(
    ("intelligence", "expected"),
    [
        ({"type": "landline", "error_code": None}, LineType.LANDLINE),
        ({"type": "mobile", "error_code": None}, LineType.MOBILE),
        ({"type": "fixedVoip", "error_code": None}, LineType.VOIP),
        ({"type": "nonFixedVoip", "error_code": None}, LineType.VOIP),
        ({"type": "tollFree", "error_code": None}, LineType.TOLL_FREE),
        ({"type": "personal", "error_code": None}, LineType.UNKNOWN),
        ({"type": "premium", "error_code": None}, LineType.UNKNOWN),
        ({"type": "unknown", "error_code": None}, LineType.UNKNOWN),
        ({"type": "Landline", "error_code": None}, LineType.UNKNOWN),
        ({"type": None, "error_code": None}, LineType.UNKNOWN),
        ({"type": "landline", "error_code": 60600}, LineType.UNKNOWN),
        ({"type": "landline", "error_code": "60601"}, LineType.UNKNOWN),
        ({}, LineType.UNKNOWN),
        (None, LineType.UNKNOWN),
        ("landline", LineType.UNKNOWN),
    ],
)
def test_anything_but_a_clear_word_is_unknown(intelligence: object, expected: LineType) -> None:
    assert lookup.read(NUMBER, True, intelligence).line_type is expected


def test_validity_is_believed_only_when_it_is_said() -> None:
    assert [lookup.read(NUMBER, said, None).valid for said in (True, False, None)] == [True, False, False]


def test_a_lookup_asked_too_often_may_be_asked_again() -> None:
    with pytest.raises(CarrierBusyError):
        lookup.read(NUMBER, True, {"type": None, "error_code": 60616})


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        ({"is_number_reassigned": "yes"}, ReassignedResult.YES),
        ({"is_number_reassigned": "no"}, ReassignedResult.NO),
        ({"is_number_reassigned": "no_data_available"}, ReassignedResult.NO_DATA),
        ({"is_number_reassigned": "No"}, None),
        ({"is_number_reassigned": "maybe"}, None),
        ({"is_number_reassigned": ""}, None),
        ({"is_number_reassigned": None}, None),
        ({"is_number_reassigned": False}, None),
        ({"is_number_reassigned": True}, None),
        ({"is_number_reassigned": ["no"]}, None),
        ({"is_number_reassigned": "no", "error_code": "60600"}, None),
        ({"is_number_reassigned": "no", "error_code": "odd"}, None),
        ({"is_number_reassigned": "no", "last_verified_date": "2024-05-08"}, None),
        ({"is_number_reassigned": "no", "last_verified_date": "20240507"}, None),
        ({"is_number_reassigned": "no", "last_verified_date": None}, None),
    ],
)
def test_reassignment_is_read_as_one_of_three_words_about_the_day_asked(
    package: dict[str, object], expected: ReassignedResult | None
) -> None:
    told = {"last_verified_date": "2024-05-07", "error_code": None, **package}
    assert lookup.read_reassigned(NUMBER, DAY, told).result is expected


@pytest.mark.parametrize("package", [None, "no", {}, []])
def test_an_answer_without_its_package_says_nothing(package: object) -> None:
    assert lookup.read_reassigned(NUMBER, DAY, package).result is None


@pytest.mark.parametrize(("code", "kind"), [("60616", CarrierBusyError), (60606, AccountMisconfiguredError)])
def test_an_error_that_is_not_about_the_number_is_raised(code: object, kind: type[CarrierError]) -> None:
    with pytest.raises(kind):
        lookup.read_reassigned(NUMBER, DAY, {"is_number_reassigned": None, "error_code": code})
