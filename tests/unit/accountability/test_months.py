"""Months begin and end on their own clock, and a spread is of what was measured."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import UserError
from orchestrator.domain.month import Month, percentile


@pytest.mark.parametrize(
    ("text", "zone", "begins", "ends"),
    [
        ("2026-10", "Europe/London", "2026-09-30T23:00", "2026-11-01T00:00"),  # summer time ends in it
        ("2026-03", "Europe/London", "2026-03-01T00:00", "2026-03-31T23:00"),
        ("2026-12", "UTC", "2026-12-01T00:00", "2027-01-01T00:00"),
        ("2028-02", "Australia/Sydney", "2028-01-31T13:00", "2028-02-29T13:00"),
    ],
)
def test_a_month_lies_between_two_midnights_there(text: str, zone: str, begins: str, ends: str) -> None:
    month = Month.read(text, ZoneInfo(zone))
    assert month.begins == datetime.fromisoformat(begins).replace(tzinfo=UTC)
    assert month.ends == datetime.fromisoformat(ends).replace(tzinfo=UTC)
    assert month.name == text


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026-1", "november", "0000-01", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="write it as in 2026-11"):
        Month.read(text, ZoneInfo("UTC"))


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(1, 100))
def test_so_many_percent_are_no_worse_and_fewer_would_not_do(values: list[float], percent: int) -> None:
    found = percentile(values, percent)
    assert found in values
    assert found is not None
    assert 100 * sum(value <= found for value in values) >= percent * len(values)
    assert 100 * sum(value < found for value in values) < percent * len(values)


def test_nothing_has_no_spread() -> None:
    assert percentile([], 95) is None
