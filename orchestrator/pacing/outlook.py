"""Who will want an agent, and who will be free, over the next half minute: means and variances by horizon."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestrator.pacing.forecast import HORIZONS, Forecast
from orchestrator.pacing.snapshot import (
    AGENT_CONNECTING,
    AGENT_READY,
    AGENT_TALKING,
    AGENT_WRAPPING,
    CALL_DETECTING,
    CALL_QUEUED,
    CALL_RINGING,
    CALL_WAITING,
    PacingSnapshot,
)
from orchestrator.pacing.timings import BIN_SECONDS, DETECTION_BINS, RING_BINS, Timings, bins_of

Moments = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """People who want an agent, or agents who are free, by horizon."""

    mean: Moments
    variance: Moments


@dataclass(frozen=True, slots=True, eq=False)
class Ringing:
    """``calls`` that ring by the half second of their age, and the chance of each age that it is a ``person``'s."""

    calls: NDArray[np.intp]
    person: Moments


@dataclass(frozen=True, slots=True)
class Seen:
    """The snapshot in counts."""

    ready: int
    queued: int
    ringing: int
    detecting: int
    waiting: int


def seen(snapshot: PacingSnapshot) -> Seen:
    """Count the agents who are ready and the calls of each stage."""
    stages = np.bincount(snapshot.call_stage, minlength=4) if len(snapshot.call_stage) else np.zeros(4, np.intp)
    return Seen(
        ready=int(np.count_nonzero(snapshot.agent_state == AGENT_READY)),
        queued=int(stages[CALL_QUEUED]),
        ringing=int(stages[CALL_RINGING]),
        detecting=int(stages[CALL_DETECTING]),
        waiting=int(stages[CALL_WAITING]),
    )


def ringing(snapshot: PacingSnapshot, tables: Forecast, level: float) -> Ringing:
    """The calls that ring, by age."""
    ages = snapshot.call_seconds[snapshot.call_stage == CALL_RINGING]
    people = level * tables.unanswered
    return Ringing(
        calls=np.bincount(bins_of(ages, RING_BINS), minlength=RING_BINS + 1),
        person=people / (people + (1.0 - level) * tables.unanswered_other + 1e-12),
    )


def picking_up(tables: Forecast, ringing: Ringing, passed: float) -> float:
    """How many people are expected to pick up within so many seconds."""
    return float(ringing.calls[:-1] @ (ringing.person[:-1] * tables.pace)) * passed / BIN_SECONDS


def demand(snapshot: PacingSnapshot, counts: Seen, tables: Forecast, level: float, ringing: Ringing) -> Crowd:
    """Who of the calls in flight will have wanted an agent by each horizon."""
    landing = (ringing.person / tables.unanswered)[:, None] * tables.landing
    mean, variance = ringing.calls @ landing, ringing.calls @ (landing * (1.0 - landing))
    if counts.detecting:
        heard = _after_answer(snapshot, tables, level)
        mean, variance = mean + heard.sum(axis=0), variance + (heard * (1.0 - heard)).sum(axis=0)
    fresh = level * tables.landing[0]
    mean = mean + counts.queued * fresh + counts.waiting
    return Crowd(mean, variance + counts.queued * fresh * (1.0 - fresh))


def _after_answer(snapshot: PacingSnapshot, tables: Forecast, level: float) -> Moments:
    """The chance of each answered call to be declared a person by each horizon."""
    answered = snapshot.call_stage == CALL_DETECTING
    since = snapshot.call_stage_seconds[answered]
    elapsed = bins_of(since, DETECTION_BINS)
    rang = bins_of(snapshot.call_seconds[answered] - since, RING_BINS - 1)
    person = level * tables.answers[rang] * tables.undetected[elapsed]
    machine = (1.0 - level) * tables.machines * tables.machine_answers[rang] * tables.undetected_machine[elapsed]
    chances: Moments = (person / (person + machine + 1e-12))[:, None] * tables.landing_after_answer[elapsed]
    return chances


def supply(snapshot: PacingSnapshot, counts: Seen, tables: Forecast, timings: Timings, lead: float) -> Crowd:
    """Which agents will be free by each horizon, and ``lead`` seconds more, for as long as a person waits."""
    within = HORIZONS + lead
    busy = (snapshot.agent_state == AGENT_TALKING) | (snapshot.agent_state == AGENT_CONNECTING)
    talking = int(np.count_nonzero(busy))
    talk, wrap = 1.0 / max(5.0, timings.talk_seconds), 1.0 / max(1.0, _mean_wrap(tables))
    freed = both_over(talk, wrap, within)
    mean, variance = counts.ready + talking * freed, talking * freed * (1.0 - freed)
    elapsed = snapshot.agent_seconds[snapshot.agent_state == AGENT_WRAPPING]
    if len(elapsed):
        done = _wrapped_up(tables, elapsed, within)
        mean, variance = mean + done.sum(axis=0), variance + (done * (1.0 - done)).sum(axis=0)
    return Crowd(mean, variance)


def _mean_wrap(tables: Forecast) -> float:
    return float(tables.wrapping[:-1].sum()) * BIN_SECONDS


def _wrapped_up(tables: Forecast, elapsed: Moments, within: Moments) -> Moments:
    """The chance of each wrap-up to end in time, given how long it has lasted."""
    last = len(tables.wrapping) - 1
    place = np.minimum((elapsed[:, None] + within[None, :]) / BIN_SECONDS, last - 1.0)
    below = place.astype(np.intp)
    part = place - below
    then = tables.wrapping[below] * (1.0 - part) + tables.wrapping[below + 1] * part
    now = tables.wrapping[bins_of(elapsed, last)]
    return np.clip(1.0 - then / now[:, None], 0.0, 1.0)


def both_over(first_rate: float, then_rate: float, within: Moments) -> Moments:
    """The chance that two exponential durations, one after the other, end in time."""
    if math.isclose(first_rate, then_rate, rel_tol=1e-6):
        return 1.0 - np.exp(-first_rate * within) * (1.0 + first_rate * within)
    slow, fast = np.exp(-first_rate * within), np.exp(-then_rate * within)
    return np.clip(1.0 - (then_rate * slow - first_rate * fast) / (then_rate - first_rate), 0.0, 1.0)
