"""A line type is believed only in a clear word."""

import pytest

from orchestrator.carrier import lookup
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.errors import CarrierBusyError

NUMBER = "+12125550123"


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
