"""Every rule of hours at each of its edges, from the hand-written rows of windows.toml."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from orchestrator.domain.decision import Verdict
from tests.rules.questions import ask

Row = dict[str, Any]
TABLE: dict[str, list[Row]] = tomllib.loads((Path(__file__).parent / "windows.toml").read_text("utf-8"))
WINDOWS, SPECIAL, LIBRARY = TABLE["window"], TABLE["special"], TABLE["library"]
DAYS = {"mon_fri": 0, "sat": 5, "sun": 6}  # how far from the Monday of the week that is tried
WEEK = "2026-11-16"
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
CLOSED, OPEN = Verdict.HOLD, Verdict.ALLOW


def named(row: Row) -> str:
    return f"{row['rule']} in {row['zone']}"


def said(row: Row, wall: datetime) -> Verdict | None:
    """What the rule says at that wall time; None where it does not bind."""
    at = wall.replace(tzinfo=ZoneInfo(row["zone"])).isoformat()
    answer = ask(row.get("base", "us"), at, row["set"])
    return next((rule.verdict for rule in answer.rules if rule.rule == row["rule"]), None)


def edges(spans: list[str], day: str) -> Iterator[tuple[datetime, Verdict]]:
    """Each opening and closing of that date with what holds just before, at and just after it."""
    for span in spans:
        opens, closes = (datetime.fromisoformat(f"{day}T{wall}:00") for wall in span.split("-"))
        yield from ((opens + away, OPEN) for away in (timedelta(0), MINUTE))
        yield from ((closes - away, OPEN) for away in (MINUTE, SECOND))
        yield from ((closes + away, CLOSED) for away in (timedelta(0), MINUTE))
        yield from ((opens - away, CLOSED) for away in (MINUTE, SECOND) if opens.time() != datetime.min.time())


def all_day(day: str) -> Iterator[tuple[datetime, Verdict]]:
    midnight = datetime.fromisoformat(day)
    return ((midnight + timedelta(hours=hour), CLOSED) for hour in (0, 8, 12, 17, 23))


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("row", WINDOWS, ids=named)
def test_each_day_opens_and_closes_at_the_second(row: Row, day: str) -> None:
    monday = datetime.fromisoformat(row.get("week", WEEK))
    date = (monday + timedelta(days=DAYS[day])).date().isoformat()
    expected = list(edges(row[day], date) if row[day] else all_day(date))
    assert [(wall, said(row, wall)) for wall, _ in expected] == expected


@pytest.mark.parametrize("row", [row for row in WINDOWS if "closed" in row], ids=named)
def test_holidays_close_it_and_it_opens_again(row: Row) -> None:
    for holiday, after in row["closed"]:
        noon, later = (datetime.fromisoformat(f"{day}T12:00:00") for day in (holiday, after))
        assert (said(row, noon), said(row, later)) == (CLOSED, OPEN), holiday


@pytest.mark.parametrize("row", SPECIAL, ids=lambda row: f"{named(row)} on {row['day']}")
def test_some_days_have_hours_of_their_own(row: Row) -> None:
    expected = list(edges(row["hours"], row["day"]))
    assert [(wall, said(row, wall)) for wall, _ in expected] == expected


@pytest.mark.parametrize("row", LIBRARY, ids=named)
def test_the_library_of_holidays_is_corrected(row: Row) -> None:
    for day in row["closed"]:
        assert said(row, datetime.fromisoformat(f"{day}T12:00:00")) is CLOSED, day
    for day in row["open"]:
        assert said(row, datetime.fromisoformat(f"{day}T12:30:00")) is OPEN, day


@pytest.mark.parametrize("row", [row for row in WINDOWS if "texts" in row], ids=named)
def test_texts_are_bound_where_the_rule_names_them(row: Row) -> None:
    noon = datetime.fromisoformat(f"{WEEK}T12:00:00")
    assert (said(row | {"base": "us-sms"}, noon) is not None) == row["texts"]


def test_a_state_without_hours_of_its_own_has_the_federal_ones() -> None:
    at = datetime(2026, 11, 16, 8, tzinfo=ZoneInfo("America/Phoenix"))
    change = {"contact.number": "+16025550123"}
    assert ask("us", at.isoformat(), change).verdict is Verdict.ALLOW
    assert ask("us", (at - SECOND).isoformat(), change).next_allowed_at == at.astimezone(UTC)
