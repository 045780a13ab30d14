"""A small call centre to pace: a day of seeded calls and agents, one second at a time."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from orchestrator.pacing.predictive import PredictivePacer
from orchestrator.pacing.snapshot import PacingEvent, PacingSnapshot, PacingTotals

READY, TALKING, WRAPPING = 0, 2, 3
RINGING, DETECTING, WAITING = 1, 2, 3
PATIENCE_SECONDS = 2.0


@dataclass
class Call:
    """A call whose fate is drawn when it is placed."""

    fate: str
    rings_for: float
    detected_in: float
    placed_at: float
    stage: int = RINGING
    stage_since: float = 0.0


@dataclass
class CallCentre:
    """Agents talk 100 s and wrap up 15 s on average; of the calls that people do not answer, half meet a machine."""

    agents: int
    live_rate: float
    seed: int
    ring_timeout_seconds: float = 28.0
    calls: list[Call] = field(default_factory=list)
    totals: Counter[str] = field(default_factory=Counter)
    talked_seconds: float = 0.0

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)
        self.state = np.zeros(self.agents, dtype=np.int8)
        self.since = np.zeros(self.agents)
        self.until = np.full(self.agents, np.inf)
        self.events: list[PacingEvent] = []

    def run(self, pacer: PredictivePacer, seconds: int) -> None:
        for now in range(seconds):
            self._settle(float(now))
            for _ in range(pacer.decide(float(now), self.snapshot(float(now)))):
                self._place(float(now))

    @property
    def abandonment(self) -> float:
        return self.totals["abandoned"] / max(1, self.totals["human"])

    def utilisation(self, seconds: int) -> float:
        return self.talked_seconds / (self.agents * seconds)

    def snapshot(self, now: float) -> PacingSnapshot:
        events, self.events = tuple(self.events), []
        return PacingSnapshot(
            agent_state=self.state.copy(),
            agent_seconds=now - self.since,
            call_stage=np.array([call.stage for call in self.calls], dtype=np.int8),
            call_seconds=np.array([now - call.placed_at for call in self.calls]),
            call_stage_seconds=np.array([now - call.stage_since for call in self.calls]),
            totals=PacingTotals(**self.totals),
            events=events,
        )

    def _place(self, now: float) -> None:
        drawn = self.random.random()
        fate = "human" if drawn < self.live_rate else "machine" if drawn < (1 + self.live_rate) / 2 else "no_answer"
        rings = self.ring_timeout_seconds if fate == "no_answer" else min(25.0, 2 + self.random.gamma(3.0, 3.0))
        self.calls.append(Call(fate, rings, self.random.uniform(0.5, 3.0), now, stage_since=now))
        self.totals["placed"] += 1

    def _settle(self, now: float) -> None:
        self._free_agents(now)
        self.calls = [call for call in self.calls if not self._ended(call, now)]

    def _free_agents(self, now: float) -> None:
        for agent in np.flatnonzero(self.until <= now):
            kind = "talk_end" if self.state[agent] == TALKING else "wrap_end"
            self.events.append(PacingEvent(kind, now - self.since[agent]))
            wraps = self.state[agent] == TALKING
            self.state[agent], self.since[agent] = (WRAPPING, now) if wraps else (READY, now)
            self.until[agent] = now + self.random.exponential(15.0) if wraps else np.inf

    def _ended(self, call: Call, now: float) -> bool:
        if call.stage == RINGING and now - call.placed_at >= call.rings_for:
            if call.fate == "no_answer":
                return self._count("no_answer", call.rings_for)
            call.stage, call.stage_since = DETECTING, now
        if call.stage == DETECTING and now - call.stage_since >= call.detected_in:
            if call.fate == "machine":
                return self._count("machine", call.rings_for, call.detected_in)
            self._count("human", call.rings_for, call.detected_in)
            call.stage, call.stage_since = WAITING, now
        return call.stage == WAITING and self._connected_or_lost(call, now)

    def _connected_or_lost(self, call: Call, now: float) -> bool:
        ready = np.flatnonzero(self.state == READY)
        if len(ready):
            agent, talk = ready[0], self.random.exponential(100.0)
            self.state[agent], self.since[agent], self.until[agent] = TALKING, now, now + talk
            self.talked_seconds += talk
            return self._count("connected", 0.0)
        waited = now - call.stage_since
        return waited >= PATIENCE_SECONDS and self._count("abandoned", waited)

    def _count(self, kind: str, value: float, value2: float = 0.0) -> bool:
        self.totals[kind] += 1
        self.events.append(PacingEvent(kind, value, value2))
        return True
