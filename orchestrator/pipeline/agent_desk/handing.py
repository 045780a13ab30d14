"""A transfer as it is written down: who is bound to the call while it goes on, and once it is over."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Connection, update

from orchestrator.domain.agent import AgentState
from orchestrator.persistence import agents, transfers
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.agent_desk.on_line import require_agent


class Kind(StrEnum):
    """Whether the agent stays until the other has taken over."""

    WARM = "warm"
    BLIND = "blind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handing:
    """A transfer as it was written down, and where everybody is."""

    id: int
    attempt_id: UUID
    kind: Kind
    sid: str  # of the person
    from_: str
    agent_id: str
    leg_sid: str | None  # of the agent
    to_agent: str | None = None
    address: str | None = None

    @property
    def label(self) -> str:
        """The guest's name in the room."""
        return f"guest-{self.id}"

    @property
    def moves_person(self) -> bool:
        """Whether it begins with the person's leaving the agent's room; else a guest comes into it."""
        return self.to_agent is not None or self.kind is Kind.BLIND

    @property
    def room_outside(self) -> str:
        """Where the person and a guest go on without the agent."""
        return f"handed-on-{self.attempt_id}"


def handing_of(
    transfer_id: int,
    kind: Kind,
    agent: Record,
    attempt: Record,
    to_agent: str | None = None,
    address: str | None = None,
) -> Handing:
    """The transfer with the legs as they are now."""
    return Handing(
        id=transfer_id,
        attempt_id=attempt.id,
        kind=kind,
        sid=attempt.sid,
        from_=attempt.from_address,
        agent_id=agent.id,
        leg_sid=agent.leg_sid,
        to_agent=to_agent,
        address=address,
    )


def note(store: Store, handing: Handing, state: str, **facts: object) -> None:
    """The transfer has got so far."""
    with store.write() as tx:
        transfers.move(tx, handing.id, state, **facts)


def leave(store: Store, handing: Handing, now: datetime) -> None:
    """The agent's part is over: they wrap up, and the call goes on without them."""
    with store.write() as tx:
        agent = require_agent(tx, handing.agent_id)
        if transfers.settle(tx, handing.id, "done", now) and agent.attempt_id == handing.attempt_id:
            agents.wrap_up(tx, agent, now)


def undo(store: Store, handing: Handing, error: str | None, now: datetime) -> None:
    """The agent has the person as before, and the other is free."""
    with store.write() as tx:
        over = transfers.settle(tx, handing.id, "withdrawn" if error is None else "failed", now, error)
        if over and handing.to_agent is not None:
            agents.set_free(tx, handing.to_agent, AgentState.TALKING, now, handing.attempt_id)
            give(tx, handing.attempt_id, handing.agent_id)


def give(tx: Connection, attempt_id: UUID, agent_id: str) -> None:
    """The call is this agent's on record."""
    tx.execute(update(attempts).where(attempts.c.id == attempt_id).values(agent_id=agent_id))
