"""Whoever answered and found nobody free waits at most as long as the law allows; an agent who is freed is theirs.

Every step here is part of somebody's transaction. The carrier is told by ``pipeline.joining``, afterwards.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from orchestrator.compliance.abandonment import PICK_UP, STRICTEST_SECONDS
from orchestrator.compliance.abandonment_clock import AnswerClock
from orchestrator.domain.agent import AgentState
from orchestrator.domain.attempt import Outcome, Stage
from orchestrator.domain.carrier import AnsweredBy
from orchestrator.persistence import agents, waiting
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.ending import refine_outcome

AT_ONCE = 50
NOT_A_PERSON = frozenset({AnsweredBy.MACHINE, AnsweredBy.FAX})
TELLING_TAKES = timedelta(seconds=0.3)  # of the world: from the decision until the message is heard


def spent_at(attempt: Record) -> datetime:
    """When the time is over that the answered attempt's regime allows."""
    clock = AnswerClock(
        within_seconds=attempt.answer_within_seconds or STRICTEST_SECONDS,
        counted_from=attempt.judged_from or PICK_UP,
    )
    return clock.spent_at(attempt.answered_at, attempt.greeting_end_at)


def is_spent(attempt: Record, now: datetime) -> bool:
    """Whether the message must be begun now to be heard in time."""
    return now >= spent_at(attempt) - TELLING_TAKES


def claim(tx: Connection, attempt: Record, queue: str | None, now: datetime) -> str | None:
    """The agent reserved for this call, else whoever of the queue has been ready longest; None where nobody is."""
    agent_id: str | None = attempt.agent_id
    if agent_id is None or not agents.take_reserved(tx, agent_id, attempt.id, now):
        agent_id = None if queue is None else agents.claim_longest_ready(tx, queue, attempt.id, now)
    if agent_id is not None:
        waiting.joining(tx, attempt.id, agent_id, queue, now, redirect=False)
    return agent_id


def serve(tx: Connection, now: datetime, queue: str | None = None) -> int:
    """Claim agents who are ready for those who wait, the longest first; how many found one.

    Called by whatever frees an agent, in the same transaction. ``queue`` None: all of them.
    """
    nobody_left: set[str] = set()
    served = 0
    for attempt in waiting.oldest(tx, queue, AT_ONCE):
        if attempt.waiting_queue in nobody_left or is_spent(attempt, now):
            continue
        agent_id = agents.claim_longest_ready(tx, attempt.waiting_queue, attempt.id, now)
        if agent_id is None:
            nobody_left.add(attempt.waiting_queue)
            continue
        waiting.joining(tx, attempt.id, agent_id, attempt.waiting_queue, now, redirect=True)
        served += 1
    return served


def give_up(tx: Connection, now: datetime) -> int:
    """Whose time is spent hears the information message, and counts as abandoned."""
    spent = [attempt for attempt in waiting.oldest(tx, None, AT_ONCE) if is_spent(attempt, now)]
    for attempt in spent:
        waiting.given_up(tx, attempt.id, now, redirect=True)
    return len(spent)


def entered(tx: Connection, attempt: Record, at: datetime) -> None:
    """News that they entered their agent's room: the agent talks.

    News may be old: of those who had met before, the carrier is asked whether they are there.
    """
    if attempt.stage == Stage.ENDED:
        _met_after_all(tx, attempt, at)
    elif attempt.connected_at is None:
        meet(tx, attempt, at)
    elif not agents.talks_with(tx, attempt.agent_id, attempt.id):
        waiting.meets_in_doubt(tx, attempt.id, attempt.connected_at)


def meet(tx: Connection, attempt: Record, at: datetime) -> None:
    """They and their agent are in one room, for certain."""
    waiting.joined(tx, attempt.id, attempt.connected_at or at)
    apart = {AgentState.CONNECTING, AgentState.WRAPPING, AgentState.READY}
    agents.change(tx, attempt.agent_id, apart, AgentState.TALKING, at, attempt_id=attempt.id)


def left(tx: Connection, attempt: Record, at: datetime) -> None:
    """They are out of their agent's room, and so have been in it: the agent wraps up, whatever the call does next."""
    if attempt.stage == Stage.ENDED:
        _met_after_all(tx, attempt, at)
        return
    if attempt.connected_at is None:
        waiting.joined(tx, attempt.id, attempt.joining_since or at)
    agents.free_after(tx, attempt.id, at)


def part(tx: Connection, attempt: Record, now: datetime) -> None:
    """The claimed agent and they did not meet: the agent is ready, and they wait as before; a machine does not."""
    waiting.not_joined(tx, attempt)
    if attempt.answered_by in NOT_A_PERSON:
        waiting.leave_be(tx, attempt.id)
    agents.free_after(tx, attempt.id, now, talked=False)


def _met_after_all(tx: Connection, attempt: Record, at: datetime) -> None:
    """The end of the call overtook the news that they had met: what follows from it is found anew.

    Only of somebody who was thought to have left before: a machine in the agent's room is still a machine.
    """
    if attempt.outcome == Outcome.HUNG_UP and attempt.marked_outcome is None:
        refine_outcome(tx, attempt, Outcome.REACHED, connected_at=attempt.answered_at or at, followed_up=False)
