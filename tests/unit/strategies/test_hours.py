"""A week's hours on clocks that change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.campaign import Hours
from orchestrator.domain.local_hours import WEEKDAYS
from orchestrator.strategies.hours import opening

NEW_YORK = ZoneInfo("America/New_York")
WORKDAYS: Hours = {day: ((time(9, 30), time(12, 30)), (time(13, 30), time(19))) for day in WEEKDAYS[:5]}


def eastern(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-03-02T09:29:59", "2026-03-02T09:30:00"),
        ("2026-03-02T09:30:00", "2026-03-02T09:30:00"),
        ("2026-03-02T12:29:59", "2026-03-02T12:29:59"),
        ("2026-03-02T12:30:00", "2026-03-02T13:30:00"),
        ("2026-03-02T19:00:00", "2026-03-03T09:30:00"),
        ("2026-03-06T19:00:00", "2026-03-09T09:30:00"),  # over the weekend on which the clocks change
    ],
)
def test_hours_open_half_open(moment: str, opens: str) -> None:
    assert opening(WORKDAYS, eastern(moment), ("America/New_York",)) == eastern(opens)


def test_an_opening_that_a_clock_change_skips_opens_later_that_day() -> None:
    hours: Hours = {"sun": ((time(2, 30), time(5)),)}
    opens = opening(hours, eastern("2026-03-08T01:00"), ("America/New_York",))
    assert opens == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert opens.astimezone(NEW_YORK).time() == time(3, 30)


def test_no_shared_hour_is_said() -> None:
    hours: Hours = {"mon": ((time(9), time(10)),)}
    assert opening(hours, eastern("2026-03-02T08:00"), ("America/New_York", "Pacific/Honolulu")) is None


@given(
    st.integers(0, 365 * 86400).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)),
    st.lists(st.sampled_from(["America/New_York", "America/Los_Angeles", "Europe/London"]), min_size=1, unique=True),
)
def test_what_is_open_is_open_in_every_zone_and_nothing_earlier_is(moment: datetime, zones: list[str]) -> None:
    hours: Hours = {day: ((time(8), time(22)),) for day in WEEKDAYS}
    opens = opening(hours, moment, zones)
    assert opens is not None
    assert opens >= moment
    assert all(time(8) <= opens.astimezone(ZoneInfo(zone)).time() < time(22) for zone in zones)
    if opens > moment:
        before = opens - timedelta(microseconds=1)
        assert not all(time(8) <= before.astimezone(ZoneInfo(zone)).time() < time(22) for zone in zones)
