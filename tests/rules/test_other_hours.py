"""Hours beside the states' own for live calls, written out once more by hand and tried at each edge.

Columns: the rule, the base question, a number, a postal code that places it, its zone, Monday to Friday, Saturday,
Sunday, and what else changes. Hours are HH:MM-HH:MM; - is closed.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from orchestrator.domain.decision import Verdict
from tests.rules.questions import Json, ask

RECORDED: Json = {"attempt.mode": "prerecorded"}
RESEARCH: Json = {"campaign.purpose": "research"}
FUNDRAISING: Json = {"campaign.purpose": "fundraising"}
REMINDER: Json = {"campaign.purpose": "informational", "attempt.mode": "prerecorded"}
DMA: Json = {"campaign.codes": ["uk-dma"]}
US, LONDON, TORONTO, SYDNEY = "+18005550123", "Europe/London", "America/Toronto", "Australia/Sydney"
EIGHT_NINE, NINE_NINE = "08:00-21:00", "09:00-21:00"

ROWS = [
    ("us.fcc.calling-window", "us", US, "30303", "America/New_York", EIGHT_NINE, EIGHT_NINE, EIGHT_NINE, {}),
    ("us.fcc.text-window", "us-sms", US, "30303", "America/New_York", EIGHT_NINE, EIGHT_NINE, EIGHT_NINE, {}),
    (
        "us.tsr.fundraiser-window",
        "us",
        US,
        "30303",
        "America/New_York",
        EIGHT_NINE,
        EIGHT_NINE,
        EIGHT_NINE,
        FUNDRAISING,
    ),
    ("us.regf.calling-window", "debt", US, "30303", "America/New_York", EIGHT_NINE, EIGHT_NINE, EIGHT_NINE, {}),
    ("us-ca.recorded-window", "us", US, "90001", "America/Los_Angeles", NINE_NINE, NINE_NINE, NINE_NINE, RECORDED),
    ("us-ga.recorded-window", "us", US, "30303", "America/New_York", EIGHT_NINE, EIGHT_NINE, EIGHT_NINE, RECORDED),
    ("us-il.recorded-window", "us", US, "60601", "America/Chicago", NINE_NINE, NINE_NINE, NINE_NINE, RECORDED),
    (
        "us-in.recorded-window",
        "us",
        US,
        "46201",
        "America/Indiana/Indianapolis",
        "09:00-20:00",
        "09:00-20:00",
        "09:00-20:00",
        RECORDED,
    ),
    ("us-me.recorded-window", "us", US, "04101", "America/New_York", "09:00-17:00", "-", "-", RECORDED),
    ("us-ne.recorded-window", "us", US, "68102", "America/Chicago", EIGHT_NINE, EIGHT_NINE, "13:00-21:00", RECORDED),
    ("us-nv.recorded-window", "us", US, "89101", "America/Los_Angeles", NINE_NINE, NINE_NINE, NINE_NINE, RECORDED),
    ("us-ok.recorded-window", "us", US, "73102", "America/Chicago", NINE_NINE, NINE_NINE, NINE_NINE, RECORDED),
    ("us-sd.recorded-window", "us", US, "57104", "America/Chicago", NINE_NINE, "-", "-", RECORDED),
    ("gb.policy.calling-window", "gb", "+442079460123", "N1 9GU", LONDON, EIGHT_NINE, EIGHT_NINE, EIGHT_NINE, {}),
    ("gb.dma.calling-window", "gb", "+442079460123", "N1 9GU", LONDON, EIGHT_NINE, NINE_NINE, "-", DMA),
    (
        "ca.crtc.calling-window",
        "ca",
        "+14165550123",
        "M5V 1A1",
        TORONTO,
        "09:00-21:30",
        "10:00-18:00",
        "10:00-18:00",
        {},
    ),
    (
        "ca.crtc.recorded-window",
        "ca",
        "+14165550123",
        "M5V 1A1",
        TORONTO,
        "09:00-21:30",
        "10:00-18:00",
        "10:00-18:00",
        REMINDER,
    ),
    (
        "ca-bc.calling-window",
        "ca",
        "+16045550123",
        "V6B 1A1",
        "America/Vancouver",
        "09:00-21:30",
        "10:00-18:00",
        "10:00-18:00",
        {},
    ),
    ("ca.policy.text-window", "ca-sms", "+14165550123", "M5V 1A1", TORONTO, EIGHT_NINE, EIGHT_NINE, EIGHT_NINE, {}),
    ("au.standard.telemarketing-window", "au", "+61491570156", "2000", SYDNEY, "09:00-20:00", "09:00-17:00", "-", {}),
    (
        "au.standard.research-window",
        "au",
        "+61491570156",
        "2000",
        SYDNEY,
        "09:00-20:30",
        "09:00-17:00",
        "09:00-17:00",
        RESEARCH,
    ),
    ("au.policy.text-window", "au-sms", "+61491570156", "2000", SYDNEY, "09:00-20:00", "09:00-17:00", "-", {}),
]
DAYS = {"weekday": "2026-11-16", "saturday": "2026-11-21", "sunday": "2026-11-22"}
Row = tuple[str, str, str, str, str, str, str, str, Json]


def said(row: Row, wall: datetime) -> Verdict:
    rule, base, number, postal_code, zone, *_, changes = row
    at = wall.replace(tzinfo=ZoneInfo(zone)).isoformat()
    answer = ask(base, at, {"contact.number": number, "contact.postal_code": postal_code} | changes)
    return next(verdict.verdict for verdict in answer.rules if verdict.rule == rule)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_each_day_opens_and_closes_at_the_second(row: Row, day: str) -> None:
    hours = row[5:8][list(DAYS).index(day)]
    if hours == "-":
        noon = datetime.fromisoformat(f"{DAYS[day]}T12:00:00")
        assert {said(row, noon + timedelta(hours=hour)) for hour in (-12, -3, 0, 3, 11)} == {Verdict.HOLD}
        return
    opens, closes = (datetime.fromisoformat(f"{DAYS[day]}T{wall}:00") for wall in hours.split("-"))
    second = timedelta(seconds=1)
    edges = [opens - second, opens, closes - second, closes]
    assert [said(row, edge) for edge in edges] == [Verdict.HOLD, Verdict.ALLOW, Verdict.ALLOW, Verdict.HOLD]


def test_nebraskas_holidays_are_open_from_one_to_nine() -> None:
    row = next(row for row in ROWS if row[0] == "us-ne.recorded-window")
    walls = [f"2026-11-26T{wall}" for wall in ("12:59:59", "13:00:00", "20:59:59", "21:00:00")]
    verdicts = [said(row, datetime.fromisoformat(wall)) for wall in walls]
    assert verdicts == [Verdict.HOLD, Verdict.ALLOW, Verdict.ALLOW, Verdict.HOLD]


def test_pennsylvanias_sundays_before_the_act() -> None:
    row: Row = ("us-pa.calling-window.before-act-47", "us", "+12155550123", "19102", "America/New_York", "", "", "", {})
    walls = [f"2026-10-11T{wall}" for wall in ("07:59:59", "08:00:00", "20:59:59", "21:00:00")]
    verdicts = [said(row, datetime.fromisoformat(wall)) for wall in walls]
    assert verdicts == [Verdict.HOLD, Verdict.ALLOW, Verdict.ALLOW, Verdict.HOLD]
