"""The share of calls that a person answers, tracked as it drifts and jumps.

A Gamma-Poisson filter: people seen over people expected, around the day's own mean, to which it slowly returns.
"""

from collections import deque
from collections.abc import Mapping
from typing import Any, Self

from orchestrator.pacing.policy import Beliefs, Tracking

LOWEST, HIGHEST = 0.01, 0.85
LONGEST_MEAN = 3000.0  # calls, of the day's mean
DELAYS_KEPT = 40
SHORTEST_TICK_SECONDS = 0.1


class AnswerRate:
    """``level`` is the share; ``doubt`` the relative variance of what is known of it."""

    def __init__(self, beliefs: Beliefs, tracking: Tracking) -> None:
        self._tracking = tracking
        self._mean, self._weight = beliefs.live_rate, beliefs.live_rate_weight
        self._seen = self._expected = tracking.first_weight
        self._delayed: deque[float] = deque(maxlen=DELAYS_KEPT)

    @property
    def level(self) -> float:
        """The share of calls dialled now that will be declared people."""
        return min(HIGHEST, max(LOWEST, self._mean * self._seen / self._expected))

    @property
    def doubt(self) -> float:
        """The variance of the level over its square: large when little was seen lately."""
        return (1.0 - 0.5 * self.level) / self._seen

    def hear(self, people: int, ended: int, answering: float, delay_seconds: float, passed: float) -> None:
        """``people`` of ``ended`` calls were declared so; ``answering``: people expected to pick up in this tick.

        Who picks up now is declared a person ``delay_seconds`` later, when detection has listened.
        """
        self._delayed.append(answering)
        ticks = min(DELAYS_KEPT - 1, round(delay_seconds / max(passed, SHORTEST_TICK_SECONDS)))
        due = self._delayed[-1 - ticks] if len(self._delayed) > ticks else 0.0
        ratio = self._seen / self._expected
        self._seen += people
        self._expected += due / max(ratio, 1e-6)
        fade = min(1.0, self._tracking.memory_people / self._seen)
        back = min(1.0, passed / self._tracking.return_seconds)
        pull = back * self._tracking.return_weight
        self._seen = self._seen * fade * (1.0 - back) + pull
        self._expected = self._expected * fade * (1.0 - back) + pull
        if ended:
            self._weight += ended
            self._mean += (people - ended * self._mean) / min(self._weight, LONGEST_MEAN)

    def state(self) -> dict[str, Any]:
        """Plain JSON that ``restored`` takes back."""
        return {
            "mean": [self._mean, self._weight],
            "ratio": [self._seen, self._expected],
            "delayed": list(self._delayed),
        }

    @classmethod
    def restored(cls, beliefs: Beliefs, tracking: Tracking, state: Mapping[str, Any]) -> Self:
        """The rate as it was before a restart. Raises ValueError for one that could not have been."""
        rate = cls(beliefs, tracking)
        rate._mean, rate._weight = state.get("mean", (rate._mean, rate._weight))
        rate._seen, rate._expected = state.get("ratio", (rate._seen, rate._expected))
        if min(rate._weight, rate._seen, rate._expected) <= 0.0:
            raise ValueError("a weight of nothing")
        rate._delayed.extend(state.get("delayed", ()))
        return rate
