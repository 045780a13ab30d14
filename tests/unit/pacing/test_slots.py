"""Send slots never let out more than the rate and its burst."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.pacing.slots import give_back, take

NOW = datetime(2026, 3, 2, 17, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("rate", "burst_seconds", "want", "granted"),
    [
        (1.0, 0.0, 5, 1),
        (1.0, 2.0, 5, 3),
        (10.0, 1.0, 5, 5),
        (10.0, 1.0, 50, 11),
        (0.5, 0.0, 1, 1),
        (0.0, 5.0, 1, 0),
        (10.0, 1.0, 0, 0),
    ],
)
def test_a_rested_limit_lets_out_its_burst_and_one(rate: float, burst_seconds: float, want: int, granted: int) -> None:
    assert take(NOW - 60 * SECOND, NOW, rate, burst_seconds, want)[0] == granted


def test_the_next_slot_comes_one_interval_later() -> None:
    granted, tat = take(NOW, NOW, 4.0, 0.0, 1)
    assert (granted, tat) == (1, NOW + SECOND / 4)
    assert take(tat, NOW + SECOND / 4 - timedelta(microseconds=1), 4.0, 0.0, 1) == (0, tat)
    assert take(tat, NOW + SECOND / 4, 4.0, 0.0, 1)[0] == 1


def test_what_is_given_back_can_be_taken_again() -> None:
    granted, tat = take(NOW, NOW, 1.0, 2.0, 3)
    assert granted == 3
    assert take(tat, NOW, 1.0, 2.0, 1)[0] == 0
    assert take(give_back(tat, 1.0, 2), NOW, 1.0, 2.0, 5)[0] == 2


def test_giving_back_late_never_makes_a_burst_larger() -> None:
    _, tat = take(NOW, NOW, 1.0, 2.0, 3)
    assert take(give_back(tat, 1.0, 3), NOW + 3600 * SECOND, 1.0, 2.0, 99)[0] == 3


@given(
    st.floats(0.1, 50),
    st.floats(0, 3),
    st.lists(st.tuples(st.floats(0, 2), st.integers(0, 20)), min_size=1, max_size=60),
)
def test_in_any_span_no_more_than_the_rate_and_its_burst_go(
    rate: float, burst_seconds: float, asked: list[tuple[float, int]]
) -> None:
    tat, now = NOW, NOW
    sent: list[tuple[datetime, int]] = []
    for wait, want in asked:
        now += timedelta(seconds=wait)
        granted, tat = take(tat, now, rate, burst_seconds, want)
        sent.append((now, granted))
    for start, (first, _) in enumerate(sent):
        for until, (last, _) in enumerate(sent[start:], start):
            let_out = sum(granted for _, granted in sent[start : until + 1])
            assert let_out <= rate * ((last - first).total_seconds() + burst_seconds) + 1 + 1e-6
