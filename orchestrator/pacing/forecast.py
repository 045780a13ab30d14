"""Chances over the next half minute, from the tables of what has been seen.

A call in flight is one of four: it will be declared a person, declared a machine, fail, or ring in vain. Its age says
which are still likely, and when its person will want an agent.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestrator.pacing.timings import BIN_SECONDS, DETECTION_BINS, RING_BINS, Timings

Chances = NDArray[np.float64]
HORIZONS = np.array([1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 17, 20, 24, 28, 32], dtype=np.float64)  # seconds from now
_STEPS = np.rint(HORIZONS / BIN_SECONDS).astype(np.intp)
_LONGEST = RING_BINS + int(_STEPS[-1]) + DETECTION_BINS + 2
LEAST = 1e-7

# By half seconds until an answer (rows) and by horizon: how long after its answer the call will then have been heard.
_SINCE_ANSWER = _STEPS[None, :] - np.arange(RING_BINS + 1)[:, None]
_REACHED = _SINCE_ANSWER >= 0
_SINCE_ANSWER = np.where(_REACHED, _SINCE_ANSWER, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """Tables by age in half seconds (rows) and by HORIZONS (columns).

    ``landing``: a person not yet answered at that age is declared one in time, times the chance to get to that age;
    ``landing_after_answer``: the same for one answered so long ago. ``unanswered`` and ``unanswered_other``: that a
    person, or anything else, is still ringing at that age. ``pace``: of persons still ringing, those who answer within
    the half second. ``machines``: of what is no person. ``when``: the share of new persons who land by each horizon.
    """

    landing: Chances
    landing_after_answer: Chances
    unanswered: Chances
    unanswered_other: Chances
    answers: Chances
    machine_answers: Chances
    undetected: Chances
    undetected_machine: Chances
    pace: Chances
    machines: float
    when: Chances
    detection_seconds: float
    wrapping: Chances


def forecast(timings: Timings) -> Forecast:
    """The tables that these timings make; a few hundred microseconds, so not at every tick."""
    answers, machine_answers = _smooth(timings.person_rings), _smooth(timings.machine_rings)
    failures = _smooth(timings.failure_rings)
    detected, machine_detected = _smooth(timings.person_detected), _smooth(timings.machine_detected)
    machines, failed, silent = _shares(timings)
    unanswered = np.maximum(_survival(answers), LEAST)
    known = np.concatenate(([0.0], np.cumsum(detected), np.ones(_LONGEST - DETECTION_BINS - 1)))
    later = np.lib.stride_tricks.sliding_window_view(np.pad(answers, (0, RING_BINS + 1)), RING_BINS + 1)
    landing = later @ (known[_SINCE_ANSWER] * _REACHED)
    elapsed = np.arange(DETECTION_BINS + 1)
    undetected = np.maximum(_survival(detected), 1e-6)
    after = (known[elapsed[:, None] + _STEPS[None, :]] - known[elapsed][:, None]) / undetected[:, None]
    new = np.diff(landing[0], prepend=0.0)
    return Forecast(
        landing=landing,
        landing_after_answer=np.minimum(after, 1.0),
        unanswered=unanswered,
        unanswered_other=machines * _survival(machine_answers) + failed * _survival(failures) + silent,
        answers=answers,
        machine_answers=machine_answers,
        undetected=undetected,
        undetected_machine=np.maximum(_survival(machine_detected), 1e-6),
        pace=answers / unanswered[:-1],
        machines=machines,
        when=new / new.sum(),
        detection_seconds=float(detected @ np.arange(DETECTION_BINS)) * BIN_SECONDS + 0.25,
        wrapping=np.maximum(_survival(timings.wraps / timings.wraps.sum()), 1e-5),
    )


def _shares(timings: Timings) -> tuple[float, float, float]:
    """Of the calls that no person takes: machines, failures, and those that ring in vain."""
    machines, failures = float(timings.machine_rings.sum()), float(timings.failure_rings.sum())
    every = machines + failures + timings.silent
    return machines / every, failures / every, timings.silent / every


def _smooth(table: Chances) -> Chances:
    """The table as chances, each shared a little with its neighbours: counts of a day are rough."""
    spread: Chances = np.convolve(table, (0.25, 0.5, 0.25), "same")
    return spread / float(spread.sum())


def _survival(chances: Chances) -> Chances:
    """The chance to last until the beginning of each half second, and one row for whatever is older."""
    survival: Chances = np.maximum(1.0 - np.concatenate(([0.0], np.cumsum(chances))), 0.0)
    return survival
