"""Whom an agent is talking with, or has just talked with."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, select

from orchestrator.domain.agent import AgentState
from orchestrator.domain.attempt import Stage
from orchestrator.domain.errors import UserError
from orchestrator.persistence import attempts
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.deliveries import inbound_contacts

WHO_THERE_IS = "`orchestrator agents list` shows who there is"
ON_A_CALL = frozenset({AgentState.CONNECTING, AgentState.TALKING})


@dataclass(frozen=True, slots=True, kw_only=True)
class OnLine:
    """The call that an agent has. ``attempt`` None: the person called us."""

    agent: Record
    seller_id: str
    number_key: bytes
    sid: str
    attempt: Record | None


def require_agent(tx: Connection, agent_id: str) -> Record:
    """The agent, locked until the transaction ends; raises UserError for an unknown id."""
    row = tx.execute(select(agents).where(agents.c.id == agent_id).with_for_update()).one_or_none()
    if row is None:
        raise UserError(f"There is no agent '{agent_id}'; {WHO_THERE_IS}.")
    return row


def require_call(tx: Connection, agent_id: str) -> OnLine:
    """The call that the agent has at this moment; raises UserError where there is none."""
    agent = require_agent(tx, agent_id)
    call = _call(tx, agent) if AgentState(agent.state) in ON_A_CALL else None
    if call is None:
        raise UserError(f"Agent '{agent_id}' has nobody on the line: they are {agent.state}{_what_then(agent)}")
    return call


def _what_then(agent: Record) -> str:
    """What an agent without a person may do instead."""
    if agent.state == AgentState.AWAY:
        return f"; `orchestrator agents ready {agent.id}` signs them in."
    if agent.state == AgentState.WRAPPING:
        return f"; say what the last call came to with `orchestrator agents dispose {agent.id} NAME`."
    return "; wait for the next call."


def require_our_call(tx: Connection, agent_id: str) -> tuple[Record, Record]:
    """Agent and attempt of a call that we made; raises UserError where the agent has none."""
    call = require_call(tx, agent_id)
    if call.attempt is None:
        raise UserError(f"Agent '{agent_id}' talks with somebody who called us; that is for calls that we made.")
    return call.agent, call.attempt


def require_last(tx: Connection, agent_id: str) -> tuple[Record, Record]:
    """Agent and attempt of the call that the agent has, else of the one that was last; raises UserError for none.

    The attempt is locked until the transaction ends.
    """
    agent = require_agent(tx, agent_id)
    bound = agent.attempt_id if AgentState(agent.state) in ON_A_CALL else agent.wrap_up_attempt_id
    attempt = None if bound is None else attempts.fetch_for_change(tx, [bound]).get(bound)
    if attempt is None:
        raise UserError(f"Agent '{agent_id}' has had no call of a campaign that could be disposed of.")
    return agent, attempt


def _call(tx: Connection, agent: Record) -> OnLine | None:
    if agent.attempt_id is None:
        return None
    attempt = attempts.fetch_for_change(tx, [agent.attempt_id]).get(agent.attempt_id)
    if attempt is None:
        return _inbound(tx, agent, agent.attempt_id)
    if attempt.stage == Stage.ENDED or attempt.sid is None:
        return None
    return OnLine(
        agent=agent,
        seller_id=attempt.seller_id,
        number_key=bytes(attempt.number_key),
        sid=attempt.sid,
        attempt=attempt,
    )


def _inbound(tx: Connection, agent: Record, contact_id: UUID) -> OnLine | None:
    row = tx.execute(
        select(inbound_contacts).where(inbound_contacts.c.id == contact_id, inbound_contacts.c.ended_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    return OnLine(agent=agent, seller_id=row.seller_id, number_key=bytes(row.number_key), sid=row.sid, attempt=None)
