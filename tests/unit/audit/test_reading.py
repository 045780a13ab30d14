"""Logs as dialers and carriers write them."""

import pytest

from orchestrator.domain.errors import UserError
from tests.unit.audit.conftest import Audit, judged

ADA = "+12125550123"


def moments(audit: Audit, cell: str, *options: str) -> list[str]:
    return [call["at"] for call in judged(audit(f'to,at\n{ADA},"{cell}"\n', "--json", *options))]


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("2026-11-23T17:00:00Z", "2026-11-23T17:00:00Z"),
        ("2026-11-23 12:00:00-05:00", "2026-11-23T17:00:00Z"),
        ("2026-11-23 12:00:00 -0500", "2026-11-23T17:00:00Z"),
        ("2026-11-23 17:00:00 UTC", "2026-11-23T17:00:00Z"),
        ("2026-11-23 12:00:00 America/New_York", "2026-11-23T17:00:00Z"),
        ("2026-11-23 09:00:00 PST", "2026-11-23T17:00:00Z"),
        ("11/23/2026 12:00 PM EST", "2026-11-23T17:00:00Z"),
        ("Mon, 23 Nov 2026 17:00:00 +0000", "2026-11-23T17:00:00Z"),
        ("1795453200", "2026-11-23T17:00:00Z"),
    ],
)
def test_a_moment_with_its_zone_is_read(audit: Audit, cell: str, at: str) -> None:
    assert moments(audit, cell) == [at]


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("11/23/2026 9:15 AM", "2026-11-23T14:15:00Z"),
        ("23/11/2026 09:15", "2026-11-23T14:15:00Z"),  # no month is the twenty-third
        ("2026-07-01 09:15:00", "2026-07-01T13:15:00Z"),  # summer time
        ("Nov 23, 2026 9:15 am", "2026-11-23T14:15:00Z"),
    ],
)
def test_a_moment_without_a_zone_hangs_on_the_clock_that_was_named(audit: Audit, cell: str, at: str) -> None:
    assert moments(audit, cell, "--zone", "America/New_York") == [at]


def test_one_row_tells_for_the_whole_log_that_days_come_first(audit: Audit) -> None:
    log = f"to,at\n{ADA},03/11/2026 12:00\n{ADA},23/11/2026 12:00\n"
    calls = judged(audit(log, "--json", "--zone", "UTC"))
    assert [call["at"][:10] for call in calls] == ["2026-11-03", "2026-11-23"]


def test_the_united_kingdom_writes_the_day_first(audit: Audit) -> None:
    people = "Phone,Postcode\n020 7946 0123,SW1A 1AA\n"
    log = "Number called,Call date,Call time\n020 7946 0123,03/04/2026,12:00\n"
    [call] = judged(audit(log, "--json", "--country", "GB", "--zone", "Europe/London", people=people))
    assert (call["number"], call["at"]) == ("+442079460123", "2026-04-03T11:00:00Z")


def test_a_moment_without_a_zone_is_not_guessed(audit: Audit) -> None:
    with pytest.raises(UserError, match=r"Line 2 of calls\.csv says '2026-11-23 12:00' without a zone"):
        audit(f"to,at\n{ADA},2026-11-23 12:00\n")


def test_a_log_that_writes_dates_both_ways_is_refused(audit: Audit) -> None:
    with pytest.raises(UserError, match="some dates with the day first"):
        audit(f"to,at\n{ADA},11/23/2026 12:00\n{ADA},23/11/2026 12:00\n", "--zone", "UTC")


def test_rows_that_are_no_calls_are_counted_and_said(audit: Audit) -> None:
    log = f"to,at\nhello,2026-11-23T12:00:00Z\n{ADA},yesterday\n{ADA},2026-11-23\n"
    assert [row["error"] for row in judged(audit(log, "--json"))] == [
        "Line 2 holds no valid number.",
        "Line 3 holds no moment that can be read.",
        "Line 4 holds no time of day.",
    ]
    assert "1  rows were not judged: no time of day" in audit(log).stdout


def test_a_carriers_export_is_read_as_it_is(audit: Audit) -> None:
    log = (
        "Call Sid,From,To,Start Time,End Time,Duration,Direction,Status\n"
        f"CA1,+12125550100,{ADA},2026-11-23 12:00:00 EST,,0,outbound-api,no-answer\n"
        f"CA2,{ADA},+12125550100,2026-11-23 12:30:00 EST,,60,inbound,completed\n"
    )
    [call] = judged(audit(log, "--json"))
    assert (call["line"], call["number"]) == (2, ADA)


def test_columns_can_be_named_by_hand(audit: Audit) -> None:
    log = f"a,b\n{ADA},2026-11-23T12:00:00Z\n"
    [call] = judged(audit(log, "--json", "--map", "a=number", "--map", "2=at"))
    assert call["number"] == ADA


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "No column of calls.csv says when a call was made"),
        (("--map", "a=number", "--map", "b=whne"), "did you mean when|write it as COLUMN=FIELD"),
        (("--map", "c=at"), "there is no column 'c'"),
        (("--country", "Nowhere"), "--country Nowhere is no country"),
        (("--zone", "Nowhere"), "--zone Nowhere is no time zone"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_sentence(audit: Audit, options: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        audit(f"a,b\n{ADA},2026-11-23T12:00:00Z\n", *options)
