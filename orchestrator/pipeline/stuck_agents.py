"""Agents who are held for a call that is no more, or that never came to be: free again within seconds."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from orchestrator.domain.agent import AgentState
from orchestrator.domain.attempt import Stage
from orchestrator.domain.enrollment import OfferState
from orchestrator.persistence import agents as states
from orchestrator.persistence.tables.agents import agents, offers
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import Record

OVER_FOR = timedelta(seconds=3)  # the call that they were held for has ended, and nobody freed them
FOR_NOBODY = timedelta(seconds=15)  # reserved, and no call was written down: whoever reserved them is gone
OPEN_OFFERS = (OfferState.OFFERED, OfferState.ACCEPTED)
HELD = select(agents).where(  # built once: it is asked every second
    agents.c.state.in_((AgentState.CONNECTING, AgentState.RESERVED)), agents.c.state_since <= bindparam("b_since")
)


def free(tx: Connection, now: datetime) -> int:
    """Free them; how many. Somebody who is being connected is asked about by ``pipeline.joining``, not freed here."""
    held = tx.execute(HELD, {"b_since": now - OVER_FOR}).all()
    return sum(_free_one(tx, agent, now) for agent in held)


def _free_one(tx: Connection, agent: Record, now: datetime) -> bool:
    if agent.attempt_id is None:
        lately = agent.state_since > now - FOR_NOBODY
        return not lately and not _previews(tx, agent.id) and states.unreserve(tx, agent.id, now, agent.state_since)
    if _is_live(tx, agent):
        return False
    return bool(states.free_after(tx, agent.attempt_id, now, talked=False))


def _previews(tx: Connection, agent_id: str) -> bool:
    """Whether somebody lies before the agent, for whom no call is written down yet."""
    open_ones = select(offers.c.id).where(offers.c.agent_id == agent_id, offers.c.state.in_(OPEN_OFFERS))
    return tx.execute(open_ones.limit(1)).first() is not None


def _is_live(tx: Connection, agent: Record) -> bool:
    call = tx.execute(select(attempts.c.stage, attempts.c.agent_id).where(attempts.c.id == agent.attempt_id)).first()
    return call is not None and call.stage != Stage.ENDED and call.agent_id == agent.id
