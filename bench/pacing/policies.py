"""The policies that a dialer is compared with."""

import numpy as np

from orchestrator.pacing.policy import PacingConfig
from orchestrator.pacing.predictive import PredictivePacer
from orchestrator.pacing.snapshot import AGENT_READY, PacingSnapshot

EVERY_SECONDS = 15.0


class Progressive:
    """One call per ready agent that none is in flight for."""

    def decide(self, _now: float, snapshot: PacingSnapshot) -> int:
        """The calls to place now."""
        return max(0, ready(snapshot) - len(snapshot.call_stage))


class FixedRatio:
    """So many lines per ready agent, whatever comes of them."""

    def __init__(self, ratio: float) -> None:
        self.ratio = ratio

    def decide(self, _now: float, snapshot: PacingSnapshot) -> int:
        """The calls to place now."""
        return max(0, int(ready(snapshot) * self.ratio) - len(snapshot.call_stage))


class AdaptiveLevel:
    """Lines per ready agent, stepped up while the drop rate is under the limit and down while it is over."""

    def __init__(self, limit: float) -> None:
        self.limit, self.level, self._next = limit, 1.0, 0.0

    def decide(self, now: float, snapshot: PacingSnapshot) -> int:
        """The calls to place now."""
        if now >= self._next:
            self._next = now + EVERY_SECONDS
            totals = snapshot.totals
            live = max(1, totals.human - totals.machine_disposition)
            under = totals.abandoned / live < self.limit
            self.level = min(4.0, self.level + 0.1) if under else max(1.0, self.level - 0.3)
        return max(0, int(ready(snapshot) * self.level) - len(snapshot.call_stage))


def predictive(agents: int, seconds: int, calls_per_second: float, ring_timeout: float) -> PredictivePacer:
    """This repository's own pacer."""
    return PredictivePacer(
        PacingConfig(
            target_abandonment=0.03,
            calls_per_second=calls_per_second,
            ring_timeout_seconds=ring_timeout,
            tick_seconds=1.0,
            agents=agents,
            shift_seconds=float(seconds),
            max_lines=15_000,
        )
    )


def ready(snapshot: PacingSnapshot) -> int:
    """How many agents are ready."""
    return int(np.count_nonzero(snapshot.agent_state == AGENT_READY))
