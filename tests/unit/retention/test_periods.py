"""Periods end on the calendar, never early; whoever asks from either end hears the same."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.retention import ONE_TICK, Period

SINCE_1970 = (1_420_070_400_000_000, 2_208_988_800_000_000)  # 2015 to 2040, in microseconds
MOMENTS = st.integers(*SINCE_1970).map(lambda tick: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=tick))
PERIODS = st.builds(Period, st.integers(0, 130), st.integers(0, 400)).filter(lambda period: period.fewest_days > 0)
FIVE_YEARS, ONE_MONTH, THIRTY_DAYS = Period(60), Period(1), Period(0, 30)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "began", "ends"),
    [
        (FIVE_YEARS, "2021-11-22T10:00:00", "2026-11-22T10:00:00"),
        (FIVE_YEARS, "2024-02-29T10:00:00", "2029-03-01T00:00:00"),  # there is no such day: the 28th stays whole
        (FIVE_YEARS, "2024-02-28T10:00:00", "2029-02-28T10:00:00"),
        (Period(48), "2024-02-29T10:00:00", "2028-02-29T10:00:00"),
        (ONE_MONTH, "2026-01-31T23:59:59", "2026-03-01T00:00:00"),
        (ONE_MONTH, "2026-12-31T08:00:00", "2027-01-31T08:00:00"),
        (ONE_MONTH, "2026-08-31T08:00:00", "2026-10-01T00:00:00"),
        (THIRTY_DAYS, "2026-02-20T08:00:00", "2026-03-22T08:00:00"),
        (Period(12), "2025-12-31T23:59:59", "2026-12-31T23:59:59"),
    ],
)
def test_a_period_ends_on_the_same_day_or_when_the_month_without_it_is_over(
    period: Period, began: str, ends: str
) -> None:
    assert period.end_of(utc(began)) == utc(ends)
    assert period.last_start(utc(ends)) >= utc(began), "over at its end"
    assert period.last_start(utc(ends) - ONE_TICK) < utc(began), "and not a tick before"


@given(MOMENTS, MOMENTS, PERIODS)
def test_both_ways_of_asking_agree(began: datetime, now: datetime, period: Period) -> None:
    assert (began <= period.last_start(now)) == (period.end_of(began) <= now)


@given(MOMENTS, PERIODS, st.integers(-2, 2))
def test_both_ways_of_asking_agree_at_the_very_end(began: datetime, period: Period, ticks: int) -> None:
    now = period.end_of(began) + ticks * ONE_TICK
    assert (began <= period.last_start(now)) == (ticks >= 0)


@given(MOMENTS, MOMENTS, PERIODS)
def test_what_began_later_never_goes_sooner(one: datetime, other: datetime, period: Period) -> None:
    first, second = sorted((one, other))
    assert period.end_of(first) <= period.end_of(second)


@given(MOMENTS, PERIODS)
def test_a_period_never_ends_early(began: datetime, period: Period) -> None:
    """Against a count of days that no calendar can make shorter."""
    assert period.end_of(began) - began >= timedelta(days=period.fewest_days)


@pytest.mark.parametrize(
    ("period", "words"), [(FIVE_YEARS, "5 years"), (Period(18), "1 year 6 months"), (Period(0, 1), "1 day")]
)
def test_a_period_is_said_as_people_say_it(period: Period, words: str) -> None:
    assert str(period) == words
