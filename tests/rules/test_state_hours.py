"""Every state's own hours for live sales calls, written out once more by hand and tried at each edge.

Columns: state, a number there, its zone, Monday to Friday, Saturday, Sunday (hours of the day; - is closed), a holiday
that closes it with the day on which it opens again (- where none does), whether texts are bound (t) or calls alone (c).
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from orchestrator.domain.decision import Verdict
from tests.rules.questions import ask

TABLE = """
AL +12055550123 America/Chicago      8-20  8-20  -     2027-06-07 2027-06-08 c
CT +12035550123 America/New_York     9-20  9-20  9-20  -          -          t
DC +12025550123 America/New_York     8-21  8-21  8-21  -          -          c
FL +13055550123 America/New_York     8-20  8-20  8-20  -          -          t
HI +18085550123 Pacific/Honolulu     8-21  8-21  8-21  -          -          c
IL +13125550123 America/Chicago      8-21  8-21  8-21  -          -          c
KY +15025550123 America/New_York     10-21 10-21 10-21 -          -          c
LA +15045550123 America/Chicago      8-20  8-20  -     2027-02-09 2027-02-10 t
MD +14105550123 America/New_York     8-20  8-20  8-20  -          -          t
MA +16175550123 America/New_York     8-20  8-20  8-20  -          -          t
MI +13135550123 America/Detroit      9-21  9-21  9-21  -          -          t
MN +16125550123 America/Chicago      9-21  9-21  9-21  -          -          c
MS +16015550123 America/Chicago      8-20  8-20  -     -          -          t
MO +13145550123 America/Chicago      8-21  8-21  8-21  -          -          t
MT +14065550123 America/Denver       8-21  8-21  8-21  -          -          c
NV +17025550123 America/Los_Angeles  9-20  9-20  9-20  -          -          t
NJ +12015550123 America/New_York     8-21  8-21  8-21  -          -          c
NM +15055550123 America/Denver       9-21  9-21  9-21  -          -          c
NY +12125550123 America/New_York     8-21  8-21  8-21  -          -          t
NC +17045550123 America/New_York     8-21  8-21  8-21  -          -          c
ND +17015550123 America/Chicago      8-21  8-21  8-21  -          -          c
OK +14055550123 America/Chicago      8-20  8-20  8-20  -          -          t
OR +15035550123 America/Los_Angeles  8-20  8-20  8-20  -          -          t
PA +12155550123 America/New_York     9-19  9-19  -     2026-11-26 2026-11-27 t
RI +14015550123 America/New_York     9-18  10-17 -     2027-05-04 2027-05-05 t
SC +18035550123 America/New_York     8-21  8-21  8-21  -          -          t
SD +16055550123 America/Chicago      9-21  9-21  -     -          -          c
TN +16155550123 America/Chicago      8-21  8-21  8-21  -          -          t
TX +12145550123 America/Chicago      9-21  9-21  12-21 -          -          t
UT +18015550123 America/Denver       8-21  8-21  -     2027-06-21 2027-06-22 t
VA +18045550123 America/New_York     8-21  8-21  8-21  -          -          t
WA +12065550123 America/Los_Angeles  8-20  8-20  8-20  -          -          t
WV +13045550123 America/New_York     8-21  8-21  8-21  -          -          c
WI +16085550123 America/Chicago      8-21  8-21  8-21  -          -          t
WY +13075550123 America/Denver       8-20  8-20  8-20  -          -          c
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
# Where the area code has several zones: a postal code with one of them, asked under a number that says nothing.
ANYWHERE = "+18005550123"
POSTAL = {"KY": "40202", "MT": "59601", "ND": "58501", "NM": "87501", "NV": "89101", "SD": "57104", "WY": "82001"}
MONDAY, SATURDAY, SUNDAY = (datetime.fromisoformat(day) for day in ("2026-11-16", "2026-11-21", "2026-11-22"))
SECOND = timedelta(seconds=1)
IDS = [row[0] for row in ROWS]


def said(row: list[str], wall: datetime, base: str = "us") -> Verdict | None:
    """What the state's own rule says at that wall time; None where it does not bind."""
    at = wall.replace(tzinfo=ZoneInfo(row[2])).isoformat()
    number = ANYWHERE if row[0] in POSTAL else row[1]
    answer = ask(base, at, {"contact.number": number, "contact.postal_code": POSTAL.get(row[0], "")})
    rules = {rule.rule: rule.verdict for rule in answer.rules}
    return rules.get(f"us-{row[0].lower()}.calling-window")


def hours(text: str, day: datetime) -> tuple[datetime, datetime] | None:
    if text == "-":
        return None
    opens, closes = (datetime.combine(day, time(int(hour))) for hour in text.split("-"))
    return opens, closes


@pytest.mark.parametrize("row", ROWS, ids=IDS)
@pytest.mark.parametrize("column", [3, 4, 5], ids=["weekday", "saturday", "sunday"])
def test_each_day_opens_and_closes_at_the_second(row: list[str], column: int) -> None:
    day = (MONDAY, SATURDAY, SUNDAY)[column - 3]
    open_hours = hours(row[column], day)
    if open_hours is None:
        assert {said(row, day + timedelta(hours=hour)) for hour in (0, 8, 12, 20, 23)} == {Verdict.HOLD}
        return
    opens, closes = open_hours
    edges = [opens - SECOND, opens, closes - SECOND, closes]
    assert [said(row, edge) for edge in edges] == [Verdict.HOLD, Verdict.ALLOW, Verdict.ALLOW, Verdict.HOLD]


@pytest.mark.parametrize("row", [row for row in ROWS if row[6] != "-"], ids=lambda row: row[0])
def test_holidays_close_the_states_that_forbid_them(row: list[str]) -> None:
    noon = datetime.fromisoformat(f"{row[6]}T12:00:00")
    after = datetime.fromisoformat(f"{row[7]}T12:00:00")
    assert (said(row, noon), said(row, after)) == (Verdict.HOLD, Verdict.ALLOW)


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_texts_are_bound_where_the_rule_names_them(row: list[str]) -> None:
    bound = said(row, MONDAY + timedelta(hours=12), base="us-sms") is not None
    assert bound == (row[8] == "t")


def test_mississippi_is_open_where_both_standard_and_actual_time_are() -> None:
    row = next(row for row in ROWS if row[0] == "MS")
    in_july = datetime.fromisoformat("2027-07-06")
    edges = [in_july + timedelta(hours=9) - SECOND, in_july + timedelta(hours=9), in_july + timedelta(hours=20)]
    assert [said(row, edge) for edge in edges] == [Verdict.HOLD, Verdict.ALLOW, Verdict.HOLD]


@pytest.mark.parametrize(
    ("state", "number", "day"),
    [
        ("la", "+15045550123", "2027-11-01"),  # All Saints' Day
        ("la", "+15045550123", "2027-01-08"),
        ("ri", "+14015550123", "2026-07-06"),  # the Monday after a Saturday's Independence Day
        ("ri", "+14015550123", "2027-08-09"),  # Victory Day
        ("ri", "+14015550123", "2026-11-03"),  # election day of an even year
        ("ut", "+18015550123", "2026-06-15"),  # Juneteenth, moved to Monday
        ("ut", "+18015550123", "2027-07-23"),  # Pioneer Day, kept on Friday
        ("ut", "+18015550123", "2027-03-26"),  # Good Friday, new in 2026
        ("ut", "+18015550123", "2027-11-02"),  # election day, not yet read
        ("al", "+12055550123", "2027-02-09"),  # Mardi Gras
        ("pa", "+12155550123", "2027-11-02"),  # election day of an odd year
    ],
)
def test_corrections_to_the_library_of_holidays(state: str, number: str, day: str) -> None:
    row = next(row for row in ROWS if row[0] == state.upper())
    assert said(row, datetime.fromisoformat(f"{day}T12:00:00")) is Verdict.HOLD


@pytest.mark.parametrize(
    ("state", "day"),
    [
        ("la", "2027-02-15"),  # Washington's Birthday is not enforced
        ("pa", "2026-11-27"),  # the day after Thanksgiving
        ("ri", "2027-11-02"),  # no election of state officers in an odd year
        ("tx", "2027-03-02"),
    ],
)
def test_days_that_close_nothing(state: str, day: str) -> None:
    row = next(row for row in ROWS if row[0] == state.upper())
    assert said(row, datetime.fromisoformat(f"{day}T12:30:00")) is Verdict.ALLOW


def test_a_state_without_hours_of_its_own_has_the_federal_ones() -> None:
    at = datetime(2026, 11, 16, 8, tzinfo=ZoneInfo("America/Phoenix"))
    change = {"contact.number": "+16025550123"}
    assert ask("us", at.isoformat(), change).verdict is Verdict.ALLOW
    assert ask("us", (at - SECOND).isoformat(), change).next_allowed_at == at.astimezone(UTC)
