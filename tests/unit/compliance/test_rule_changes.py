"""What changes between two dates, and what differs between two rulebooks."""

from datetime import date

import pytest

from orchestrator.compliance.rule_changes import Between, between
from orchestrator.compliance.rule_text import entries_in, sentences
from orchestrator.compliance.rulebook import Rulebook, digest_of
from orchestrator.compliance.rulebook_diff import diff_form, diff_lines, diff_of, hash_of
from tests.world import files_of

WINDOW = """
[[calling_window]]
id = "test.{id}"
applies = {{ jurisdiction = "{place}", channel = "voice", purpose = "telemarketing" }}
mon_fri = [["09:00", "{closes}"]]
sat = [["10:00", "12:00"], ["14:00", "16:00"]]
holidays = "test.days"
class = "law"
citation = "tests"
source = "tests"
effective = {effective}
{expires}
verified = {{ on = 2026-11-21, how = "read" }}
"""
CALENDAR = """
[[holiday_calendar]]
id = "{id}"
jurisdiction = "*"
days = [{{ name = "Test Day", on = "12-24" }}]
citation = "tests"
source = "tests"
effective = 2000-01-01
verified = {{ on = 2026-11-21, how = "read" }}
"""


def window(name: str, effective: str, expires: str = "", place: str = "US-NY", closes: str = "20:00") -> str:
    ends = f"expires = {expires}" if expires else ""
    return WINDOW.format(id=name, effective=effective, expires=ends, place=place, closes=closes)


LAW = (
    window("old", "2000-01-01", "2026-11-30")
    + window("new", "2026-12-01", closes="19:00")
    + window("elsewhere", "2026-12-01", place="US-CA")
    + window("gone", "2000-01-01", "2026-12-24", place="US-TX")
    + CALENDAR.format(id="test.days")
    + CALENDAR.format(id="test.unused")
)


def changes(first: str, last: str) -> Between:
    return between(Rulebook.parse(files_of(LAW)).rules, date.fromisoformat(first), date.fromisoformat(last))


def ids(found: Between) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    return (
        [rule.id for rule in found.begins],
        [rule.id for rule in found.ends],
        [(pair.ends.id, pair.begins.id) for pair in found.replaced],
    )


@pytest.mark.parametrize(
    ("first", "last", "begins", "ends", "replaced"),
    [
        ("2026-11-01", "2026-11-30", [], [], []),
        ("2026-11-30", "2026-12-01", ["test.elsewhere"], [], [("test.old", "test.new")]),
        ("2026-12-01", "2026-12-24", [], [], []),
        ("2026-12-24", "2026-12-25", [], ["test.gone"], []),
        ("2026-12-25", "2027-12-01", [], [], []),
    ],
)
def test_a_rule_begins_ends_or_gives_way_on_its_own_day(
    first: str, last: str, begins: list[str], ends: list[str], replaced: list[tuple[str, str]]
) -> None:
    assert ids(changes(first, last)) == (begins, ends, replaced)


def test_a_rule_of_another_place_takes_nobodys_place() -> None:
    assert "test.elsewhere" not in [pair.begins.id for pair in changes("2026-11-30", "2026-12-01").replaced]


@pytest.mark.parametrize(("first", "last", "days"), [("2026-12-23", "2026-12-24", 1), ("2026-12-24", "2026-12-31", 0)])
def test_only_calendars_that_hours_go_by_tell_their_holidays(first: str, last: str, days: int) -> None:
    found = changes(first, last).holidays
    assert [(holiday.name, holiday.calendar) for holiday in found] == [("Test Day", "test.days")] * days


def test_hours_are_told_day_by_day() -> None:
    told = sentences(entries_in(files_of(LAW))["test.old"])
    assert told[0] == "Mondays: 09:00 to 20:00"
    assert told[5:8] == [
        "Saturdays: 10:00 to 12:00 and 14:00 to 16:00",
        "Sundays: closed",
        "holidays of test.days: closed",
    ]


def test_two_rulebooks_differ_by_rule_field_plan_and_table() -> None:
    before = files_of(LAW)
    after = files_of(LAW.replace('"20:00"', '"18:30"', 1).replace("test.gone", "test.come"))
    after["numbering/us.toml"] += "\n# moved\n"
    found = diff_of(before, after, {"holidays": "1", "tzdata": "2"}, {"holidays": "1", "tzdata": "3"})
    assert [entry.id for entry in found.added] == ["test.come"]
    assert [entry.id for entry in found.removed] == ["test.gone"]
    assert [(change.after.id, sorted(change.fields)) for change in found.changed] == [("test.old", ["mon_fri"])]
    assert (found.files, found.versions) == (("numbering/us.toml",), (("tzdata", "2", "3"),))
    assert "    mon_fri: 09:00 to 20:00 -> 09:00 to 18:30" in diff_lines(found)


def test_comments_make_another_digest_and_no_difference() -> None:
    before, after = files_of(LAW), files_of(LAW + "\n# a comment\n")
    assert digest_of(before) != digest_of(after)
    assert diff_of(before, after).is_empty


def test_what_was_shown_has_one_hash_however_its_fields_are_ordered() -> None:
    form = diff_form(diff_of(files_of(LAW), files_of(LAW + window("more", "2027-01-01"))))
    assert hash_of(form) == hash_of(dict(reversed(form.items())))
    assert hash_of(form) != hash_of(diff_form(diff_of(files_of(LAW), files_of(LAW))))
