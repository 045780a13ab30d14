"""The look-ahead of textbooks: every call may find a person with the same chance, whatever its age.

One more call is placed while the people expected to find no agent stay within what is left of the budget.
"""

import math

import numpy as np

from bench.pacing.binomial import Probabilities, binomial, expected_excess
from orchestrator.pacing.snapshot import (
    AGENT_READY,
    AGENT_TALKING,
    AGENT_WRAPPING,
    CALL_DETECTING,
    CALL_WAITING,
    PacingSnapshot,
)

GOAL, BALANCED_TOKENS, HIGHEST_RISK, SHARE_OF_TOKENS = 0.0297, 2.0, 0.3, 0.25
MEMORY_CALLS = 400.0
MOST_AT_ONCE = 20


class LookAhead:
    """Learns four means, and treats agents and calls as binomial."""

    def __init__(self) -> None:
        self._means = {"live": 0.3, "detected": 0.6, "answer": 12.0, "talk": 90.0, "wrap": 15.0}
        self._weights = dict.fromkeys(self._means, 60.0)

    def decide(self, _now: float, snapshot: PacingSnapshot) -> int:
        """The calls to place now."""
        self._hear(snapshot)
        totals = snapshot.totals
        tokens = GOAL * (totals.human - totals.machine_disposition) - totals.abandoned
        ready = int(np.count_nonzero(snapshot.agent_state == AGENT_READY))
        progressive = max(0, ready - len(snapshot.call_stage))
        if tokens <= 0:
            return progressive
        supply = self._supply(snapshot, ready)
        within = (extra for extra in range(MOST_AT_ONCE, 0, -1) if self._is_within(snapshot, extra, supply, tokens))
        return max(progressive, next(within, 0))

    def _hear(self, snapshot: PacingSnapshot) -> None:
        for event in snapshot.events:
            if event.kind in {"human", "machine", "no_answer", "failed"}:
                self._add("live", float(event.kind == "human"))
            if event.kind in {"human", "machine"}:
                self._add("detected", float(event.kind == "human"))
            if event.kind == "human":
                self._add("answer", event.value + event.value2)
            if event.kind in {"talk_end", "wrap_end"}:
                self._add(event.kind.removesuffix("_end"), event.value)

    def _add(self, name: str, sample: float) -> None:
        self._weights[name] = min(self._weights[name] + 1.0, MEMORY_CALLS)
        self._means[name] += (sample - self._means[name]) / self._weights[name]

    def _is_within(self, snapshot: PacingSnapshot, extra: int, supply: Probabilities, tokens: float) -> bool:
        demand = self._demand(snapshot, extra)
        risk = min(HIGHEST_RISK, GOAL * tokens / BALANCED_TOKENS)
        allowed = min(risk * float(demand @ np.arange(len(demand))), SHARE_OF_TOKENS * tokens)
        return expected_excess(demand, supply) <= allowed

    def _demand(self, snapshot: PacingSnapshot, extra: int) -> Probabilities:
        waiting = int(np.count_nonzero(snapshot.call_stage == CALL_WAITING))
        detecting = int(np.count_nonzero(snapshot.call_stage == CALL_DETECTING))
        dialling = len(snapshot.call_stage) - waiting - detecting + extra
        unsure = np.convolve(binomial(dialling, self._means["live"]), binomial(detecting, self._means["detected"]))
        return np.concatenate((np.zeros(waiting), unsure))

    def _supply(self, snapshot: PacingSnapshot, ready: int) -> Probabilities:
        talking = int(np.count_nonzero(snapshot.agent_state == AGENT_TALKING))
        wrapping = int(np.count_nonzero(snapshot.agent_state == AGENT_WRAPPING))
        horizon, wrap, talk = self._means["answer"], 1 / self._means["wrap"], 1 / self._means["talk"]
        slow, fast = math.exp(-talk * horizon), math.exp(-wrap * horizon)
        both = min(1.0, max(0.0, 1 - (wrap * slow - talk * fast) / (wrap - talk)))
        busy = np.convolve(binomial(wrapping, 1 - fast), binomial(talking, both))
        return np.concatenate((np.zeros(ready), busy))
