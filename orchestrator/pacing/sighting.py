"""What changed between two looks at a call or an agent, as the events that a pacer learns from.

A look may come late and miss what lay in between: the events of all looks together are those of the call's last state,
each once, however often anybody looked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from orchestrator.domain.agent import AgentState
from orchestrator.domain.attempt import Outcome
from orchestrator.pacing.snapshot import PacingEvent

NOT_A_PERSON = frozenset({"machine", "fax"})
ENDED_AS = {
    Outcome.NO_ANSWER.value: "no_answer",
    Outcome.BUSY.value: "no_answer",
    Outcome.FAILED.value: "failed",
    Outcome.NOT_IN_SERVICE.value: "failed",
    Outcome.REFUSED.value: "failed",
}
Span = tuple[str, datetime]  # an agent's state, and since when


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSeen:
    """A call at one look; moments are None as long as they have not come."""

    dialled_at: datetime
    answered_at: datetime | None = None
    waiting_since: datetime | None = None
    connected_at: datetime | None = None
    abandoned_at: datetime | None = None
    ended_at: datetime | None = None
    answered_by: str | None = None
    outcome: str | None = None
    marked_machine: bool = False
    agent_id: str | None = None

    @property
    def person_at(self) -> datetime | None:
        """When it counted as a person: declared human, joined, abandoned, or hung up by whoever had answered."""
        known = [moment for moment in (self.waiting_since, self.connected_at, self.abandoned_at) if moment is not None]
        if known:
            return min(known)
        return self.ended_at if self.outcome == Outcome.HUNG_UP.value else None

    @property
    def is_machine(self) -> bool:
        """Whether the detection, or the outcome, says that no person answered."""
        return self.answered_by in NOT_A_PERSON or self.outcome in NOT_A_PERSON

    @property
    def ring_seconds(self) -> float:
        """From the dial to the answer, or to the end of a call that nobody answered."""
        return _seconds(self.dialled_at, self.answered_at or self.ended_at)


def happened(before: CallSeen | None, after: CallSeen, now: datetime, ready_seconds: float = 0.0) -> list[PacingEvent]:
    """What happened to the call since the look before; ``ready_seconds``: how long its agent had been ready."""
    known = set() if before is None else {event.kind for event in _so_far(before, now, 0.0)}
    return [event for event in _so_far(after, now, ready_seconds) if event.kind not in known]


def _so_far(call: CallSeen, now: datetime, ready_seconds: float) -> Iterator[PacingEvent]:
    """Everything that has happened to the call, each kind once."""
    if call.answered_at is not None:
        yield PacingEvent("answered", call.ring_seconds)
    if call.person_at is not None:
        yield PacingEvent("human", call.ring_seconds, _seconds(call.answered_at, call.person_at))
    elif call.is_machine:
        yield PacingEvent("machine", call.ring_seconds, _seconds(call.answered_at, call.ended_at or now))
    if call.connected_at is not None:
        yield from _joined(call, call.connected_at, ready_seconds)
    elif call.abandoned_at is not None:
        yield PacingEvent("abandoned", _seconds(call.waiting_since or call.answered_at, call.abandoned_at))
    if call.outcome in ENDED_AS:
        yield PacingEvent(ENDED_AS[call.outcome], call.ring_seconds)


def _joined(call: CallSeen, connected_at: datetime, ready_seconds: float) -> Iterator[PacingEvent]:
    yield PacingEvent("connected", ready_seconds)
    if call.ended_at is not None:
        yield PacingEvent("talk_end", _seconds(connected_at, call.ended_at))
    if call.marked_machine or call.is_machine:
        yield PacingEvent("machine_disposition")


def own_span(trail: Sequence[Span], state: str, since: datetime) -> Sequence[Span]:
    """The trail from the span on that was open at the look before."""
    own = [place for place, span in enumerate(trail) if span == (state, since)]
    return trail[own[-1] :] if own else [(state, since), *(span for span in trail if span[1] > since)]


def wrap_ups(trail: Sequence[Span]) -> list[PacingEvent]:
    """The wrap-ups that ended in the trail."""
    return [
        PacingEvent("wrap_end", _seconds(since, until))
        for (state, since), (_, until) in pairwise(trail)
        if state == AgentState.WRAPPING.value
    ]


def ready_before(trail: Sequence[Span], joined_at: datetime) -> float:
    """How long the agent had been ready when they were claimed for the call that they were joined with then."""
    ready = [
        _seconds(since, until)
        for (state, since), (_, until) in pairwise(trail)
        if state == AgentState.READY.value and until <= joined_at
    ]
    return ready[-1] if ready else 0.0


def _seconds(since: datetime | None, until: datetime | None) -> float:
    return max(0.0, (until - since).total_seconds()) if since is not None and until is not None else 0.0
