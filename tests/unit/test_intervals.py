"""Time parted into intervals, and whose time it was."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from orchestrator.domain.agent import AgentState
from orchestrator.domain.intervals import Interval, intervals, seconds_by_state

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


@pytest.mark.parametrize(("minutes", "lengths"), [(0, []), (1, [1]), (15, [15]), (15.5, [15, 0.5]), (45, [15, 15, 15])])
def test_the_last_interval_ends_with_the_time(minutes: float, lengths: list[float]) -> None:
    parts = intervals(NINE, at(minutes), QUARTER)
    assert [(part.ends - part.begins) / timedelta(minutes=1) for part in parts] == lengths


DAY = [
    ("away", at(-900)),
    ("ready", at(0)),
    ("connecting", at(5)),
    ("talking", at(5)),
    ("wrapping", at(14)),
    ("away", at(16)),
    ("ready", at(26)),
]


def test_a_state_is_parted_where_an_interval_ends() -> None:
    first, second = (seconds_by_state(DAY, part, at(30)) for part in intervals(NINE, at(30), QUARTER))
    assert first == {"ready": 300, "talking": 540, "wrapping": 60}
    assert second == {"wrapping": 60, "paused": 600, "ready": 240}


@pytest.mark.parametrize(("minutes", "paused"), [(120, 7200), (120.02, None)])
def test_being_away_is_a_pause_as_long_as_a_break(minutes: float, paused: float | None) -> None:
    spans = [("talking", at(0)), ("away", at(1)), ("ready", at(1 + minutes))]
    assert seconds_by_state(spans, Interval(NINE, at(600)), at(300)).get("paused") == paused


def test_being_away_before_any_work_is_no_pause() -> None:
    assert seconds_by_state([("away", at(0))], Interval(NINE, at(15)), at(15)) == {}
    assert seconds_by_state([], Interval(NINE, at(15)), at(15)) == {}


@given(
    lengths=some.lists(
        some.tuples(some.sampled_from([state for state in AgentState if state != "away"]), some.integers(0, 5000)),
        min_size=1,
        max_size=30,
    ),
    every=some.integers(1, 8),
)
def test_the_intervals_together_are_the_whole_time(lengths: list[tuple[AgentState, int]], every: int) -> None:
    moments = [NINE]
    for _, seconds in lengths:
        moments.append(moments[-1] + timedelta(seconds=seconds))
    spans = [(state.value, moment) for (state, _), moment in zip(lengths, moments, strict=False)]
    parts = intervals(NINE, moments[-1], every * QUARTER)
    found = [seconds_by_state(spans, part, moments[-1]) for part in parts]
    assert sum(sum(part.values()) for part in found) == (moments[-1] - NINE).total_seconds()
    for part, spent in zip(parts, found, strict=True):
        assert sum(spent.values()) == (part.ends - part.begins).total_seconds()
