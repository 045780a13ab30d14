"""Agents who are workers of the task router: linked by sid, ready as the router says."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update

from orchestrator.domain.agent import AgentState
from orchestrator.domain.task_routing import Post, call_queue, task_queue
from orchestrator.persistence import agents as states
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.task_routing import task_workers


def link(tx: Connection, agent_id: str, worker_sid: str, now: datetime) -> None:
    """The agent is this worker from now on. Raises IntegrityError where either is linked already."""
    tx.execute(insert(task_workers).values(agent_id=agent_id, worker_sid=worker_sid, news_at=now))


def of_agent(tx: Connection, agent_id: str) -> Record | None:
    """The agent's worker, None for an agent who is none."""
    return tx.execute(select(task_workers).where(task_workers.c.agent_id == agent_id)).one_or_none()


def all_linked(tx: Connection) -> Sequence[Record]:
    """Every linked agent with their worker."""
    query = select(agents, *(column for column in task_workers.c if column.name != "agent_id"))
    return tx.execute(query.join(task_workers, task_workers.c.agent_id == agents.c.id)).all()


def heard_of(tx: Connection, worker_sid: str, now: datetime) -> bool:
    """Something happened to the worker: they are read anew before they are relied on. False for a stranger."""
    heard = update(task_workers).where(task_workers.c.worker_sid == worker_sid).values(news_at=now)
    return tx.execute(heard).rowcount == 1


def timed_out(tx: Connection, worker_sid: str) -> None:
    """A reservation timed out on the worker, and the router put them away: they are to be brought back."""
    tx.execute(update(task_workers).where(task_workers.c.worker_sid == worker_sid).values(bring_back=True))


def reserve(tx: Connection, queue: str, limit: int, now: datetime) -> list[str]:
    """Reserve up to so many agents of the queue for tasks; not those of whom there is news that nobody has read."""
    unread = select(task_workers.c.agent_id).where(task_workers.c.news_at.is_not(None))
    reserved = states.reserve_ready(tx, task_queue(queue), limit, now)
    doubtful = set(tx.execute(unread.where(task_workers.c.agent_id.in_(reserved))).scalars()) if reserved else set()
    for agent_id in sorted(doubtful):
        states.unreserve(tx, agent_id, now)
    return [agent_id for agent_id in reserved if agent_id not in doubtful]


def reserve_one(tx: Connection, agent_id: str, now: datetime) -> bool:
    """Reserve this agent where they are ready; not a worker of whom there is news that nobody has read."""
    unread = (task_workers.c.agent_id == agent_id) & task_workers.c.news_at.is_not(None)
    if tx.execute(select(task_workers.c.agent_id).where(unread)).first() is not None:
        return False
    return states.change(tx, agent_id, {AgentState.READY}, AgentState.RESERVED, now)


def to_read(tx: Connection, read_before: datetime, limit: int) -> Sequence[Record]:
    """Workers of whom there is news, or who were not read since then."""
    stale = or_(
        task_workers.c.news_at.is_not(None), task_workers.c.read_at.is_(None), task_workers.c.read_at <= read_before
    )
    return tx.execute(select(task_workers).where(stale).order_by(task_workers.c.read_at).limit(limit)).all()


def read(tx: Connection, row: Record, *, available: bool, free_capacity: int, now: datetime) -> None:
    """Keep what the router said; news that came since the question was put stays news."""
    said = {"available": available, "free_capacity": free_capacity, "read_at": now}
    tx.execute(update(task_workers).where(task_workers.c.agent_id == row.agent_id).values(said))
    answered = (task_workers.c.agent_id == row.agent_id) & (task_workers.c.news_at <= (row.news_at or now))
    tx.execute(update(task_workers).where(answered).values(news_at=None))


def posted(tx: Connection, agent_id: str, where: Post, now: datetime) -> None:
    """We put the worker there; what they do is read anew."""
    said = {"posted": where.value, "bring_back": False, "news_at": now}
    tx.execute(update(task_workers).where(task_workers.c.agent_id == agent_id).values(said))


def follow(tx: Connection, agent_id: str, now: datetime) -> AgentState | None:
    """Ready for tasks exactly where the router last said so, unless the agent is busy or waits in a conference.

    The new state, None where nothing changed.
    """
    row = tx.execute(
        select(agents.c.queue, agents.c.state, agents.c.leg_asked_at, agents.c.pause_asked, task_workers)
        .join(task_workers, task_workers.c.agent_id == agents.c.id)
        .where(agents.c.id == agent_id)
        .with_for_update(of=agents)
    ).one_or_none()
    if row is None or row.leg_asked_at is not None:
        return None
    free = bool(row.available) and (row.free_capacity or 0) > 0
    _stand_in(tx, agent_id, task_queue(row.queue))
    if not row.available:  # a pause that was asked for here ends with their next coming back there
        tx.execute(update(agents).where(agents.c.id == agent_id).values(pause_asked=False))
    if free and row.state == AgentState.AWAY and not row.pause_asked:
        return AgentState.READY if states.ready(tx, agent_id, now) else None
    if not free and row.state == AgentState.READY:
        return AgentState.AWAY if states.change(tx, agent_id, {AgentState.READY}, AgentState.AWAY, now) else None
    return None


def in_conference(tx: Connection, agent_id: str, leg_sid: str) -> None:
    """The worker waits in their conference for one person: as long as the leg lasts it is their own call."""
    tx.execute(update(agents).where(agents.c.id == agent_id).values(leg_sid=leg_sid))


def out_of_conference(tx: Connection, agent_id: str, leg_sid: str | None) -> None:
    """That leg is over; one that came after it is left."""
    over = (agents.c.id == agent_id) & (agents.c.leg_sid == leg_sid) & agents.c.leg_asked_at.is_(None)
    tx.execute(update(agents).where(over).values(leg_sid=None, last_leg_sid=leg_sid))


def leave_tasks(tx: Connection, agent_id: str, now: datetime) -> bool:
    """The agent signs in by phone: no task is laid before them until they are away again.

    False, and nothing is changed, while one lies before them: freed from it they would pass for one in a conference.
    """
    row = tx.execute(select(agents.c.queue, agents.c.state).where(agents.c.id == agent_id).with_for_update()).one()
    if row.queue == call_queue(row.queue):
        return True
    if row.state not in {AgentState.AWAY, AgentState.READY}:
        return False
    states.change(tx, agent_id, {AgentState.READY}, AgentState.AWAY, now)
    _stand_in(tx, agent_id, call_queue(row.queue))
    return True


def _stand_in(tx: Connection, agent_id: str, queue: str) -> None:
    tx.execute(update(agents).where(agents.c.id == agent_id, agents.c.queue != queue).values(queue=queue))
