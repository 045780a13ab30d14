"""What agents were doing, and since when: every change of state, in the order in which they came."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from orchestrator.domain.agent import AgentState
from orchestrator.persistence.tables.agents import agent_states

NOTE = insert(agent_states)
NO_CALL_YET = (AgentState.READY.value, AgentState.RESERVED.value)


def note(tx: Connection, agent_id: str, state: AgentState, at: datetime) -> None:
    """The agent is in this state from then on."""
    tx.execute(NOTE, {"agent_id": agent_id, "state": state.value, "at": at})


def take_back(tx: Connection, agent_id: str, state: AgentState) -> bool:
    """The newest state never was; False where it is another one."""
    newest = (
        select(agent_states.c.id)
        .where(agent_states.c.agent_id == agent_id)
        .order_by(agent_states.c.at.desc(), agent_states.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    gone = delete(agent_states).where(agent_states.c.id == newest, agent_states.c.state == state.value)
    return tx.execute(gone).rowcount == 1


def ready_since(tx: Connection, agent_id: str) -> datetime | None:
    """When the agent became ready after the last call or pause; reservations since then do not count as either."""
    theirs = agent_states.c.agent_id == agent_id
    newest_first = (agent_states.c.at.desc(), agent_states.c.id.desc())
    busy = select(agent_states.c.id, agent_states.c.at).where(theirs, agent_states.c.state.not_in(NO_CALL_YET))
    last = tx.execute(busy.order_by(*newest_first).limit(1)).one_or_none()
    ready = select(agent_states.c.at).where(theirs, agent_states.c.state == AgentState.READY.value)
    if last is not None:
        ready = ready.where(agent_states.c.at >= last.at, agent_states.c.id > last.id)
    return tx.execute(ready.order_by(agent_states.c.at, agent_states.c.id).limit(1)).scalar()
