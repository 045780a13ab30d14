"""How much risk one more call may carry, so that the budget lasts until the end of the shift.

Risk pays less the more of it is taken: a steady risk all day is best, and being left without any is worst. So a reserve
of tokens is built up first; the wanted rate of abandonment is the goal times tokens over reserve; the reserve melts as
the shift ends; and what was really abandoned slowly corrects which risk is needed for the wanted rate.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Self

from orchestrator.pacing.policy import PacingConfig, Risk
from orchestrator.pacing.snapshot import PacingEvent

OPEN_SHIFT_SECONDS = 4 * 3600.0  # planned for where nobody knows when the work ends
TRUSTED_AFTER_SECONDS = 600.0
LEAST_LEFT_SECONDS = 60.0
LEAST_TO_COME = 3.0  # people
EARNED_SURELY = 0.7  # of the tokens that the rest of the shift is expected to bring
BUSY_SHARE, TALK_AND_WRAP_SECONDS = 0.7, 115.0
LOWEST_RISK, HIGHEST_RISK, QUICKEST_CORRECTION = 0.0005, 0.6, 0.1


class Spending:
    """The risk allowed now. ``goal``: abandoned calls a live answer that are aimed at."""

    def __init__(self, config: PacingConfig, risk: Risk, goal: float) -> None:
        self._config, self._risk, self._goal = config, risk, goal
        self._log_risk = math.log(risk.first)
        self._people, self._worked, self._wanted = 0, 0.0, goal

    def hear(self, events: Sequence[PacingEvent], passed: float, agents: int) -> None:
        """Take in who was met and who was abandoned since the last decision."""
        met = sum((event.kind == "human") - (event.kind == "machine_disposition") for event in events)
        lost = sum(event.kind == "abandoned" for event in events)
        self._people += met
        self._worked += passed if agents else 0.0
        if met or lost:
            pace = self._people_a_second(agents)
            correction = min(QUICKEST_CORRECTION, self._risk.correction / pace)
            moved = self._log_risk + correction * (self._wanted * met - lost)
            self._log_risk = min(math.log(HIGHEST_RISK), max(math.log(LOWEST_RISK), moved))

    def allowed(self, tokens: float, left_seconds: float, agents: int) -> float:
        """The chance to reach nobody that one more person may have; 0 without tokens."""
        if self._goal <= 0.0:
            return 0.0
        free = tokens - self._kept_back(left_seconds, agents)
        share = min(self._risk.fastest, free / self._reserve(left_seconds, agents))
        self._wanted = self._goal * max(0.0, share)
        return math.exp(self._log_risk) * share**self._risk.steepness if share > 0.0 else 0.0

    def _kept_back(self, left_seconds: float, agents: int) -> float:
        """Tokens that are risked no more, since calls lost together could not be earned back before the shift ends."""
        calling = max(0.0, left_seconds - self._config.ring_timeout_seconds)
        earned = EARNED_SURELY * self._goal * self._people_a_second(agents) * calling
        return max(0.0, self._risk.last_calls + self._risk.last_calls_an_agent * agents - earned)

    def _reserve(self, left_seconds: float, agents: int) -> float:
        """Tokens to hold: no more than chance can take in an hour, nor than it can take in the rest of the shift."""
        pace = self._people_a_second(agents)
        left = min(left_seconds, OPEN_SHIFT_SECONDS) if self._config.shift_seconds is None else left_seconds
        calling = max(LEAST_LEFT_SECONDS, left - self._config.ring_timeout_seconds)
        chance_an_hour = math.sqrt(self._goal * pace * 3600.0)
        chance_left = math.sqrt(self._goal * max(LEAST_TO_COME, pace * calling))
        most = self._risk.reserve_calls + self._risk.reserve_an_hour * chance_an_hour
        return min(most, max(self._risk.least_reserve, self._risk.reserve_at_the_end * chance_left))

    def _people_a_second(self, agents: int) -> float:
        if self._worked > TRUSTED_AFTER_SECONDS and self._people > 0:
            return self._people / self._worked
        return BUSY_SHARE * max(1, self._config.agents, agents) / TALK_AND_WRAP_SECONDS

    def state(self) -> dict[str, Any]:
        """Plain JSON that ``restored`` takes back."""
        return {
            "log_risk": self._log_risk,
            "people": self._people,
            "worked": self._worked,
            "wanted": self._wanted,
        }

    @classmethod
    def restored(cls, config: PacingConfig, risk: Risk, goal: float, state: Mapping[str, Any]) -> Self:
        """The plan as it was before a restart."""
        plan = cls(config, risk, goal)
        plan._log_risk = state.get("log_risk", plan._log_risk)
        plan._people, plan._worked = state.get("people", 0), state.get("worked", 0.0)
        plan._wanted = state.get("wanted", goal)
        return plan
