"""One campaign's day, a second at a time, paced by whatever policy is given."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from bench.pacing.population import FAILED, HUMAN, MACHINE, NO_ANSWER, STEP_SECONDS, Population
from bench.pacing.team import Team
from orchestrator.pacing.snapshot import (
    CALL_DETECTING,
    CALL_RINGING,
    CALL_WAITING,
    PacingEvent,
    PacingSnapshot,
    PacingTotals,
)

PATIENCE_SECONDS = 2.0  # of a person whom no agent has been found for
LATENCY_SECONDS = 0.5  # of the carrier's API
ENDS = {FAILED: "failed", NO_ANSWER: "no_answer"}


class Policy(Protocol):
    """How many calls to place, once a second."""

    def decide(self, now: float, snapshot: PacingSnapshot, /) -> int:
        """The calls to place now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The day that is simulated."""

    agents: int
    seed: int
    seconds: int = 28_800
    calls_per_second: float = 10.0
    ring_timeout: float = 28.0
    population: Population = field(default_factory=Population)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of it: ``utilisation`` is talk with people over time logged in."""

    utilisation: float
    abandonment: float
    decide_seconds: float


@dataclass(slots=True, eq=False)
class Call:
    """One call in flight, its fate drawn when it was dialled."""

    fate: int
    rings: float
    says_human: bool
    detected_in: float
    dialled_at: float
    stage: int
    since: float
    until: float


class Day:
    """A seeded day: the same plan gives the same people to every policy that dials at the same moments."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.random = plan, np.random.default_rng(plan.seed)
        self.rates = plan.population.rates(plan.seconds, self.random)
        self.team = Team(plan.agents, plan.seconds, plan.population.wrap_seconds, self.random)
        self.calls: list[Call] = []
        self.queued: list[float] = []
        self.totals: Counter[str] = Counter()
        self.events: list[PacingEvent] = []
        self.talked, self.tokens, self.deciding = 0.0, 0.0, 0.0

    def run(self, policy: Policy) -> Outcome:
        """The whole day under that policy."""
        for second in range(self.plan.seconds):
            self._second(float(second), policy)
        live = self.totals["human"] - self.totals["machine_disposition"]
        return Outcome(
            utilisation=self.talked / max(1.0, self.team.logged_seconds),
            abandonment=self.totals["abandoned"] / max(1, live),
            decide_seconds=self.deciding / self.plan.seconds,
        )

    def _second(self, now: float, policy: Policy) -> None:
        for event in self.team.settle(now):
            self._count(event)
        self.calls = [call for call in self.calls if call.until > now or not self._is_over(call, now)]
        self._join(now)
        started = time.process_time()
        wanted = policy.decide(now, self._snapshot(now))
        self.deciding += time.process_time() - started
        self.queued += [now] * wanted
        self.totals["placed"] += wanted
        self._dial(now)

    def _count(self, event: PacingEvent) -> None:
        self.events.append(event)
        self.totals[event.kind] += 1

    def _is_over(self, call: Call, now: float) -> bool:
        if call.stage == CALL_RINGING and call.fate in ENDS:
            self._count(PacingEvent(ENDS[call.fate], call.rings))
            return True
        if call.stage == CALL_RINGING:
            self._count(PacingEvent("answered", call.rings))
            call.stage, call.since, call.until = CALL_DETECTING, now, now + call.detected_in
        if call.stage == CALL_DETECTING and call.until <= now:
            self._count(PacingEvent("human" if call.says_human else "machine", call.rings, call.detected_in))
            call.stage, call.since, call.until = CALL_WAITING, now, now + PATIENCE_SECONDS
            return not call.says_human
        return False  # who waits is joined or lost below

    def _join(self, now: float) -> None:
        waiting = [call for call in self.calls if call.stage == CALL_WAITING]
        if not waiting:
            return
        pairs = list(zip(waiting, self.team.ready(), strict=False))
        for call, agent in pairs:
            self._connect(call, int(agent), now)
        lost = [call for call in waiting[len(pairs) :] if call.until <= now]
        for call in lost:
            self._count(PacingEvent("abandoned", now - call.since))
        gone = {id(call) for call in lost} | {id(call) for call, _ in pairs}
        self.calls = [call for call in self.calls if id(call) not in gone]

    def _connect(self, call: Call, agent: int, now: float) -> None:
        people = self.plan.population
        machine = call.fate == MACHINE
        shape = people.talk_shape
        talk = self.random.uniform(3, 9) if machine else self.random.gamma(shape, people.talk_seconds / shape)
        if call.fate == HUMAN:
            self.talked += min(talk, self.plan.seconds - now)
        self._count(PacingEvent("connected", self.team.talk(agent, now, talk, machine=machine)))

    def _dial(self, now: float) -> None:
        self.tokens = min(max(1.0, self.plan.calls_per_second), self.tokens + self.plan.calls_per_second)
        dialled = min(len(self.queued), int(self.tokens))
        self.tokens -= dialled
        del self.queued[:dialled]
        rate = float(self.rates[int(now) // STEP_SECONDS])
        self.calls += [self._call(rate, now) for _ in range(dialled)]

    def _call(self, rate: float, now: float) -> Call:
        people = self.plan.population
        fate, rings = people.fate(rate, self.plan.ring_timeout, self.random)
        rings += LATENCY_SECONDS
        says_human, detected_in = people.verdict(fate, self.random)
        return Call(fate, rings, says_human, detected_in, now, CALL_RINGING, now, now + rings)

    def _snapshot(self, now: float) -> PacingSnapshot:
        events, self.events = tuple(self.events), []
        names = PacingTotals.__slots__
        zeros = [0.0] * len(self.queued)
        return PacingSnapshot(
            agent_state=self.team.seen,
            agent_seconds=now - self.team.since,
            call_stage=np.array([0] * len(zeros) + [call.stage for call in self.calls], np.int8),
            call_seconds=np.array(zeros + [now - call.dialled_at for call in self.calls]),
            call_stage_seconds=np.array([now - at for at in self.queued] + [now - call.since for call in self.calls]),
            totals=PacingTotals(**{name: self.totals[name] for name in names}),
            events=events,
        )
