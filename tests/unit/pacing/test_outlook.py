"""What a call in flight is worth depends on its age, and who will be free on what each agent is doing."""

import numpy as np
import pytest

from orchestrator.pacing import outlook
from orchestrator.pacing.forecast import HORIZONS, Forecast, forecast
from orchestrator.pacing.outlook import Crowd
from orchestrator.pacing.policy import Beliefs
from orchestrator.pacing.snapshot import PacingEvent, PacingSnapshot, PacingTotals
from orchestrator.pacing.timings import HEAVIEST, Timings

LEVEL = 0.3


def a_moment(
    agents: list[tuple[int, float]] | None = None, calls: list[tuple[int, float, float]] | None = None
) -> PacingSnapshot:
    agents, calls = agents or [], calls or []
    return PacingSnapshot(
        agent_state=np.array([state for state, _ in agents], dtype=np.int8),
        agent_seconds=np.array([seconds for _, seconds in agents], dtype=np.float64),
        call_stage=np.array([stage for stage, _, _ in calls], dtype=np.int8),
        call_seconds=np.array([seconds for _, seconds, _ in calls], dtype=np.float64),
        call_stage_seconds=np.array([seconds for _, _, seconds in calls], dtype=np.float64),
        totals=PacingTotals(),
    )


def wanted(tables: Forecast, *calls: tuple[int, float, float]) -> Crowd:
    moment = a_moment(calls=list(calls))
    return outlook.demand(moment, outlook.seen(moment), tables, LEVEL, outlook.ringing(moment, tables, LEVEL))


def freed(timings: Timings, *agents: tuple[int, float]) -> Crowd:
    moment = a_moment(agents=list(agents))
    return outlook.supply(moment, outlook.seen(moment), forecast(timings), timings, 0.0)


@pytest.fixture
def timings() -> Timings:
    return Timings(Beliefs())


def test_a_call_that_has_rung_long_is_worth_a_fraction_of_a_fresh_one(timings: Timings) -> None:
    tables = forecast(timings)
    fresh, middling, old = (wanted(tables, (1, age, age)).mean[-1] for age in (0.0, 15.0, 25.0))
    assert fresh == pytest.approx(LEVEL, abs=0.02)
    assert old < middling / 2 < fresh / 3


def test_a_call_just_answered_is_most_likely_a_persons_and_soon(timings: Timings) -> None:
    tables = forecast(timings)
    early, late = (wanted(tables, (2, ring + 1.0, 1.0)).mean for ring in (8.0, 19.0))
    assert early[-1] > 0.75 > 0.5 > late[-1]
    assert early[4] > 0.9 * early[-1]


def test_who_waits_is_demand_already_and_who_is_queued_is_a_fresh_call(timings: Timings) -> None:
    tables = forecast(timings)
    assert wanted(tables, (3, 12.0, 0.5)).mean == pytest.approx(np.ones(len(HORIZONS)))
    assert wanted(tables, (0, 0.0, 4.0)).mean == pytest.approx(LEVEL * tables.landing[0])


def test_demand_never_falls_with_the_horizon_and_never_exceeds_the_calls(timings: Timings) -> None:
    crowd = wanted(forecast(timings), *((1, float(age), float(age)) for age in range(0, 60, 3)), (2, 9.0, 30.0))
    assert (np.diff(crowd.mean) >= -1e-9).all()
    assert crowd.mean[0] >= 0.0
    assert crowd.mean[-1] <= 21.0
    assert (crowd.variance >= 0.0).all()


def test_an_agent_who_wraps_up_is_nearly_free_and_the_longer_the_nearer(timings: Timings) -> None:
    ready, fresh, late, talking, away = (
        freed(timings, one).mean for one in ((0, 3.0), (3, 0.0), (3, 20.0), (2, 50.0), (-1, 9.0))
    )
    assert (ready == 1.0).all()
    assert (late > fresh).all()
    assert (fresh > talking).all()
    assert (away == 0.0).all()
    assert talking[-1] < 0.3


def test_durations_seen_replace_those_believed(timings: Timings) -> None:
    before = freed(timings, (3, 0.0)).mean[0]
    timings.hear([PacingEvent("wrap_end", 2.0)] * 500)
    assert freed(timings, (3, 0.0)).mean[2] > 0.9 > 0.1 > before


def test_without_detection_people_want_an_agent_as_soon_as_they_answer(timings: Timings) -> None:
    before = wanted(forecast(timings), (1, 5.5, 5.5)).mean[0]
    timings.hear([PacingEvent("human", 6.0, 0.0)] * 3000)
    assert forecast(timings).detection_seconds < 1.0
    assert wanted(forecast(timings), (1, 5.5, 5.5)).mean[0] > 3 * before


def test_tables_forget_by_halves_and_keep_their_shape(timings: Timings) -> None:
    timings.hear([PacingEvent("human", 6.0, 3.0), PacingEvent("no_answer", 28.0)] * int(HEAVIEST))
    before = forecast(timings).answers
    timings.forget()
    assert timings.person_rings.sum() < HEAVIEST
    assert timings.silent < HEAVIEST
    assert forecast(timings).answers == pytest.approx(before)


@pytest.mark.parametrize(("first", "then"), [(0.01, 0.1), (0.1, 0.1), (0.1, 0.01)])
def test_two_durations_in_a_row_end_as_often_as_when_they_are_drawn(first: float, then: float) -> None:
    random = np.random.default_rng(5)
    drawn = random.exponential(1 / first, 200_000) + random.exponential(1 / then, 200_000)
    chances = outlook.both_over(first, then, HORIZONS)
    assert chances == pytest.approx([(drawn <= within).mean() for within in HORIZONS], abs=0.005)
