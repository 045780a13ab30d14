"""When an answer is due, to the day."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.compliance.rights_days import WorkingDays, months_after
from orchestrator.compliance.rights_law import RightsLaw
from orchestrator.domain.errors import UserError
from orchestrator.domain.rights import KeptClass, Right
from tests.world import CONFIG

TEXT = (CONFIG / "rights.toml").read_text("utf-8")
LAW = RightsLaw.parse(TEXT)


@pytest.mark.parametrize(
    ("place", "received", "due"),
    [
        ("DE", date(2026, 10, 5), date(2026, 11, 5)),  # the corresponding date
        ("DE", date(2026, 12, 31), date(2027, 2, 1)),  # the 31st is a Sunday
        ("DE", date(2027, 1, 29), date(2027, 3, 1)),  # February has no 29th; its 28th is a Sunday
        ("DE", date(2028, 1, 31), date(2028, 2, 29)),  # and in a leap year the 29th is a Tuesday
        ("DE", date(2026, 11, 25), date(2026, 12, 28)),  # Christmas, its second day, a Sunday
        ("GB", date(2026, 11, 25), date(2026, 12, 29)),  # and there the Monday is kept for the Saturday
        ("DE", date(2026, 11, 24), date(2026, 12, 24)),
        ("CA", date(2026, 11, 1), date(2026, 12, 1)),  # thirty days
        ("CA", date(2026, 11, 25), date(2026, 12, 25)),  # which roll nowhere
        ("US-CA", date(2026, 11, 1), date(2026, 12, 16)),  # forty-five
        ("US-NY", date(2026, 11, 2), date(2026, 12, 2)),  # the house's own month
        ("BR", date(2026, 11, 2), date(2026, 11, 17)),
        ("NZ", date(2026, 11, 2), date(2026, 11, 30)),  # twenty working days
        ("IL", date(2026, 11, 4), date(2026, 12, 6)),  # a Friday there is no working day, the Sunday is
        ("QQ", date(2026, 11, 2), date(2026, 12, 2)),  # a place that nobody knows
    ],
)
def test_an_access_is_due(place: str, received: date, due: date) -> None:
    assert LAW.deadline_rule(Right.ACCESS, place, received).of(received, place).due_on == due


@pytest.mark.parametrize(
    ("place", "until"), [("DE", date(2027, 3, 1)), ("GB", date(2027, 3, 1)), ("AU", None), ("US-CA", date(2027, 2, 28))]
)
def test_it_may_be_put_off_until(place: str, until: date | None) -> None:
    received = date(2026, 11, 30)
    assert LAW.deadline_rule(Right.ERASE, place, received).of(received, place).extendable_until == until


def test_a_complaint_has_a_fortnight_where_its_letter_names_no_time() -> None:
    rule = LAW.deadline_rule(Right.COMPLAIN, "DE", date(2026, 11, 2))
    assert rule.of(date(2026, 11, 2), "DE").due_on == date(2026, 11, 16)


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(1, 60))
def test_months_end_on_the_same_date_or_on_the_last_of_a_shorter_month(day: date, months: int) -> None:
    end = months_after(day, months)
    assert (end.year - day.year) * 12 + end.month - day.month == months
    assert end.day in {day.day, 28, 29, 30}


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.sampled_from(["DE", "GB", "FR", "NZ", "IL", "QQ"]))
def test_a_deadline_that_rolls_ends_on_a_working_day_and_never_early(day: date, place: str) -> None:
    due = LAW.deadline_rule(Right.ACCESS, "DE", date(2026, 1, 1)).of(day, place).due_on
    assert WorkingDays(place).is_one(due)
    assert due >= months_after(day, 1)


@pytest.mark.parametrize(
    ("kept", "place", "years"),
    [
        (KeptClass.CONSENT_PROOF, "DE", 5),
        (KeptClass.CONSENT_PROOF, "US-TX", 5),
        (KeptClass.CONSENT_PROOF, "FR", 3),
        (KeptClass.CALL_RECORDS, "US", 5),
        (KeptClass.CALL_RECORDS, "GB", 3),
        (KeptClass.SUPPRESSION, "DE", None),
    ],
)
def test_what_stays_stays_so_many_years(kept: KeptClass, place: str, years: int | None) -> None:
    assert LAW.kept_rule(kept, place, date(2026, 11, 22)).years == years


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('unit         = "months"', 'unit = "moons"', "'moons' is none of months, days, working-days"),
        ("alarms       = [20, 28]", "alarms = 20", "must be a list of days, as in [20, 28]"),
        ('stops_for    = ["identity"]', 'stops_for = ["holidays"]', "may name identity, clarification"),
        ('citation     = "GDPR art. 12(3)', 'cited = "GDPR art. 12(3)', "field 'citation': is missing"),
        ('rights       = ["complain"]', 'rights = ["access"]', "there is no deadline for 'complain'"),
        ('told     = "api"', 'told = "never"', "'never' is none of api, by-hand"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_field(before: str, after: str, said: str) -> None:
    assert before in TEXT
    with pytest.raises(UserError) as refused:
        RightsLaw.parse(TEXT.replace(before, after, 1))
    assert said in str(refused.value)
