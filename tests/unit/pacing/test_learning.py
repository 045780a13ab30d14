"""The answer rate is followed when it jumps, and the budget is spent evenly and never on credit."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.pacing.answer_rate import AnswerRate
from orchestrator.pacing.policy import Beliefs, PacingConfig, Risk, Tracking
from orchestrator.pacing.snapshot import PacingEvent
from orchestrator.pacing.spending import HIGHEST_RISK, Spending

CONFIG = PacingConfig(
    target_abandonment=0.03, calls_per_second=10.0, ring_timeout_seconds=28.0, agents=25, shift_seconds=28800.0
)
GOAL = 0.0297


def fed(rate: AnswerRate, people_in_ten: int, tens: int) -> AnswerRate:
    """Ten calls end a second, of which so many are people; the rate expects what it believes."""
    for _ in range(tens):
        rate.hear(people_in_ten, 10, 10 * rate.level, 0, 1.0)
    return rate


def test_the_answer_rate_finds_what_is_true() -> None:
    assert fed(AnswerRate(Beliefs(), Tracking()), 4, 60).level == pytest.approx(0.4, rel=0.1)


def test_a_jump_is_followed_within_a_hundred_people() -> None:
    rate = fed(AnswerRate(Beliefs(), Tracking()), 4, 200)
    assert fed(rate, 1, 60).level < 0.15


def test_doubt_shrinks_as_people_are_seen() -> None:
    rate = AnswerRate(Beliefs(), Tracking())
    before = rate.doubt
    assert fed(rate, 2, 30).doubt < before / 3


def test_people_are_expected_when_detection_has_listened() -> None:
    at_once, later = (AnswerRate(Beliefs(), Tracking()) for _ in range(2))
    at_once.hear(0, 0, 3.0, 0, 1.0)
    later.hear(0, 0, 3.0, 2, 1.0)
    assert at_once.level < later.level
    later.hear(0, 0, 0.0, 2, 1.0)
    later.hear(0, 0, 0.0, 2, 1.0)
    assert later.level == pytest.approx(at_once.level, rel=0.01)


def a_plan(**changes: float) -> Spending:
    return Spending(CONFIG, replace_risk(changes), GOAL)


def replace_risk(changes: dict[str, float]) -> Risk:
    return Risk(**{**dict(Risk()), **changes})


@given(tokens=st.floats(-50, 0), left=st.floats(0, 28800), agents=st.integers(0, 250))
def test_nothing_is_risked_without_tokens(tokens: float, left: float, agents: int) -> None:
    assert a_plan().allowed(tokens, left, agents) == 0.0


@given(tokens=st.floats(0.01, 500), more=st.floats(0, 500), left=st.floats(7200, 28800), agents=st.integers(1, 250))
def test_more_tokens_never_mean_less_risk(tokens: float, more: float, left: float, agents: int) -> None:
    plan = a_plan()
    assert 0.0 < plan.allowed(tokens, left, agents) <= plan.allowed(tokens + more, left, agents) < 1.0


def test_the_same_tokens_bear_more_risk_as_the_shift_ends() -> None:
    plan = a_plan()
    assert plan.allowed(5.0, 1800.0, 25) > plan.allowed(5.0, 28000.0, 25)


def test_what_the_rest_of_the_shift_could_not_bring_back_is_not_risked() -> None:
    plan = a_plan()
    assert plan.allowed(2.0, 60.0, 10) == 0.0
    assert plan.allowed(2.0, 28000.0, 10) > 0.0
    assert a_plan(last_calls=0.0, last_calls_an_agent=0.0).allowed(2.0, 60.0, 10) > 0.0


def test_what_was_abandoned_beyond_the_wish_lowers_the_risk() -> None:
    plan = a_plan()
    before = plan.allowed(4.0, 20000.0, 25)
    plan.hear([PacingEvent("human"), PacingEvent("abandoned")] * 5, 1.0, 25)
    assert plan.allowed(4.0, 20000.0, 25) < before


def test_people_met_without_a_loss_raise_the_risk_and_only_so_far() -> None:
    plan = a_plan()
    before = plan.allowed(4.0, 20000.0, 25)
    for _ in range(20):
        plan.hear([PacingEvent("human")] * 10, 1.0, 25)
    assert plan.allowed(4.0, 20000.0, 25) > before
    for _ in range(20000):
        plan.hear([PacingEvent("human")] * 10, 1.0, 25)
    assert plan.allowed(4.0, 20000.0, 25) <= HIGHEST_RISK * Risk().fastest ** Risk().steepness


def test_a_limit_of_nothing_risks_nothing() -> None:
    assert Spending(replace(CONFIG, target_abandonment=0.0), Risk(), 0.0).allowed(100.0, 20000.0, 25) == 0.0


def test_plan_and_rate_survive_a_restart() -> None:
    plan, rate = a_plan(), fed(AnswerRate(Beliefs(), Tracking()), 4, 20)
    plan.hear([PacingEvent("human"), PacingEvent("abandoned")], 1.0, 25)
    again = Spending.restored(CONFIG, Risk(), GOAL, json.loads(json.dumps(plan.state())))
    assert again.allowed(3.0, 9000.0, 25) == plan.allowed(3.0, 9000.0, 25)
    assert AnswerRate.restored(Beliefs(), Tracking(), json.loads(json.dumps(rate.state()))).level == rate.level
