"""Agents: who is free, claimed by compare-and-set, and every change of state kept.

``ready`` means that a call may be joined to the agent now: they wait in their conference.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, or_, select, true, update

from orchestrator.domain.agent import AgentState
from orchestrator.persistence import agent_history
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.desk import transfers

PROFILE = "agents.profile"
# Muted, or party to an open transfer: a person joined to them now would not hear them, or would hear others.
_PARTY = (transfers.c.from_agent == agents.c.id) | (transfers.c.to_agent == agents.c.id)
UNTIDY = agents.c.muted | select(transfers.c.id).where(transfers.c.settled_at.is_(None), _PARTY).exists()
BUSY_STATES = (AgentState.RESERVED, AgentState.CONNECTING, AgentState.TALKING)
# Built once: each call moves agents several times.
_READY_OF_QUEUE = (agents.c.queue == bindparam("b_queue"), agents.c.state == AgentState.READY.value)
_RESERVED = (agents.c.id == bindparam("b_id"), agents.c.state == AgentState.RESERVED.value)
CHANGE = update(agents).where(agents.c.id == bindparam("b_id"), agents.c.state.in_(bindparam("b_from", expanding=True)))
CLAIM_LONGEST_READY = (
    update(agents)
    .where(
        agents.c.id
        == select(agents.c.id)
        .where(*_READY_OF_QUEUE)
        .order_by(agents.c.state_since, agents.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery(),
        agents.c.state == AgentState.READY.value,
    )
    .returning(agents.c.id)
)
READY_OF_QUEUE = (
    select(agents.c.id)
    .where(*_READY_OF_QUEUE, agents.c.state_since <= bindparam("b_since"))
    .order_by(agents.c.state_since, agents.c.id)
    .limit(bindparam("b_limit"))
    .with_for_update(skip_locked=True)
)
RESERVED_FOR_NOBODY = select(agents.c.pause_asked).where(*_RESERVED, agents.c.attempt_id.is_(None)).with_for_update()
STILL_RESERVED = RESERVED_FOR_NOBODY.where(agents.c.state_since <= bindparam("b_by"))
TAKE_RESERVED = update(agents).where(*_RESERVED, agents.c.attempt_id == bindparam("b_attempt"))
BOUND = (
    select(agents)
    .where(
        agents.c.attempt_id == bindparam("b_attempt"),
        or_(*(agents.c.state == state.value for state in BUSY_STATES)),
    )
    .with_for_update()
)
WRAPPING = (
    select(agents.c.id, agents.c.state_since, agents.c.wrap_up_seconds, agents.c.pause_asked)
    .where(agents.c.state == AgentState.WRAPPING.value, ~UNTIDY)
    .with_for_update(skip_locked=True)
)
THIS_AGENT = update(agents).where(agents.c.id == bindparam("b_id"))


def add(
    tx: Connection,
    keyring: Keyring,
    agent_id: str,
    *,
    name: str,
    queue: str,
    address: str,
    wrap_up_seconds: int,
    now: datetime,
) -> None:
    """Store a new agent, who is away. Raises IntegrityError for an id that is taken."""
    tx.execute(
        insert(agents).values(
            id=agent_id,
            profile_sealed=keyring.seal_json({"name": name, "address": address}, PROFILE),
            queue=queue,
            state=AgentState.AWAY.value,
            state_since=now,
            wrap_up_seconds=wrap_up_seconds,
            created_at=now,
        )
    )
    agent_history.note(tx, agent_id, AgentState.AWAY, now)


def claim_longest_ready(tx: Connection, queue: str, attempt_id: UUID, now: datetime) -> str | None:
    """Claim for an answered call whoever has been ready longest (ready -> connecting); None when nobody is.

    No two transactions get the same agent, and on PostgreSQL none waits for another.
    """
    bound = {"state": AgentState.CONNECTING.value, "state_since": now, "attempt_id": attempt_id}
    claimed: str | None = tx.execute(CLAIM_LONGEST_READY, {"b_queue": queue, **bound}).scalar()
    if claimed is not None:
        agent_history.note(tx, claimed, AgentState.CONNECTING, now)
    return claimed


def reserve_ready(
    tx: Connection, queue: str, limit: int, now: datetime, ready_before: datetime | None = None
) -> list[str]:
    """Reserve up to so many agents for calls about to be placed (ready -> reserved), longest ready first.

    ``ready_before``: only those who have been ready since then at the latest.
    """
    whom = {"b_queue": queue, "b_since": ready_before or now, "b_limit": limit}
    found = tx.execute(READY_OF_QUEUE, whom).scalars().all()
    return [one for one in found if change(tx, one, {AgentState.READY}, AgentState.RESERVED, now)]


def unreserve(tx: Connection, agent_id: str, now: datetime, reserved_by: datetime | None = None) -> bool:
    """A reserved agent for whom nobody was found is ready as before, since the same moment; or away, as they asked.

    ``reserved_by``: only where they have been reserved since then at the latest, and not for somebody else since.
    Without it they were reserved only to look, which leaves nothing in their history.
    """
    theirs = {"b_id": agent_id} if reserved_by is None else {"b_id": agent_id, "b_by": reserved_by}
    row = tx.execute(RESERVED_FOR_NOBODY if reserved_by is None else STILL_RESERVED, theirs).one_or_none()
    if row is None:
        return False
    state, since = AgentState.AWAY, now
    if not row.pause_asked:
        state, since = AgentState.READY, agent_history.ready_since(tx, agent_id) or now
    tx.execute(THIS_AGENT, {"b_id": agent_id, "state": state.value, "state_since": since})
    looked = reserved_by is None and agent_history.take_back(tx, agent_id, AgentState.RESERVED)
    if state is AgentState.AWAY or not looked:
        agent_history.note(tx, agent_id, state, now)
    return True


def set_free(tx: Connection, agent_id: str, state: AgentState, now: datetime, attempt_id: UUID | None = None) -> bool:
    """Whoever is in the state, for this call where one is named, is ready; or away, where a pause was asked for."""
    here = (agents.c.id == agent_id) & (agents.c.attempt_id == attempt_id if attempt_id is not None else true())
    row = tx.execute(select(agents.c.pause_asked).where(here).with_for_update()).one_or_none()
    return row is not None and change(tx, agent_id, {state}, _next(row.pause_asked), now)


def reserve_for(tx: Connection, agent_id: str, attempt_id: UUID | None) -> bool:
    """Name the attempt that a reserved agent is reserved for; False when they are reserved no more, or for another."""
    named = (
        update(agents)
        .where(agents.c.id == agent_id, agents.c.state == AgentState.RESERVED.value)
        .where(agents.c.attempt_id.is_(None) if attempt_id is not None else true())
        .values(attempt_id=attempt_id)
    )
    return tx.execute(named).rowcount == 1


def change(
    tx: Connection,
    agent_id: str,
    from_states: Collection[AgentState],
    to_state: AgentState,
    now: datetime,
    *,
    attempt_id: UUID | None = None,
) -> bool:
    """Move the agent on; False when they are in none of ``from_states``. ``attempt_id`` None: bound to no attempt."""
    whom = {"b_id": agent_id, "b_from": [state.value for state in from_states]}
    becomes = {"state": to_state.value, "state_since": now, "attempt_id": attempt_id}
    if tx.execute(CHANGE, {**whom, **becomes}).rowcount != 1:
        return False
    agent_history.note(tx, agent_id, to_state, now)
    return True


def take_reserved(tx: Connection, agent_id: str, attempt_id: UUID, now: datetime) -> bool:
    """The call answered is the one that this agent is reserved for (reserved -> connecting); False when it is not."""
    becomes = {"state": AgentState.CONNECTING.value, "state_since": now}
    if tx.execute(TAKE_RESERVED, {"b_id": agent_id, "b_attempt": attempt_id, **becomes}).rowcount != 1:
        return False
    agent_history.note(tx, agent_id, AgentState.CONNECTING, now)
    return True


def ready(tx: Connection, agent_id: str, now: datetime) -> bool:
    """The agent can take calls from now on (away or wrapping -> ready); takes back a pause that was asked for.

    False also while their room is not as the next call needs it: the worker tidies it.
    """
    if tx.execute(select(agents.c.id).where(agents.c.id == agent_id, UNTIDY)).first() is not None:
        return False
    if not change(tx, agent_id, {AgentState.AWAY, AgentState.WRAPPING}, AgentState.READY, now):
        return False
    tx.execute(update(agents).where(agents.c.id == agent_id).values(pause_asked=False, wrap_up_until=None))
    return True


def ask_pause(tx: Connection, agent_id: str, now: datetime) -> bool:
    """The agent wants no more calls: away at once, or after the call they have. True when away already or now."""
    tx.execute(update(agents).where(agents.c.id == agent_id).values(pause_asked=True))
    change(tx, agent_id, {AgentState.READY, AgentState.WRAPPING}, AgentState.AWAY, now)
    state = tx.execute(select(agents.c.state).where(agents.c.id == agent_id)).scalar()
    return state == AgentState.AWAY.value


def talks_with(tx: Connection, agent_id: str, attempt_id: UUID) -> bool:
    """Whether the agent is in conversation with the person of this attempt."""
    talking = agents.c.state == AgentState.TALKING.value
    query = select(agents.c.id).where(agents.c.id == agent_id, agents.c.attempt_id == attempt_id, talking)
    return tx.execute(query).first() is not None


def free_after(tx: Connection, attempt_id: UUID, now: datetime, *, talked: bool = True) -> list[str]:
    """Free whoever was bound to a call that is over, and name them.

    Who was joined with a person wraps up. Who was only reserved talked with nobody, and is ready again (or away, where
    a pause was asked for); so is who was only being connected, unless ``talked``.
    """
    bound = tx.execute(BOUND, {"b_attempt": attempt_id}).all()
    return [row.id for row in bound if _released(tx, row, talked, now)]


def finish_wrap_up(tx: Connection, now: datetime) -> Sequence[str]:
    """Agents whose wrap-up time is over are ready, or away where a pause was asked for; their ids."""
    return [
        row.id
        for row in tx.execute(WRAPPING).all()
        if row.state_since + timedelta(seconds=row.wrap_up_seconds) <= now
        and change(tx, row.id, {AgentState.WRAPPING}, _next(row.pause_asked), now)
    ]


def _released(tx: Connection, agent: Record, talked: bool, now: datetime) -> bool:
    state = AgentState(agent.state)
    if state is AgentState.TALKING or (state is AgentState.CONNECTING and talked):
        return wrap_up(tx, agent, now)
    return change(tx, agent.id, {state}, _next(agent.pause_asked), now)


def wrap_up(tx: Connection, agent: Record, now: datetime) -> bool:
    """The agent's part in a call is over, and wants a disposition until the end of the wrap-up."""
    if not change(tx, agent.id, {AgentState(agent.state)}, AgentState.WRAPPING, now):
        return False
    await_word(tx, agent, now)
    return True


def await_word(tx: Connection, agent: Record, now: datetime) -> None:
    """Whoever the agent talked with waits so long for what the agent says of it."""
    until = now + timedelta(seconds=agent.wrap_up_seconds)
    tx.execute(THIS_AGENT, {"b_id": agent.id, "wrap_up_attempt_id": agent.attempt_id, "wrap_up_until": until})


def _next(pause_asked: bool) -> AgentState:
    return AgentState.AWAY if pause_asked else AgentState.READY
