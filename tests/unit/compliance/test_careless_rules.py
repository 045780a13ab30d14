"""What a customer may write by mistake is refused with its file, its entry and its field, and never makes law laxer."""

from pathlib import Path
from shutil import copytree

import pytest

from orchestrator.compliance.calling_window import CallingWindow
from orchestrator.compliance.foundations import founded
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.errors import UserError
from orchestrator.law import load_rulebook, rule_files
from orchestrator.settings import config_dir

FILES = rule_files(config_dir())
EXTRA = "rules/us/extra.toml"
HEADING = """
id        = "xx.rule"
applies   = { jurisdiction = "US-NY", channel = "voice", purpose = "telemarketing" }
class     = "law"
citation  = "A law"
source    = "tests"
effective = 2026-01-01
verified  = { on = 2026-11-21, how = "read" }
"""
WINDOW = "[[calling_window]]" + HEADING + 'mon_fri = [["09:00", "20:00"]]\n'
CAP = "[[frequency_cap]]" + HEADING + "max = 1\ndays = 1\n"
REGISTRY = "[[registry]]" + HEADING + 'registry = "us-national"\ncalled = "a list"\nmax_age_days = 3\n'
CALENDAR = """
[[holiday_calendar]]
id           = "xx.days"
jurisdiction = "US-NY"
citation     = "A law"
source       = "tests"
effective    = 2026-01-01
verified     = { on = 2026-11-21, how = "read" }
"""
BASE = CALENDAR.replace("xx.days", "xx.base") + 'base = "US-NY"\n'


def parsed(text: str) -> Rulebook:
    return Rulebook.parse(FILES | {EXTRA: text})


def day(text: str) -> str:
    return CALENDAR + f'days = [{{ name = "A day", {text} }}]\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (WINDOW.replace("US-NY", "US-XX"), "'US-XX' is no jurisdiction of numbering/"),
        (WINDOW.replace("US-NY", "us-ny"), "'us-ny' is no jurisdiction of numbering/"),
        (WINDOW.replace("2026-01-01", "2026-01-01T00:00:00Z"), "a date without a time of day"),
        (WINDOW.replace('"20:00"', '"20:00+05:00"'), "names a time zone"),
        (WINDOW + "holiday = []", "field 'holidays': is missing"),
        (WINDOW + 'holidays = "us-la.holidays"', "is of US-LA, where this rule does not bind"),
        (WINDOW + 'clock = "America/New_Yrok"', "xx.rule, field 'clock'"),
        (WINDOW + "expires = 2025-12-31", "lies before effective"),
        (
            WINDOW.replace('"telemarketing"', '"telemarketing", caller = "newspaper", not_caller = "newspaper"'),
            "not_caller",
        ),
        (WINDOW + "unless = [{ message = {} }]", "a table that asks for nothing"),
        (WINDOW + "unless = [{ message = { free_to_recipient = false } }]", "a table that asks for nothing"),
        (WINDOW + "unless = [{ relationship = {} }]", "field 'unless': has a table that asks for nothing"),
        (CAP + 'counts = { per = "subjekt" }', "must be subject or debt"),
        (CAP + 'counts = { outcome = "busy", not_outcome = "busy" }', "names what outcome names too"),
        (CAP.replace("days = 1", "days = 99999999999"), "must be 100000 at most"),
        (REGISTRY + "binds_from_days = 3\nbinds_after_days = 3", "only one may be written"),
        ("[[abandonment]]" + HEADING + 'max_percent = 300\nwindow = "day"', "must be 100 at most"),
        ("[[consent_required]]" + HEADING + "needs = [{}]", "field 'needs': has an empty condition"),
        (CALENDAR, "the calendar would have no holiday"),
        (CALENDAR.replace("US-NY", "US-NZ") + 'base = "US-NY"', "'US-NZ' is no jurisdiction"),
        (BASE + CALENDAR + 'eve_of = "xx.base"\nbase = "US-NY"', "which would not count"),
        (day('weekday = "fri"'), "needs nth, from 1 to 4, and a month"),
        (day('weekday = "fri", nth = 9, month = 3'), "needs nth, from 1 to 4"),
        (day('weekday = "fri", nth = 1, month = 13'), "needs nth, from 1 to 4"),
        (day('on = "02-29"'), "must be a month and day"),
        (day('on = "05"'), "must be a month and day"),
        (day('on = "05-01", easter = 1'), "exactly one of them"),
        (day("election = false"), "must be true or left out"),
        (day("easter = 40000"), "within 100 days of Easter"),
        ("a = " + "[" * 100_000, "nests its tables too deep"),
    ],
)
def test_a_careless_rule_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        parsed(text)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('regions = ["TX"]', 'regions = ["TXX"]', "are not all of the United States"),
        ('country = "US"', 'country = "GB"', "are not all of the United Kingdom"),
        ('country = "US"', 'country = "ZZ"', "'ZZ' has no file"),
        ('"America/Chicago"', '"Europe/London"', "show times that no place in the United States has"),
        ('"America/Chicago"', '"America/Chicgo"', "is not an IANA time zone"),
        ("regions = ", "regoins = ", "is unknown"),
    ],
)
def test_a_careless_number_plan_is_refused(old: str, new: str, sentence: str) -> None:
    plan = FILES["numbering/nanp.toml"]
    row = next(line for line in plan.splitlines() if line.startswith("214 "))
    assert old in row
    with pytest.raises(UserError) as caught:
        Rulebook.parse(FILES | {"numbering/nanp.toml": plan.replace(row, row.replace(old, new))})
    assert sentence in str(caught.value)


def test_a_day_that_is_closed_beside_open_ones_stays_closed() -> None:
    check = parsed(WINDOW + "fri = []\n").rule("xx.rule").check
    assert isinstance(check, CallingWindow)
    assert [bool(spans) for spans in check.week] == [True, True, True, True, False, False, False]


def test_a_folder_without_the_rules_for_everywhere_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "config"
    copytree(config_dir(), config)
    (config / "rules" / "everywhere" / "suppression.toml").unlink()
    with pytest.raises(UserError, match="No rule of kind 'suppression'"):
        founded(load_rulebook(config))
