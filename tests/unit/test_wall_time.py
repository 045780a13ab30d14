"""A moment as an agent hears it said."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from orchestrator.domain.errors import UserError
from orchestrator.pipeline.agent_desk.wall_time import read

NEW_YORK, PHOENIX = ZoneInfo("America/New_York"), ZoneInfo("America/Phoenix")
MONDAY_NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # in New York


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("12:01", "2026-11-23T17:01"),
        ("12:00", "2026-11-24T17:00"),  # noon has come
        ("9:30", "2026-11-24T14:30"),
        ("today 18:00", "2026-11-23T23:00"),
        ("Tomorrow 0:00", "2026-11-24T05:00"),
        ("mon 12:01", "2026-11-23T17:01"),
        ("monday 11:59", "2026-11-30T16:59"),
        ("fri 23:59", "2026-11-28T04:59"),
        ("2026-11-27 15:30", "2026-11-27T20:30"),
        ("2027-03-14 02:30", "2027-03-14T07:30"),  # skipped that night: an hour later on the clock, never earlier
    ],
)
def test_the_next_such_moment_on_the_persons_clock_is_meant(text: str, moment: str) -> None:
    assert read(text, NEW_YORK, MONDAY_NOON) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_the_same_words_are_another_moment_elsewhere() -> None:
    assert read("15:30", PHOENIX, MONDAY_NOON) == datetime(2026, 11, 23, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("soon", "is no time"),
        ("25:00", "is no time"),
        ("15:60", "is no time"),
        ("someday 15:30", "names no day"),
        ("2026-02-30 15:30", "names no day"),
        ("today 11:59", "has passed"),
        ("2026-11-22 15:30", "has passed"),
    ],
)
def test_what_cannot_be_meant_is_said(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        read(text, NEW_YORK, MONDAY_NOON)
