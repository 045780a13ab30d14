"""A profile loses the person, and a text keeps its length."""

import pytest

from orchestrator.domain.message_text import render, segments
from orchestrator.rehearsal.masking import masked, shape
from tests.world import a_plan

PROFILE = {"first_name": "Ada", "last_name": "Abbot", "address": "1 High Street", "postal_code": "10001"}


def test_only_what_the_gate_asks_for_and_what_the_texts_name_comes_along() -> None:
    assert masked(PROFILE, a_plan("Spring", voice=True, sms=False)) == {"postal_code": "10001"}
    assert masked(PROFILE, a_plan("Spring", voice=False, sms=True)) == {"postal_code": "10001", "first_name": "xxx"}


def test_a_field_that_is_empty_stays_a_hole() -> None:
    assert "first_name" not in masked({"first_name": ""}, a_plan("Spring", voice=False, sms=True))


@pytest.mark.parametrize("name", ["Ada", "Zoë", "[Ada]", "Łukasz", "Ada 😀", "x" * 160, "ż" * 71, "€" * 81])
def test_a_shape_takes_as_many_segments_as_the_value(name: str) -> None:
    template = "{first_name}, your check is due."
    real, rehearsed = render(template, {"first_name": name}), render(template, {"first_name": shape(name)})
    assert segments(rehearsed) == segments(real)
    assert not set("AdaZoëŁukż") & set(shape(name))
