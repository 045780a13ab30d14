"""A number rests for its answer rate only on counts that chance would hardly bring about."""

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as some

from orchestrator.domain.caller_id import CallerDay
from orchestrator.strategies.answer_rates import Rate, chance_of_so_few, fallen
from orchestrator.strategies.caller_policy import Answers, CallerPolicy
from tests.unit.strategies.builders import CONFIG

TODAY = date(2026, 11, 23)
POLICY = Answers(recent_days=3, earlier_days=25, least_calls=150, share=0.6, chance=0.0001)


def a_day(ended: int, answered: int, back: int = 0) -> CallerDay:
    return CallerDay(address="+12125550100", on=TODAY - timedelta(days=back), ended=ended, answered=answered)


def says(number: Iterable[CallerDay], others: Iterable[CallerDay], rested_on: date | None = None) -> list[str]:
    found = fallen(list(number), list(others), TODAY, POLICY, rested_on)
    return [comparison.beside for comparison in found]


@given(some.integers(1, 40), some.integers(1, 40), some.data())
def test_the_chance_is_fishers_to_the_last_way(few: int, many: int, data: some.DataObject) -> None:
    a, b = data.draw(some.integers(0, few)), data.draw(some.integers(0, many))
    ways = sum(comb(few, k) * comb(many, a + b - k) for k in range(max(0, a + b - many), a + 1))
    exact = Fraction(ways, comb(few + many, a + b))
    assert chance_of_so_few(Rate(few, a), Rate(many, b)) == pytest.approx(float(exact), rel=1e-9)


@pytest.mark.parametrize(("ended", "told"), [(149, []), (150, ["of the pool's others"])])
def test_a_number_is_judged_from_its_hundred_and_fiftieth_call(ended: int, told: list[str]) -> None:
    assert says([a_day(ended, 5)], [a_day(1000, 300)]) == told


@pytest.mark.parametrize(("ended", "told"), [(149, []), (150, ["of the pool's others"])])
def test_others_with_too_few_calls_are_no_measure(ended: int, told: list[str]) -> None:
    assert says([a_day(600, 20)], [a_day(ended, 50)]) == told


def test_a_clear_but_small_difference_rests_nobody() -> None:
    assert chance_of_so_few(Rate(20_000, 5_000), Rate(20_000, 6_000)) < POLICY.chance
    assert says([a_day(20_000, 5_000)], [a_day(20_000, 6_000)]) == []


def test_both_comparisons_must_say_so_where_both_can_be_made() -> None:
    few, others = a_day(300, 20), [a_day(300, 100)]
    assert says([few, a_day(300, 100, back=4)], others) == ["of the pool's others", "of its own before"]
    assert says([few, a_day(300, 22, back=4)], others) == []  # it calls other people, and always did
    assert says([few, a_day(300, 100, back=4)], [a_day(300, 22)]) == []  # everybody's list is worse


@pytest.mark.parametrize(("back", "told"), [(2, ["of the pool's others"]), (3, [])])
def test_the_third_day_back_is_recent_and_the_fourth_is_not(back: int, told: list[str]) -> None:
    assert says([a_day(300, 20, back)], [a_day(300, 100)]) == told


def test_days_up_to_a_rest_have_been_judged() -> None:
    number, others = [a_day(300, 20, back=1)], [a_day(300, 100, back=1), a_day(300, 100)]
    assert says(number, others, rested_on=TODAY - timedelta(days=2)) == ["of the pool's others"]
    assert says(number, others, rested_on=TODAY - timedelta(days=1)) == []


def test_the_file_that_ships_is_read() -> None:
    assert CallerPolicy.parse((CONFIG / "caller_ids.toml").read_text("utf-8")) == CallerPolicy()
