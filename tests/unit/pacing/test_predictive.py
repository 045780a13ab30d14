"""Predictive pacing keeps agents busy within the budget of abandoned calls, and is progressive without one."""

import json
import math
from dataclasses import replace
from datetime import datetime
from itertools import product
from typing import Any

import numpy as np
import pytest

from orchestrator.pacing.policy import PacingPolicy
from orchestrator.pacing.predictive import PacingConfig, PredictivePacer
from orchestrator.pacing.snapshot import PacingEvent, PacingSnapshot, PacingTotals
from tests.unit.pacing.call_centre import CallCentre
from tests.unit.strategies.builders import CONFIG

CONFIGURED = PacingPolicy.parse((CONFIG / "pacing.toml").read_text("utf-8"))
BASE = PacingConfig(
    target_abandonment=0.03,
    calls_per_second=10.0,
    ring_timeout_seconds=28.0,
    tick_seconds=1.0,
    agents=25,
    shift_seconds=28800.0,
    max_lines=15000,
)
RICH = PacingTotals(placed=5000, human=1000, connected=1000)
SECONDS = 3600


def a_snapshot(agents: list[int], calls: list[int] | None = None, totals: PacingTotals | None = None) -> PacingSnapshot:
    stages = np.array(calls or [], dtype=np.int8)
    return PacingSnapshot(
        agent_state=np.array(agents, dtype=np.int8),
        agent_seconds=np.zeros(len(agents)),
        call_stage=stages,
        call_seconds=np.zeros(len(stages)),
        call_stage_seconds=np.zeros(len(stages)),
        totals=totals or PacingTotals(),
    )


@pytest.mark.parametrize(
    ("agents", "calls", "placed"),
    [
        ([0, 0, 0], [], 3),
        ([0, 0, 0], [1, 1], 1),
        ([0, 0], [0, 1, 2], 0),
        ([2, 3, 1, -1], [], 0),
        ([0, 2, -1], [], 1),
        ([], [], 0),
    ],
)
def test_without_a_budget_one_call_is_placed_for_each_ready_agent(
    agents: list[int], calls: list[int], placed: int
) -> None:
    assert PredictivePacer(BASE).decide(0.0, a_snapshot(agents, calls)) == placed


@pytest.mark.parametrize("abandoned", [30, 31, 300])
def test_a_spent_budget_makes_it_progressive(abandoned: int) -> None:
    spent = replace(RICH, abandoned=abandoned)
    assert PredictivePacer(BASE).decide(0.0, a_snapshot([0, 0, 2, 2], [], spent)) == 2


def test_with_a_budget_more_calls_than_ready_agents_are_placed() -> None:
    assert PredictivePacer(BASE).decide(0.0, a_snapshot([0, 0, 2, 2], [], RICH)) > 2


def test_people_who_wait_without_an_agent_are_lost_already() -> None:
    barely = replace(RICH, abandoned=28)
    assert PredictivePacer(BASE).decide(0.0, a_snapshot([3] * 20, [], barely)) > 0
    assert PredictivePacer(BASE).decide(0.0, a_snapshot([3] * 20, [3, 3], barely)) == 0


def test_a_machine_that_an_agent_found_is_no_person_in_the_budget() -> None:
    found = replace(RICH, abandoned=29, machine_disposition=100)
    assert PredictivePacer(BASE).decide(0.0, a_snapshot([0] + [2] * 20, [], found)) == 1


def test_nobody_logged_in_means_no_call() -> None:
    assert PredictivePacer(BASE).decide(0.0, a_snapshot([-1] * 10, [], RICH)) == 0


@pytest.mark.parametrize(("rate", "placed"), [(1.0, 1), (3.0, 3), (0.4, 0), (100.0, 10)])
def test_no_more_than_the_accounts_calls_per_second(rate: float, placed: int) -> None:
    pacer = PredictivePacer(replace(BASE, calls_per_second=rate))
    assert pacer.decide(0.0, a_snapshot([0] * 10)) == placed


def test_a_late_tick_makes_up_for_two_ticks_at_most() -> None:
    pacer = PredictivePacer(replace(BASE, calls_per_second=4.0))
    assert pacer.decide(0.0, a_snapshot([0] * 100)) == 4
    assert pacer.decide(1.5, a_snapshot([0] * 100)) == 6
    assert pacer.decide(60.0, a_snapshot([0] * 100)) == 8


def test_a_clock_that_jumps_back_places_nothing_extra() -> None:
    pacer = PredictivePacer(replace(BASE, calls_per_second=4.0))
    assert pacer.decide(100.0, a_snapshot([0] * 100)) == 4
    assert pacer.decide(50.0, a_snapshot([0] * 100)) == 0


def test_lines_are_never_exceeded() -> None:
    pacer = PredictivePacer(replace(BASE, max_lines=5))
    assert pacer.decide(0.0, a_snapshot([0] * 10, [1, 1, 1])) == 2


@pytest.mark.parametrize(("now", "placed"), [(28799.0, 1), (28800.0, 0), (30000.0, 0)])
def test_the_shift_ends_progressively_and_then_altogether(now: float, placed: int) -> None:
    assert PredictivePacer(BASE).decide(now, a_snapshot([0] + [3] * 20, [], RICH)) == placed


def test_the_same_day_is_paced_the_same_way() -> None:
    days = [CallCentre(agents=10, live_rate=0.3, seed=7) for _ in range(2)]
    for day in days:
        day.run(PredictivePacer(BASE), 600)
    assert days[0].totals == days[1].totals


def test_a_restart_forgets_nothing() -> None:
    centre = CallCentre(agents=10, live_rate=0.3, seed=7)
    pacer = PredictivePacer(BASE)
    centre.run(pacer, 600)
    restored = PredictivePacer.restore(BASE, json.loads(json.dumps(pacer.state())))
    assert restored.state() == pacer.state()
    for second in range(600, 620):
        snapshot = centre.snapshot(float(second))
        assert restored.decide(float(second), snapshot) == pacer.decide(float(second), snapshot)


GARBAGE: list[object] = [None, "x", math.nan, math.inf, -1, 0, 1e300, [], {}, [None], True]


@pytest.mark.parametrize("garbage", GARBAGE, ids=repr)
@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("rate", "mean"),
        ("rate", "ratio"),
        ("rate", "delayed"),
        ("spending", "log_risk"),
        ("spending", "people"),
        ("timings", "wraps"),
        ("timings", "talk"),
        (None, "decided_at"),
        (None, "allowance"),
        (None, "ticks"),
    ],
)
def test_a_state_that_no_pacer_has_written_is_refused_at_once_or_paced_from(
    garbage: object, part: str | None, name: str
) -> None:
    state = json.loads(json.dumps(PredictivePacer(BASE).state()))
    whole = state if part is None else state[part]
    whole[name] = [garbage, *whole[name][1:]] if isinstance(whole[name], list) else garbage
    try:
        pacer = PredictivePacer.restore(BASE, state)
    except (AttributeError, LookupError, TypeError, ValueError):
        return  # as the desk takes it: the pacer learns anew
    assert all(pacer.decide(float(second), a_snapshot([0, 2, 3], [1])) >= 0 for second in range(40))


@pytest.mark.parametrize(
    "now",
    [math.nan, math.inf, -math.inf, np.float64("nan"), None, "7", datetime(2026, 11, 23, 12)],  # noqa: DTZ001 - a careless one
    ids=repr,
)
def test_a_moment_that_is_no_number_is_refused_and_nothing_is_learnt_from_it(now: Any) -> None:
    pacer = PredictivePacer(BASE)
    pacer.decide(1.0, a_snapshot([0, 2, 3], [1]))
    before = pacer.state()
    with pytest.raises(ValueError, match="give the seconds since the shift began as a finite number"):
        pacer.decide(now, a_snapshot([0, 2, 3], [1]))
    assert pacer.state() == before
    assert pacer.decide(np.float64(2.0), a_snapshot([0, 2, 3], [1])) >= 0


@pytest.mark.parametrize("kind", ["human", "machine", "failed", "talk_end", "wrap_end", "abandoned", "of another age"])
@pytest.mark.parametrize("seconds", [math.nan, math.inf, -math.inf, -5.0, 1e12])
def test_no_event_however_odd_breaks_a_tick(kind: str, seconds: float) -> None:
    pacer = PredictivePacer(BASE)
    odd = replace(a_snapshot([0, 2, 3], [1]), events=(PacingEvent(kind, seconds, seconds),))
    assert all(pacer.decide(float(second), odd) >= 0 for second in range(40))
    json.dumps(pacer.state(), allow_nan=False)


@pytest.mark.parametrize(("agents", "live_rate"), list(product([10, 40], [0.1, 0.4])))
def test_it_stays_below_the_limit_and_beats_one_call_per_agent(agents: int, live_rate: float) -> None:
    predictive = CallCentre(agents=agents, live_rate=live_rate, seed=11)
    predictive.run(PredictivePacer(BASE, CONFIGURED), SECONDS)
    progressive = CallCentre(agents=agents, live_rate=live_rate, seed=11)
    progressive.run(PredictivePacer(replace(BASE, target_abandonment=0.0), CONFIGURED), SECONDS)
    assert predictive.abandonment <= 0.03
    assert progressive.totals["abandoned"] == 0
    assert predictive.utilisation(SECONDS) > progressive.utilisation(SECONDS) + 0.03


def test_the_configured_policy_is_the_built_in_one() -> None:
    assert PacingPolicy() == CONFIGURED


def test_of_several_limits_the_lowest_counts() -> None:
    config = CONFIGURED.config(calls_per_second=1.0, ring_timeout_seconds=25.0, agents=5, limits=(0.05, None, 0.02))
    assert config.target_abandonment == 0.02
    careless = CONFIGURED.config(calls_per_second=1.0, ring_timeout_seconds=25.0, agents=5, limits=(0.05,))
    assert careless.target_abandonment == 0.03
