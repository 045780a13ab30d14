"""What a pacer's desk looks at once a tick: a campaign's predictive calls, its queue's agents, who is due next."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select
from sqlalchemy.sql.expression import ColumnElement

from orchestrator.domain.contact_request import Mode
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence.enrollments import PRIORITIES
from orchestrator.persistence.identity import first_id
from orchestrator.persistence.tables.attempts import IS_LIVE, agent_states, agents, attempts
from orchestrator.persistence.tables.campaigns import IS_DUE, enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import contact_points

AT_ONCE = 500  # ids in one question
_OF_A_CALL = (
    attempts.c.id,
    attempts.c.stage,
    attempts.c.planned_at,
    attempts.c.ringing_at,
    attempts.c.answered_at,
    attempts.c.waiting_since,
    attempts.c.joining_since,
    attempts.c.connected_at,
    attempts.c.abandoned_at,
    attempts.c.ended_at,
    attempts.c.answered_by,
    attempts.c.outcome,
    attempts.c.marked_machine,
    attempts.c.agent_id,
)


def live_calls(tx: Connection, campaign_id: int) -> Sequence[Record]:
    """The campaign's predictive calls that have not ended."""
    return _calls(tx, attempts.c.campaign_id == campaign_id, IS_LIVE)


def calls_planned_since(tx: Connection, campaign_id: int, moment: datetime) -> Sequence[Record]:
    """The campaign's predictive calls whose ids were made from that moment on, ended or not."""
    return _calls(tx, attempts.c.id >= first_id(moment), attempts.c.campaign_id == campaign_id)


def calls(tx: Connection, ids: Sequence[UUID]) -> list[Record]:
    """These calls as they are now."""
    parts = (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
    return [row for part in parts for row in _calls(tx, attempts.c.id.in_(part))]


def _calls(tx: Connection, *here: ColumnElement[bool]) -> Sequence[Record]:
    return tx.execute(select(*_OF_A_CALL).where(*here, attempts.c.mode == Mode.PREDICTIVE.value)).all()


def staff(tx: Connection, queue: str) -> Sequence[Record]:
    """The queue's agents by id."""
    of_each = (agents.c.id, agents.c.state, agents.c.state_since, agents.c.pause_asked)
    return tx.execute(select(*of_each).where(agents.c.queue == queue).order_by(agents.c.id)).all()


def states_since(tx: Connection, agent_id: str, moment: datetime) -> Sequence[Record]:
    """The agent's states that began from that moment on, as they followed each other."""
    here = (agent_states.c.agent_id == agent_id, agent_states.c.at >= moment)
    return tx.execute(select(agent_states.c.state, agent_states.c.at).where(*here).order_by(agent_states.c.id)).all()


def countries_due(tx: Connection, campaign_id: int, lane: Lane, now: datetime, limit: int) -> set[str]:
    """The countries of the numbers of those who would be claimed next."""
    found: set[str] = set()
    for priority in PRIORITIES:
        due = _due(tx, campaign_id, lane, priority, now, limit)
        limit -= len(due)
        found.update(_countries(tx, due))
        if limit <= 0:
            break
    return found


def _due(tx: Connection, campaign_id: int, lane: Lane, priority: int, now: datetime, limit: int) -> Sequence[int]:
    query = select(enrollments.c.contact_id).where(
        enrollments.c.campaign_id == campaign_id,
        enrollments.c.lane == lane,
        IS_DUE,
        enrollments.c.priority == priority,
        enrollments.c.next_eligible_at <= now,
    )
    return tx.execute(query.order_by(enrollments.c.next_eligible_at, enrollments.c.id).limit(limit)).scalars().all()


def _countries(tx: Connection, contact_ids: Sequence[int]) -> set[str]:
    if not contact_ids:
        return set()
    query = select(contact_points.c.country).where(contact_points.c.contact_id.in_(contact_ids)).distinct()
    return set(tx.execute(query).scalars())
