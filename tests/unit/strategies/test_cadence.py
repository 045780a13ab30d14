"""Rests grow with the attempts, and end in the best hours of their own day."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.contact_request import Channel
from orchestrator.strategies.cadence import Cadence
from tests.unit.strategies.builders import CADENCE, CONFIG, NOW

DEMO = Cadence.parse((CONFIG / "cadences.toml").read_text("utf-8"), "demo")
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("outcome", "attempts", "rest"),
    [
        (Outcome.BUSY, 1, 0.5 * HOUR),
        (Outcome.BUSY, 2, 2 * HOUR),
        (Outcome.BUSY, 3, 20 * HOUR),
        (Outcome.BUSY, 9, 20 * HOUR),
        (Outcome.NO_ANSWER, 1, 20 * HOUR),
        (Outcome.NO_ANSWER, 2, 44 * HOUR),
        (Outcome.MACHINE, 1, 20 * HOUR),
        (Outcome.FAILED, 1, 2 * HOUR),
        (Outcome.ABANDONED, 1, 72 * HOUR),
        (Outcome.NEVER_SENT, 0, 72 * timedelta(seconds=1)),
        (Outcome.REACHED, 1, 72 * HOUR),
    ],
)
def test_a_rest_depends_on_the_outcome_and_the_attempts(outcome: Outcome, attempts: int, rest: timedelta) -> None:
    assert CADENCE.rest_after(outcome, attempts, NOW) == NOW + rest


def test_the_demo_rests_minutes() -> None:
    assert DEMO.rest_after(Outcome.BUSY, 1, NOW) == NOW + timedelta(minutes=2)
    assert DEMO.patience_seconds == 300
    assert DEMO.per_number == {Channel.VOICE: 4, Channel.SMS: 2}


def test_after_an_abandoned_call_even_the_demo_rests_three_days() -> None:
    assert DEMO.rest_after(Outcome.ABANDONED, 1, NOW) == NOW + timedelta(hours=72)


@pytest.mark.parametrize(
    ("moment", "preferred"),
    [
        ("2026-03-02T10:00", "2026-03-02T17:00"),  # Monday
        ("2026-03-02T17:00", "2026-03-02T17:00"),
        ("2026-03-02T19:59", "2026-03-02T19:59"),
        ("2026-03-02T20:00", "2026-03-02T20:00"),  # over for today: never another day
        ("2026-03-07T10:00", "2026-03-07T11:00"),  # Saturday
        ("2026-03-07T14:00", "2026-03-07T14:00"),
    ],
)
def test_best_hours_delay_within_the_day_alone(moment: str, preferred: str) -> None:
    offset = timedelta(hours=5)  # New York in winter
    at, expected = (datetime.fromisoformat(text).replace(tzinfo=UTC) + offset for text in (moment, preferred))
    assert CADENCE.preferred(at, ("America/New_York",)) == expected


def test_of_several_zones_the_latest_start_counts() -> None:
    zones = ("America/New_York", "America/Los_Angeles")
    assert CADENCE.preferred(NOW, zones) == datetime(2026, 3, 3, 1, tzinfo=UTC)


def test_without_zones_nothing_is_preferred() -> None:
    assert CADENCE.preferred(NOW, ()) == NOW
