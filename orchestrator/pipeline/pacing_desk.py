"""What the pacer sees of a campaign, read from the tables once a tick, and how many calls it wants."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Connection, func, or_, select

from orchestrator.domain.agent import AgentState
from orchestrator.domain.attempt import Outcome, Stage
from orchestrator.domain.contact_request import Mode
from orchestrator.pacing.predictive import PredictivePacer
from orchestrator.pacing.snapshot import (
    AGENT_AWAY,
    AGENT_CONNECTING,
    AGENT_READY,
    AGENT_TALKING,
    AGENT_WRAPPING,
    CALL_DETECTING,
    CALL_QUEUED,
    CALL_RINGING,
    PacingEvent,
    PacingSnapshot,
    PacingTotals,
)
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import IS_LIVE, agents, attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.engine import Engine, LiveCampaign

WINDOW = timedelta(days=30)
AGENT_SEEN_AS: Mapping[str, int] = {
    AgentState.AWAY: AGENT_AWAY,
    AgentState.READY: AGENT_READY,
    AgentState.RESERVED: AGENT_CONNECTING,
    AgentState.CONNECTING: AGENT_CONNECTING,
    AgentState.TALKING: AGENT_TALKING,
    AgentState.WRAPPING: AGENT_WRAPPING,
}
CALL_SEEN_AS: Mapping[str, int] = {
    Stage.PLANNED: CALL_QUEUED,
    Stage.IN_DOUBT: CALL_QUEUED,
    Stage.QUEUED: CALL_QUEUED,
    Stage.RINGING: CALL_RINGING,
    Stage.ANSWERED: CALL_DETECTING,
}
KINDS: Mapping[str, str] = {
    Outcome.NO_ANSWER: "no_answer",
    Outcome.BUSY: "no_answer",
    Outcome.FAILED: "failed",
    Outcome.NOT_IN_SERVICE: "failed",
    Outcome.MACHINE: "machine",
    Outcome.FAX: "machine",
    Outcome.ABANDONED: "abandoned",
    Outcome.HUNG_UP: "human",
}


@dataclass
class PacingDesk:
    """One pacer a campaign, kept while this worker lives; the budget is recounted from the attempts at each tick."""

    engine: Engine
    _pacers: dict[int, tuple[PredictivePacer, datetime]] = field(default_factory=dict)
    _seen_until: dict[int, datetime] = field(default_factory=dict)

    def lines(self, campaign: LiveCampaign, now: datetime) -> int:
        """How many predictive calls to place now."""
        voice = campaign.plan.voice
        if voice is None:
            return 0
        pacer, began_at = self._pacer(campaign, now)
        since = self._seen_until.get(campaign.id, now)
        snapshot = snapshot_of(self.engine.store, campaign, voice.queue, since, now)
        self._seen_until[campaign.id] = now
        return pacer.decide((now - began_at).total_seconds(), snapshot)

    def _pacer(self, campaign: LiveCampaign, now: datetime) -> tuple[PredictivePacer, datetime]:
        if campaign.id not in self._pacers:
            voice = campaign.plan.voice
            assert voice is not None, "a pacer for a campaign without voice"  # noqa: S101
            config = self.engine.pacing.config(
                calls_per_second=self.engine.calls_per_second,
                ring_timeout_seconds=float(voice.ring_timeout_seconds),
                agents=0,
                limits=(voice.max_abandonment,),
            )
            self._pacers[campaign.id] = (PredictivePacer(config, self.engine.pacing), now)
        return self._pacers[campaign.id]


def snapshot_of(store: Store, campaign: LiveCampaign, queue: str, since: datetime, now: datetime) -> PacingSnapshot:
    """The queue's agents, the campaign's calls in flight, its totals, and what happened since the last tick."""
    with store.read() as tx:
        people = tx.execute(
            select(agents.c.state, agents.c.state_since, agents.c.pause_asked).where(agents.c.queue == queue)
        )
        staff = [(_seen(row), _seconds(row.state_since, now)) for row in people]
        calls = list(_calls(tx, campaign.id, now))
        totals = _totals(tx, campaign.id, now - WINDOW)
        events = tuple(_events(tx, campaign.id, since, now))
    return PacingSnapshot(
        agent_state=np.array([state for state, _ in staff], dtype=np.int8),
        agent_seconds=np.array([seconds for _, seconds in staff], dtype=np.float64),
        call_stage=np.array([stage for stage, _, _ in calls], dtype=np.int8),
        call_seconds=np.array([seconds for _, seconds, _ in calls], dtype=np.float64),
        call_stage_seconds=np.array([seconds for _, _, seconds in calls], dtype=np.float64),
        totals=totals,
        events=events,
    )


def _seen(row: Record) -> int:
    """Who asked to pause is no capacity from that moment, talking or not."""
    return AGENT_AWAY if row.pause_asked else AGENT_SEEN_AS[row.state]


def _seconds(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0


def _calls(tx: Connection, campaign_id: int, now: datetime) -> Iterator[tuple[int, float, float]]:
    query = select(attempts.c.stage, attempts.c.ringing_at, attempts.c.answered_at).where(
        attempts.c.campaign_id == campaign_id,
        IS_LIVE,
        attempts.c.mode == Mode.PREDICTIVE,
        attempts.c.abandoned_at.is_(None),
    )
    for row in tx.execute(query):
        if row.stage in CALL_SEEN_AS:
            stage_since = row.answered_at or row.ringing_at
            yield CALL_SEEN_AS[row.stage], _seconds(row.ringing_at, now), _seconds(stage_since, now)


def _totals(tx: Connection, campaign_id: int, since: datetime) -> PacingTotals:
    human = or_(attempts.c.connected_at.is_not(None), attempts.c.abandoned_at.is_not(None))
    not_machine = or_(attempts.c.answered_by.is_(None), attempts.c.answered_by.not_in(("machine", "fax")))
    outcome = attempts.c.outcome
    query = select(
        func.count().label("placed"),
        func.count().filter(outcome.in_((Outcome.FAILED, Outcome.NOT_IN_SERVICE))).label("failed"),
        func.count().filter(outcome.in_((Outcome.NO_ANSWER, Outcome.BUSY))).label("no_answer"),
        func.count().filter(outcome.in_((Outcome.MACHINE, Outcome.FAX))).label("machine"),
        func.count().filter(human, not_machine).label("human"),
        func.count().filter(attempts.c.abandoned_at.is_not(None), not_machine).label("abandoned"),
        func.count().filter(attempts.c.connected_at.is_not(None)).label("connected"),
    ).where(attempts.c.campaign_id == campaign_id, attempts.c.mode == Mode.PREDICTIVE, attempts.c.planned_at >= since)
    return PacingTotals(**tx.execute(query).one()._asdict())


def _events(tx: Connection, campaign_id: int, since: datetime, now: datetime) -> Iterator[PacingEvent]:
    ours = (attempts.c.campaign_id == campaign_id, attempts.c.mode == Mode.PREDICTIVE)
    ended = select(attempts).where(*ours, attempts.c.ended_at > since, attempts.c.ended_at <= now)
    for row in tx.execute(ended):
        yield from _ending(row)
    joined = select(attempts).where(*ours, attempts.c.connected_at > since, attempts.c.connected_at <= now)
    for row in tx.execute(joined):
        yield PacingEvent("human", _ring_seconds(row), 0.0)
        yield PacingEvent("connected", 0.0, 0.0)


def _ending(row: Record) -> Sequence[PacingEvent]:
    if row.outcome == Outcome.REACHED:
        talked = (row.ended_at - row.connected_at).total_seconds() if row.connected_at else 0.0
        return [PacingEvent("talk_end", talked, 0.0)]
    kind = KINDS.get(row.outcome)
    if kind == "abandoned":
        return [PacingEvent("human", _ring_seconds(row), 0.0), PacingEvent("abandoned", 0.0, 0.0)]
    return [PacingEvent(kind, _ring_seconds(row), 0.0)] if kind else []


def _ring_seconds(row: Record) -> float:
    met = row.answered_at or row.ended_at
    return float(max(0.0, (met - (row.ringing_at or row.planned_at)).total_seconds()))
