"""The clocks of a breach, to the second, and what the law's file may say."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.compliance.breach_law import BreachLaw, Whom
from orchestrator.domain.errors import UserError
from tests.world import CONFIG

TEXT = (CONFIG / "breach.toml").read_text("utf-8")
LAW = BreachLaw.parse(TEXT)
AWARE = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TODAY = AWARE.date()


@pytest.mark.parametrize(
    ("seconds", "reminded"),
    [
        (24 * 3600 - 1, None),
        (24 * 3600, 24),
        (48 * 3600 - 1, 24),
        (48 * 3600, 48),
        (66 * 3600 - 1, 48),
        (66 * 3600, 66),
        (500 * 3600, 66),
    ],
)
def test_a_reminder_strikes_with_its_hour(seconds: int, reminded: int | None) -> None:
    assert LAW.reminded(AWARE, AWARE + timedelta(seconds=seconds)) == reminded


@pytest.mark.parametrize(
    ("country", "law"), [("FR", "eu.gdpr.authority"), ("NO", "eu.gdpr.authority"), ("GB", "gb.gdpr.authority")]
)
def test_the_authority_is_told_within_three_days(country: str, law: str) -> None:
    [duty] = [duty for duty in LAW.duties_in([country], TODAY, as_processor=False) if duty.whom is Whom.AUTHORITY]
    assert (duty.id, duty.due_at(AWARE)) == (law, datetime(2026, 11, 23, 9, 30, tzinfo=UTC))


def test_people_and_controllers_are_told_without_an_hour_being_set() -> None:
    duties = LAW.duties_in(["DE"], TODAY, as_processor=True)
    without_hours = {duty.whom for duty in duties if duty.due_at(AWARE) is None}
    assert without_hours == {Whom.PEOPLE, Whom.CONTROLLER}
    assert Whom.CONTROLLER not in {duty.whom for duty in LAW.duties_in(["DE"], TODAY, as_processor=False)}


def test_many_countries_of_one_law_are_one_duty_and_two_laws_are_two() -> None:
    duties = LAW.duties_in(["DE", "FR", "GB"], TODAY, as_processor=False)
    assert sorted(duty.id for duty in duties if duty.whom is Whom.AUTHORITY) == [
        "eu.gdpr.authority",
        "gb.gdpr.authority",
    ]


def test_no_law_binds_before_its_day() -> None:
    assert not LAW.duties_in(["DE"], date(2018, 5, 24), as_processor=True)
    assert LAW.duties_in(["DE"], date(2018, 5, 25), as_processor=True)


@given(st.sets(st.sampled_from(["AT", "DE", "GB", "US", "CA", "AU", "JP", "CH", "NO", "IS"])))
def test_a_country_has_a_deadline_or_is_named_as_without_one(places: set[str]) -> None:
    covered = {place for place in places if LAW.duties_in([place], TODAY, as_processor=False)}
    assert covered | set(LAW.uncovered(places)) == places
    assert not covered & set(LAW.uncovered(places))


@pytest.mark.parametrize(
    ("said", "instead", "sentence"),
    [
        ("hours         = 72", "hours         = -1", "field 'hours': must be above zero"),
        ("hours = [24, 48, 66]", "hours = [24, 0]", "must be a list of whole numbers above zero"),
        ('whom          = "people"', 'whom          = "press"', "'press' is none of authority, people, controller"),
        ('how = "recalled"', 'how = "sworn"', "'sworn' is none of"),
        ("citation ", "quotation ", "field 'citation': is missing"),
        ("unless ", "unles ", "did you mean 'unless'"),
        ('"gb.gdpr.people"', '"gb.gdpr.authority"', "two duties have one id"),
        ("[reminders]", "[reminders", "cannot be read as TOML"),
    ],
)
def test_a_slip_in_the_file_is_named(said: str, instead: str, sentence: str) -> None:
    assert said in TEXT
    with pytest.raises(UserError, match=r"breach\.toml") as refused:
        BreachLaw.parse(TEXT.replace(said, instead))
    assert sentence in str(refused.value)
