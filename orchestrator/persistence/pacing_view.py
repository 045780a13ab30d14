"""What a pacer's desk looks at once a tick: a campaign's predictive calls, its queue's agents, who is due next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, bindparam, func, select
from sqlalchemy.sql.expression import ColumnElement

from orchestrator.domain.contact_request import Mode
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence.enrollments import NEXT_PRIORITY
from orchestrator.persistence.identity import first_id
from orchestrator.persistence.tables.agents import agent_states, agents
from orchestrator.persistence.tables.attempts import IS_LIVE, attempts
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


def _calls(*here: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return select(*_OF_A_CALL).where(*here, attempts.c.mode == Mode.PREDICTIVE.value)


# Built once, since every tick asks.
_OF_CAMPAIGN = attempts.c.campaign_id == bindparam("b_campaign")
LIVE_CALLS = _calls(_OF_CAMPAIGN, IS_LIVE)
PLANNED_SINCE = _calls(attempts.c.id >= bindparam("b_first"), _OF_CAMPAIGN)
THESE_CALLS = _calls(attempts.c.id.in_(bindparam("b_ids", expanding=True)))
STAFF = (
    select(agents.c.id, agents.c.state, agents.c.state_since, agents.c.pause_asked)
    .where(agents.c.queue == bindparam("b_queue"))
    .order_by(agents.c.id)
)
STATES_SINCE = (
    select(agent_states.c.state, agent_states.c.at)
    .where(agent_states.c.agent_id == bindparam("b_agent"), agent_states.c.at >= bindparam("b_since"))
    .order_by(agent_states.c.id)
)
_DUE = (
    select(enrollments.c.contact_id)
    .where(
        enrollments.c.campaign_id == bindparam("b_campaign"),
        enrollments.c.lane == bindparam("b_lane"),
        IS_DUE,
        enrollments.c.priority == bindparam("b_priority"),
        enrollments.c.next_eligible_at <= bindparam("b_now"),
    )
    .order_by(enrollments.c.next_eligible_at, enrollments.c.id)
    .limit(bindparam("b_limit"))
)
DUE = select(func.count()).select_from(_DUE.subquery())
COUNTRIES = select(contact_points.c.country).where(contact_points.c.contact_id.in_(_DUE)).distinct()


def live_calls(tx: Connection, campaign_id: int) -> Sequence[Record]:
    """The campaign's predictive calls that have not ended."""
    return tx.execute(LIVE_CALLS, {"b_campaign": campaign_id}).all()


def calls_planned_since(tx: Connection, campaign_id: int, moment: datetime) -> Sequence[Record]:
    """The campaign's predictive calls whose ids were made from that moment on, ended or not."""
    return tx.execute(PLANNED_SINCE, {"b_campaign": campaign_id, "b_first": first_id(moment)}).all()


def calls(tx: Connection, ids: Sequence[UUID]) -> list[Record]:
    """These calls as they are now."""
    parts = (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
    return [row for part in parts for row in tx.execute(THESE_CALLS, {"b_ids": part})]


def staff(tx: Connection, queue: str) -> Sequence[Record]:
    """The queue's agents by id."""
    return tx.execute(STAFF, {"b_queue": queue}).all()


def states_since(tx: Connection, agent_id: str, moment: datetime) -> Sequence[Record]:
    """The agent's states that began from that moment on, as they followed each other."""
    return tx.execute(STATES_SINCE, {"b_agent": agent_id, "b_since": moment}).all()


def countries_due(tx: Connection, campaign_id: int, lane: Lane, now: datetime, limit: int) -> set[str]:
    """The countries of the numbers of those who would be claimed next, in the order in which they are claimed."""
    found: set[str] = set()
    lane_of = {"b_campaign": campaign_id, "b_lane": lane, "b_now": now}
    priority = tx.execute(NEXT_PRIORITY, {**lane_of, "b_priority": 0}).scalar()
    while priority is not None and limit > 0:
        here = {**lane_of, "b_priority": priority, "b_limit": limit}
        found.update(tx.execute(COUNTRIES, here).scalars())
        priority = tx.execute(NEXT_PRIORITY, here).scalar()
        limit -= 0 if priority is None else tx.execute(DUE, here).scalar_one()
    return found
