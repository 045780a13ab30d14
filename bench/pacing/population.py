"""Whom a campaign calls: how likely people answer as the day goes on, and what each call turns out to be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HUMAN, MACHINE, FAILED, NO_ANSWER = range(4)
STEP_SECONDS = 10  # of the path that the answer rate takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """What is drawn for a day. Rates are shares of calls, times are means in seconds.

    The live answer rate starts between ``lowest`` and ``highest``, drifts (an Ornstein-Uhlenbeck walk on its log odds
    of ``drift``, half an hour long) and jumps when a list changes, every hour and a half or so.
    """

    lowest: float = 0.1
    highest: float = 0.5
    drift: float = 0.25
    jump: float = 0.35
    machines: float = 0.45  # of the calls that no person answers
    failures: float = 0.06
    detection: bool = True
    taken_for_machines: float = 0.01  # people
    taken_for_people: float = 0.05  # machines
    detection_seconds: float = 3.0
    talk_seconds: float = 100.0
    talk_shape: float = 1.0  # of a gamma distribution; 1 is exponential
    wrap_seconds: float = 15.0

    def rates(self, seconds: int, random: np.random.Generator) -> NDArray[np.float64]:
        """The live answer rate, one for every ten seconds."""
        steps = seconds // STEP_SECONDS + 2
        base = random.uniform(self.lowest, self.highest)
        stay = np.exp(-STEP_SECONDS / 1800.0)
        shocks = random.normal(size=steps) * self.drift * np.sqrt(1 - stay * stay)
        drifted, jumped = np.zeros(steps), np.zeros(steps)
        for at in range(1, steps):
            drifted[at] = stay * drifted[at - 1] + shocks[at]
        moment = random.exponential(5400.0)
        while moment < seconds:
            jumped[int(moment) // STEP_SECONDS :] = random.normal(0, self.jump)
            moment += random.exponential(5400.0)
        odds = np.log(base / (1 - base)) + drifted + jumped
        rates: NDArray[np.float64] = np.clip(1 / (1 + np.exp(-odds)), 0.04, 0.7)
        return rates

    def fate(self, rate: float, ring_timeout: float, random: np.random.Generator) -> tuple[int, float]:
        """What a call turns out to be, and after how many seconds of ringing."""
        if random.random() < rate:
            return HUMAN, min(2.0 + random.gamma(2.2, 3.6), ring_timeout - 0.5)
        drawn = random.random()
        if drawn < self.machines:
            at_once = random.random() < 0.12
            rings = random.uniform(0.5, 3) if at_once else float(np.clip(random.normal(20, 3), 6, ring_timeout - 0.5))
            return MACHINE, rings
        if drawn < self.machines + self.failures:
            return FAILED, random.uniform(0.5, 5)
        return NO_ANSWER, ring_timeout

    def verdict(self, fate: int, random: np.random.Generator) -> tuple[bool, float]:
        """Whether detection says human, and after how many seconds."""
        if not self.detection:
            return True, 0.0
        wrong = random.random() < (self.taken_for_machines if fate == HUMAN else self.taken_for_people)
        says_human = (fate == HUMAN) is not wrong
        if says_human:
            return True, max(0.8, random.gamma(6.0, self.detection_seconds / 6.0))
        return False, max(1.5, random.gamma(8.0, (self.detection_seconds + 1.2) / 8.0))
