"""What one campaign's pacer sees of calls and agents, and what has happened to them since it looked last.

What has happened is told from two looks at the rows themselves, so nothing is lost or told twice however late a row
was committed; a new process begins with a look that tells nothing, since what came before may have been told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import numpy as np
from sqlalchemy import Connection

from orchestrator.domain.agent import AgentState
from orchestrator.domain.attempt import Stage
from orchestrator.pacing.sighting import NOT_A_PERSON, CallSeen, Span, happened, own_span, ready_before, wrap_ups
from orchestrator.pacing.snapshot import (
    AGENT_AWAY,
    AGENT_CONNECTING,
    AGENT_READY,
    AGENT_TALKING,
    AGENT_WRAPPING,
    CALL_DETECTING,
    CALL_QUEUED,
    CALL_RINGING,
    CALL_WAITING,
    PacingEvent,
    PacingSnapshot,
    PacingTotals,
)
from orchestrator.persistence import pacing_view
from orchestrator.persistence.identity import first_id
from orchestrator.persistence.tables.columns import Record

AGENT_SEEN_AS: Mapping[str, int] = {
    AgentState.AWAY: AGENT_AWAY,
    AgentState.READY: AGENT_READY,
    AgentState.RESERVED: AGENT_CONNECTING,
    AgentState.CONNECTING: AGENT_CONNECTING,
    AgentState.TALKING: AGENT_TALKING,
    AgentState.WRAPPING: AGENT_WRAPPING,
}
QUEUED = frozenset({Stage.PLANNED.value, Stage.IN_DOUBT.value, Stage.QUEUED.value})
Staff = dict[str, tuple[str, datetime]]


@dataclass
class Sight:
    """What was seen at the last look."""

    _looked_at: datetime | None = None
    _rows: dict[UUID, Record] = field(default_factory=dict)  # calls of which more may come
    _over: set[UUID] = field(default_factory=set)  # ended and told, as far as the next look could meet them again
    _staff: Staff = field(default_factory=dict)

    def look(self, tx: Connection, campaign_id: int, queue: str, now: datetime, totals: PacingTotals) -> PacingSnapshot:
        """The snapshot of this moment; the transaction must read one moment's state."""
        staff = pacing_view.staff(tx, queue)
        live = pacing_view.live_calls(tx, campaign_id)
        events = self._events(tx, campaign_id, live, staff, now)
        flights = [flight for row in live if (flight := _in_flight(row, now)) is not None]
        return PacingSnapshot(
            agent_state=np.array([_agent_seen_as(row) for row in staff], dtype=np.int8),
            agent_seconds=np.array([_seconds(row.state_since, now) for row in staff], dtype=np.float64),
            call_stage=np.array([stage for stage, _, _ in flights], dtype=np.int8),
            call_seconds=np.array([seconds for _, seconds, _ in flights], dtype=np.float64),
            call_stage_seconds=np.array([seconds for _, _, seconds in flights], dtype=np.float64),
            totals=totals,
            events=tuple(events),
        )

    def _events(
        self, tx: Connection, campaign_id: int, live: Sequence[Record], staff: Sequence[Record], now: datetime
    ) -> list[PacingEvent]:
        trails = self._trails(tx, staff)
        rows = self._rows_now(tx, campaign_id, live)
        events = [event for trail in trails.values() for event in wrap_ups(trail)]
        if self._looked_at is not None:
            events += [event for row in rows for event in self._of_call(row, trails, now)]
        self._remember(rows, staff, now)
        return events

    def _rows_now(self, tx: Connection, campaign_id: int, live: Sequence[Record]) -> Sequence[Record]:
        """The live calls, those that were live at the last look, and those planned since, however they stand."""
        if self._looked_at is None:
            return live
        planned = pacing_view.calls_planned_since(tx, campaign_id, self._looked_at)
        known = {row.id: row for row in (*live, *planned) if row.id not in self._over}
        return [*known.values(), *pacing_view.calls(tx, [call for call in self._rows if call not in known])]

    def _of_call(self, row: Record, trails: Mapping[str, Sequence[Span]], now: datetime) -> Iterable[PacingEvent]:
        before = self._rows.get(row.id)
        if before == row:
            return ()
        trail = trails.get(row.agent_id or "", ())
        ready_seconds = ready_before(trail, row.connected_at) if row.connected_at is not None else 0.0
        return happened(None if before is None else _seen(before), _seen(row), now, ready_seconds)

    def _trails(self, tx: Connection, staff: Sequence[Record]) -> dict[str, Sequence[Span]]:
        """What the agents who changed since the last look did since then."""
        trails = {}
        for row in staff:
            state, since = self._staff.get(row.id, (row.state, row.state_since))
            if (state, since) != (row.state, row.state_since):
                spans = [(span.state, span.at) for span in pacing_view.states_since(tx, row.id, since)]
                trails[row.id] = own_span(spans, state, since)
        return trails

    def _remember(self, rows: Sequence[Record], staff: Sequence[Record], now: datetime) -> None:
        wrapping = {row.id for row in staff if row.state == AgentState.WRAPPING}
        over = {row.id for row in rows if _is_over(row, wrapping)}
        self._rows = {row.id: row for row in rows if row.id not in over}
        self._over = over | {call_id for call_id in self._over if call_id >= first_id(now)}
        self._staff = {row.id: (row.state, row.state_since) for row in staff}
        self._looked_at = now


def _seen(row: Record) -> CallSeen:
    return CallSeen(
        dialled_at=row.ringing_at or row.planned_at,
        answered_at=row.answered_at,
        waiting_since=row.waiting_since,
        connected_at=row.connected_at,
        abandoned_at=row.abandoned_at,
        ended_at=row.ended_at,
        answered_by=row.answered_by,
        outcome=row.outcome,
        marked_machine=row.marked_machine,
        agent_id=row.agent_id,
    )


def _is_over(call: Record, wrapping: set[str]) -> bool:
    """Whether nothing more can happen to it: in the wrap-up its agent may still say that it was a machine."""
    return call.ended_at is not None and (call.connected_at is None or call.agent_id not in wrapping)


def _in_flight(row: Record, now: datetime) -> tuple[int, float, float] | None:
    """Stage, seconds since the dial and seconds in the stage; None for who needs no agent any more."""
    if row.stage in QUEUED:
        return CALL_QUEUED, 0.0, _seconds(row.planned_at, now)
    dialled = _seconds(row.ringing_at or row.planned_at, now)
    if row.stage == Stage.RINGING:
        return CALL_RINGING, dialled, dialled
    if row.stage != Stage.ANSWERED or row.abandoned_at is not None or row.answered_by in NOT_A_PERSON:
        return None
    if row.joining_since is not None:  # their agent is being connected, and counts as busy
        return None
    if row.waiting_since is not None:
        return CALL_WAITING, dialled, _seconds(row.waiting_since, now)
    return CALL_DETECTING, dialled, _seconds(row.answered_at, now)


def _agent_seen_as(row: Record) -> int:
    """Who asked to pause is no capacity from that moment, talking or not."""
    return AGENT_AWAY if row.pause_asked else AGENT_SEEN_AS.get(row.state, AGENT_AWAY)


def _seconds(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0
