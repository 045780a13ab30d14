"""Facts behind a supervisor's numbers: what a queue's agents did, and what became of each one's calls."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select, union

from orchestrator.persistence.identity import first_id
from orchestrator.persistence.tables.agents import agent_states, agents
from orchestrator.persistence.tables.attempts import IS_ENDED, IS_LIVE, attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.pacing import call_counts, quarter_of

Span = tuple[str, datetime]


def spans_of_queue(tx: Connection, queue: str, since: datetime, until: datetime) -> dict[str, list[Span]]:
    """Each agent's states by id, from the two before ``since`` on: what a pause came after tells what it was."""
    ids = tx.execute(select(agents.c.id).where(agents.c.queue == queue).order_by(agents.c.id)).scalars()
    return {agent_id: _spans(tx, agent_id, since, until) for agent_id in ids}


def _spans(tx: Connection, agent_id: str, since: datetime, until: datetime) -> list[Span]:
    of_each = select(agent_states.c.state, agent_states.c.at).where(agent_states.c.agent_id == agent_id)
    before = of_each.where(agent_states.c.at <= since).order_by(agent_states.c.at.desc(), agent_states.c.id.desc())
    during = of_each.where(agent_states.c.at > since, agent_states.c.at < until).order_by(agent_states.c.id)
    rows = [*reversed(tx.execute(before.limit(2)).all()), *tx.execute(during)]
    return [(row.state, row.at) for row in rows]


def calls_of_agents(tx: Connection, campaign_id: int, since: datetime, until: datetime) -> Sequence[Record]:
    """How many of each agent's ended calls, planned in between, came to what: agent, quarter, outcome, calls."""
    planned = (attempts.c.id >= first_id(since), attempts.c.id < first_id(until))
    here = (attempts.c.campaign_id == campaign_id, IS_ENDED, attempts.c.channel == "voice")
    by = (attempts.c.agent_id, quarter_of(attempts.c.planned_at).label("quarter_at"), attempts.c.outcome)
    query = select(*by, func.count().label("calls")).where(*planned, *here, attempts.c.agent_id.is_not(None))
    return tx.execute(query.group_by(*by)).all()


def countries_called(tx: Connection, campaign_id: int, since: datetime) -> set[str]:
    """Where the campaign has called since then, calls in flight among them."""
    ended = select(call_counts.c.country).where(
        call_counts.c.campaign_id == campaign_id, call_counts.c.quarter_at >= since
    )
    live = select(attempts.c.country).where(
        attempts.c.campaign_id == campaign_id, IS_LIVE, attempts.c.channel == "voice"
    )
    return set(tx.execute(union(ended, live)).scalars())
