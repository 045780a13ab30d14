"""The agent's own call, which waits in their conference: without one nobody can be joined to them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from orchestrator.domain.agent import AgentState
from orchestrator.persistence import agents as states
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.columns import Record

# Built once: they are asked every second.
TO_RING = (
    select(agents)
    .where(agents.c.leg_asked_at <= bindparam("b_now"), agents.c.leg_sid.is_(None))
    .order_by(agents.c.leg_asked_at)
    .limit(bindparam("b_limit"))
    .with_for_update(skip_locked=True)
)
_UNHEARD = (agents.c.state == AgentState.AWAY) & (agents.c.leg_asked_at <= bindparam("b_unheard_since"))
SILENT = (
    select(agents)
    .where(agents.c.leg_sid.is_not(None), _UNHEARD | (agents.c.leg_asked_at <= bindparam("b_joined_since")))
    .order_by(agents.c.leg_asked_at)
    .limit(bindparam("b_limit"))
)


def ask(tx: Connection, agent_id: str, now: datetime) -> bool:
    """The agent signs in: a worker will ring them. False for an unknown id."""
    statement = update(agents).where(agents.c.id == agent_id).values(leg_asked_at=now, pause_asked=False)
    return tx.execute(statement).rowcount == 1


def to_ring(tx: Connection, now: datetime, limit: int) -> Sequence[Record]:
    """Agents who signed in and have not been rung."""
    return tx.execute(TO_RING, {"b_now": now, "b_limit": limit}).all()


def rung(tx: Connection, agent_id: str, sid: str) -> None:
    """The carrier has taken the call to the agent."""
    tx.execute(update(agents).where(agents.c.id == agent_id).values(leg_sid=sid))


def silent(tx: Connection, unheard_since: datetime, joined_since: datetime, limit: int) -> Sequence[Record]:
    """Agents whose leg has not been asked about since then: a short while for those it has not brought in yet."""
    since = {"b_unheard_since": unheard_since, "b_joined_since": joined_since}
    return tx.execute(SILENT, {**since, "b_limit": limit}).all()


def asked(tx: Connection, agent_id: str, at: datetime) -> None:
    """The leg was asked for, or about, at this moment; a later one puts off the next question."""
    signed_in = (agents.c.id == agent_id) & agents.c.leg_asked_at.is_not(None)
    tx.execute(update(agents).where(signed_in).values(leg_asked_at=at))


def given_up(tx: Connection, agent_id: str) -> None:
    """The agent cannot be rung; they must sign in again."""
    tx.execute(update(agents).where(agents.c.id == agent_id).values(leg_asked_at=None, leg_sid=None))


def leg_up(tx: Connection, agent_id: str, sid: str, now: datetime) -> bool:
    """The agent is in their conference: ready, unless a pause was asked for meanwhile."""
    row = tx.execute(select(agents).where(agents.c.id == agent_id).with_for_update()).one_or_none()
    if row is None or row.leg_asked_at is None or row.leg_sid not in {None, sid} or sid == row.last_leg_sid:
        return False
    tx.execute(update(agents).where(agents.c.id == agent_id).values(leg_sid=sid))
    return row.state == AgentState.AWAY and not row.pause_asked and states.ready(tx, agent_id, now)


def leg_down(tx: Connection, agent_id: str, sid: str, now: datetime) -> bool:
    """The agent's call is over: they are away, and may still say what came of whom they talked with."""
    row = tx.execute(select(agents).where(agents.c.id == agent_id).with_for_update()).one_or_none()
    if row is None or row.leg_sid != sid:
        return False
    gone = {"leg_sid": None, "leg_asked_at": None, "last_leg_sid": sid, "muted": False}
    tx.execute(update(agents).where(agents.c.id == agent_id).values(gone))
    if row.state == AgentState.TALKING:
        states.await_word(tx, row, now)
    everywhere = set(AgentState) - {AgentState.AWAY}
    return states.change(tx, agent_id, everywhere, AgentState.AWAY, now)
