"""Predictive pacing: as many calls as the expected free agents bear within the budget of abandoned calls.

A plain binomial look-ahead: every call in flight may become a person with the same chance, whatever its age, and each
busy agent may come free before that person answers.
"""

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from orchestrator.domain.contact_request import AbandonmentCounts
from orchestrator.pacing.binomial import Probabilities, binomial, expected_excess
from orchestrator.pacing.budget import SAFETY, remaining
from orchestrator.pacing.learning import Learning
from orchestrator.pacing.policy import PacingConfig, PacingPolicy
from orchestrator.pacing.snapshot import (
    AGENT_READY,
    AGENT_TALKING,
    AGENT_WRAPPING,
    CALL_DETECTING,
    CALL_WAITING,
    PacingSnapshot,
    PacingTotals,
)

__all__ = ["PacingConfig", "PredictivePacer"]

LATE_TICKS_MADE_UP = 2.0  # of calls per second that a late tick may catch up


class PredictivePacer:
    """One campaign over one window. Reads no clock, no randomness and no I/O: the same questions, the same answers."""

    def __init__(self, config: PacingConfig, policy: PacingPolicy | None = None) -> None:
        self.config = config
        self.policy = policy or PacingPolicy()
        self._learning = Learning(self.policy.beliefs)
        self._decided_at: float | None = None
        self._allowance = 0.0

    def decide(self, now: float, snapshot: PacingSnapshot) -> int:
        """How many calls to place, once a tick; ``now`` in seconds since the shift began."""
        self._learning.hear(snapshot.events)
        room = self._room(now, snapshot)
        calls = min(max(self._progressive(snapshot), self._predictive(now, snapshot, room)), room)
        self._allowance -= calls
        return calls

    def state(self) -> dict[str, Any]:
        """Plain JSON that ``restore`` takes back."""
        return {"learning": self._learning.state(), "decided_at": self._decided_at, "allowance": self._allowance}

    @classmethod
    def restore(cls, config: PacingConfig, state: Mapping[str, Any], policy: PacingPolicy | None = None) -> Self:
        """The pacer as it was before a restart."""
        pacer = cls(config, policy)
        pacer._learning = Learning.restored(pacer.policy.beliefs, state["learning"])
        pacer._decided_at = state["decided_at"]
        pacer._allowance = state["allowance"]
        return pacer

    def _room(self, now: float, snapshot: PacingSnapshot) -> int:
        """What the account's calls per second, its lines and the end of the shift leave."""
        tick = self.config.tick_seconds
        passed = tick if self._decided_at is None else now - self._decided_at
        self._decided_at = now
        most = max(1.0, self.config.calls_per_second * tick * LATE_TICKS_MADE_UP)
        self._allowance = min(most, self._allowance + self.config.calls_per_second * max(0.0, passed))
        if self._left_of_shift(now) <= 0:
            return 0
        lines = self.config.max_lines - len(snapshot.call_stage)
        return max(0, min(lines, math.floor(self._allowance + 1e-9)))

    def _left_of_shift(self, now: float) -> float:
        return math.inf if self.config.shift_seconds is None else self.config.shift_seconds - now

    def _progressive(self, snapshot: PacingSnapshot) -> int:
        """One call per ready agent that none is in flight for."""
        ready = int(np.count_nonzero(snapshot.agent_state == AGENT_READY))
        return max(0, ready - len(snapshot.call_stage))

    def _predictive(self, now: float, snapshot: PacingSnapshot, room: int) -> int:
        tokens = self._tokens(snapshot)
        if tokens <= 0 or self._left_of_shift(now) <= self.config.ring_timeout_seconds:
            return 0
        supply = self._agents_free(snapshot)
        lowest, highest = 0, room + 1  # lowest is within the risk, highest is not known to be
        while highest - lowest > 1:
            middle = (lowest + highest) // 2
            if self._is_within_risk(snapshot, middle, supply, tokens):
                lowest = middle
            else:
                highest = middle
        return lowest

    def _tokens(self, snapshot: PacingSnapshot) -> float:
        """The budget that is left once those who wait without a free agent are counted as lost."""
        ready = int(np.count_nonzero(snapshot.agent_state == AGENT_READY))
        waiting = int(np.count_nonzero(snapshot.call_stage == CALL_WAITING))
        return remaining(counts(snapshot.totals), self.config.target_abandonment) - max(0, waiting - ready)

    def _is_within_risk(self, snapshot: PacingSnapshot, extra: int, supply: Probabilities, tokens: float) -> bool:
        demand = self._people_answering(snapshot, extra)
        live = float(demand @ np.arange(len(demand)))
        risk = min(self.policy.risk.highest, SAFETY * self._target() * tokens / self.policy.risk.balanced_tokens)
        allowed = min(risk * live, self.policy.risk.share_of_tokens * tokens)
        return expected_excess(demand, supply) <= allowed

    def _target(self) -> float:
        return self.config.target_abandonment

    def _people_answering(self, snapshot: PacingSnapshot, extra: int) -> Probabilities:
        """How many people will want an agent, of the calls in flight and so many more."""
        waiting = int(np.count_nonzero(snapshot.call_stage == CALL_WAITING))
        detecting = int(np.count_nonzero(snapshot.call_stage == CALL_DETECTING))
        dialling = len(snapshot.call_stage) - waiting - detecting + extra
        detected = binomial(detecting, self._learning["detected_live"])
        unsure: Probabilities = np.convolve(binomial(dialling, self._learning["live_rate"]), detected)
        return np.concatenate((np.zeros(waiting), unsure))

    def _agents_free(self, snapshot: PacingSnapshot) -> Probabilities:
        """How many agents will be free by the time that a call placed now is answered."""
        horizon = self._learning["answer_seconds"]
        wrap, talk = 1 / self._learning["wrap_seconds"], 1 / self._learning["talk_seconds"]
        ready, talking, wrapping = (
            int(np.count_nonzero(snapshot.agent_state == state))
            for state in (AGENT_READY, AGENT_TALKING, AGENT_WRAPPING)
        )
        from_wrap_up = binomial(wrapping, 1 - math.exp(-wrap * horizon))
        busy: Probabilities = np.convolve(from_wrap_up, binomial(talking, _both_over(talk, wrap, horizon)))
        return np.concatenate((np.zeros(ready), busy))


def counts(totals: PacingTotals) -> AbandonmentCounts:
    """The totals as the budget counts them: what an agent called a machine was no person."""
    return AbandonmentCounts(live_answered=totals.human - totals.machine_disposition, abandoned=totals.abandoned)


def _both_over(first_rate: float, then_rate: float, within: float) -> float:
    """The chance that two exponential durations, one after the other, end in time."""
    if math.isclose(first_rate, then_rate, rel_tol=1e-6):
        return 1 - math.exp(-first_rate * within) * (1 + first_rate * within)
    slow, fast = first_rate, then_rate
    missed = (fast * math.exp(-slow * within) - slow * math.exp(-fast * within)) / (fast - slow)
    return 1 - missed
