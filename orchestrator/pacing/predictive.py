"""Predictive pacing: as many calls as keep agents talking within the budget of abandoned calls.

Each call in flight is worth what its age leaves of it; a further one is placed while the chance that its person would
find every agent taken, averaged over the moments at which they may land, stays within the risk that the budget allows.
"""

import math
from collections.abc import Mapping
from typing import Any, Self

from orchestrator.domain.contact_request import AbandonmentCounts
from orchestrator.pacing import outlook
from orchestrator.pacing.answer_rate import AnswerRate
from orchestrator.pacing.budget import SAFETY, remaining
from orchestrator.pacing.forecast import Forecast, forecast
from orchestrator.pacing.memory_form import require_form
from orchestrator.pacing.outlook import Crowd, Ringing, Seen
from orchestrator.pacing.policy import PacingConfig, PacingPolicy
from orchestrator.pacing.reason import PacingReason
from orchestrator.pacing.snapshot import AGENT_AWAY, PacingSnapshot, PacingTotals, require_seconds
from orchestrator.pacing.spending import Spending
from orchestrator.pacing.timings import Timings

__all__ = ["PacingConfig", "PredictivePacer"]

LATE_TICKS_MADE_UP = 2.0  # of calls per second that a late tick may catch up
TABLES_EVERY_TICKS = 30
ENDED = frozenset({"human", "machine", "no_answer", "failed"})
ROOT_HALF = math.sqrt(0.5)


class PredictivePacer:
    """One campaign over one window. Reads no clock, no randomness and no I/O: the same questions, the same answers.

    ``reason`` says why the last decision was as it was; None before the first.
    """

    def __init__(self, config: PacingConfig, policy: PacingPolicy | None = None) -> None:
        self.config = config
        self.policy = policy or PacingPolicy()
        self.reason: PacingReason | None = None
        self._timings = Timings(self.policy.beliefs)
        self._rate = AnswerRate(self.policy.beliefs, self.policy.tracking)
        self._spending = Spending(config, self.policy.risk, SAFETY * config.target_abandonment)
        self._decided_at: float | None = None
        self._allowance = 0.0
        self._ticks = 0
        self._tables: Forecast = forecast(self._timings)

    def decide(self, now: float, snapshot: PacingSnapshot) -> int:
        """How many calls to place, once a tick; ``now`` in seconds since the shift began.

        Raises ValueError for a ``now`` that is no finite number, and has learnt nothing then.
        """
        require_seconds(now)
        passed = self._passed(now)
        counts = outlook.seen(snapshot)
        agents = int((snapshot.agent_state != AGENT_AWAY).sum())
        ringing = self._learn(snapshot, passed, agents)
        room = self._room(now, snapshot, passed)
        tokens = self._tokens(snapshot, counts)
        progressive = min(room, max(0, counts.ready - len(snapshot.call_stage)))
        allowed = 0.0 if self._is_ending(now) else self._spending.allowed(tokens, self._left_of_shift(now), agents)
        calls, risk = (0, None) if allowed <= 0.0 else self._predictive(snapshot, counts, ringing, room, allowed)
        placed = max(calls, progressive)
        self._allowance -= placed
        self.reason = _reason(placed, counts, risk, allowed, tokens, room, predictive=calls > progressive)
        return placed

    def state(self) -> dict[str, Any]:
        """Plain JSON that ``restore`` takes back."""
        return {
            "timings": self._timings.state(),
            "rate": self._rate.state(),
            "spending": self._spending.state(),
            "decided_at": self._decided_at,
            "allowance": self._allowance,
            "ticks": self._ticks,
        }

    @classmethod
    def restore(cls, config: PacingConfig, state: Mapping[str, Any], policy: PacingPolicy | None = None) -> Self:
        """The pacer as it was before a restart; what another version left out starts from beliefs.

        Raises ValueError for a state that no pacer has written.
        """
        pacer = cls(config, policy)
        require_form(pacer.state(), state)
        own = pacer.policy
        pacer._timings = Timings.restored(own.beliefs, state.get("timings", {}))
        pacer._rate = AnswerRate.restored(own.beliefs, own.tracking, state.get("rate", {}))
        goal = SAFETY * config.target_abandonment
        pacer._spending = Spending.restored(config, own.risk, goal, state.get("spending", {}))
        pacer._decided_at = state.get("decided_at")
        pacer._allowance = state.get("allowance", 0.0)
        pacer._ticks = state.get("ticks", 0)
        pacer._tables = forecast(pacer._timings)
        return pacer

    def _passed(self, now: float) -> float:
        passed = self.config.tick_seconds if self._decided_at is None else max(0.0, now - self._decided_at)
        self._decided_at = now
        return passed

    def _learn(self, snapshot: PacingSnapshot, passed: float, agents: int) -> Ringing:
        """Take the news in; what rings, and how likely each is a person."""
        events = [event for event in snapshot.events if math.isfinite(event.value) and math.isfinite(event.value2)]
        self._timings.hear(events)
        self._ticks += 1
        if self._ticks % TABLES_EVERY_TICKS == 0:
            self._timings.forget()
            self._tables = forecast(self._timings)
        ringing = outlook.ringing(snapshot, self._tables, self._rate.level)
        kinds = [event.kind for event in events]
        self._rate.hear(
            kinds.count("human"),
            sum(kind in ENDED for kind in kinds),
            outlook.picking_up(self._tables, ringing, passed),
            self._tables.detection_seconds,
            passed,
        )
        self._spending.hear(events, passed, agents)
        return ringing

    def _room(self, now: float, snapshot: PacingSnapshot, passed: float) -> int:
        """What the account's calls per second, its lines and the end of the shift leave."""
        most = max(1.0, self.config.calls_per_second * self.config.tick_seconds * LATE_TICKS_MADE_UP)
        self._allowance = min(most, self._allowance + self.config.calls_per_second * passed)
        if self._left_of_shift(now) <= 0:
            return 0
        lines = self.config.max_lines - len(snapshot.call_stage)
        return max(0, min(lines, math.floor(self._allowance + 1e-9)))

    def _left_of_shift(self, now: float) -> float:
        return math.inf if self.config.shift_seconds is None else self.config.shift_seconds - now

    def _is_ending(self, now: float) -> bool:
        """Whether a call placed now might be answered when nobody is there any more."""
        return self._left_of_shift(now) <= self.config.ring_timeout_seconds

    def _tokens(self, snapshot: PacingSnapshot, counts: Seen) -> float:
        """The budget that is left once those who wait without a free agent are counted as lost."""
        lost = max(0, counts.waiting - counts.ready)
        return remaining(abandonment_counts(snapshot.totals), self.config.target_abandonment) - lost

    def _predictive(
        self, snapshot: PacingSnapshot, counts: Seen, ringing: Ringing, room: int, allowed: float
    ) -> tuple[int, float]:
        """How many calls stay within the risk, and the risk of the first that would not."""
        level, risk = self._rate.level, self.policy.risk
        wanted = outlook.demand(snapshot, counts, self._tables, level, ringing)
        free = outlook.supply(snapshot, counts, self._tables, self._timings, risk.lead * self._timings.patience_seconds)
        chances = _Chances(
            wanted, free, self._tables, level, counts.waiting, risk.doubt * self._rate.doubt, risk.continuity
        )
        lowest, highest = 0, room + 1  # the risk after ``lowest`` calls is not known to be too high
        while highest - lowest > 1:
            middle = (lowest + highest) // 2
            if chances.of_being_lost(middle - 1) <= allowed:
                lowest = middle
            else:
                highest = middle
        return lowest, chances.of_being_lost(lowest)


class _Chances:
    """The chance that the person of one more call reaches nobody, over the moments at which they may land."""

    def __init__(
        self, wanted: Crowd, free: Crowd, tables: Forecast, level: float, waiting: int, doubt: float, continuity: float
    ) -> None:
        fresh = level * tables.landing[0]
        self._rows = list(
            zip(
                *(part.tolist() for part in (wanted.mean - free.mean + continuity, wanted.variance + free.variance)),
                (wanted.mean - waiting).tolist(),
                fresh.tolist(),
                tables.when.tolist(),
                strict=True,
            )
        )
        self._doubt = doubt

    def of_being_lost(self, placed: int) -> float:
        """With so many calls placed before it; the level's doubt widens what all calls together may bring."""
        lost = 0.0
        for excess, variance, unsure, fresh, share in self._rows:
            people = unsure + placed * fresh
            spread = variance + placed * fresh * (1.0 - fresh) + self._doubt * people * people + 1e-6
            lost += share * math.erfc(-(excess + placed * fresh) / math.sqrt(spread) * ROOT_HALF)
        return 0.5 * lost


def abandonment_counts(totals: PacingTotals) -> AbandonmentCounts:
    """The totals as the budget counts them: what an agent called a machine was no person."""
    return AbandonmentCounts(live_answered=totals.human - totals.machine_disposition, abandoned=totals.abandoned)


def _reason(
    calls: int, counts: Seen, risk: float | None, allowed: float, tokens: float, room: int, *, predictive: bool
) -> PacingReason:
    limit = "the calls per second" if calls >= room else "the risk" if predictive else "one call an agent"
    return PacingReason(
        calls=calls,
        ready=counts.ready,
        ringing=counts.ringing,
        detecting=counts.detecting,
        waiting=counts.waiting,
        risk=risk,
        allowed=allowed if risk is not None else None,
        tokens=tokens,
        limit=limit,
    )
