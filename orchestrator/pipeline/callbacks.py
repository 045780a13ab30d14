"""Keep promises: a callback that is due is laid before the agent it was promised of, then before anyone."""

from datetime import datetime

from sqlalchemy import Connection, select

from orchestrator.domain.enrollment import EnrollmentStage, Lane
from orchestrator.domain.task_routing import task_queue
from orchestrator.persistence import agents, callbacks, enrollments, task_workers
from orchestrator.persistence.tables.agents import agents as agents_table
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.dispatch import Dispatcher
from orchestrator.pipeline.engine import LiveCampaign
from orchestrator.pipeline.lines import Lines

AT_ONCE = 10


def run_once(dispatcher: Dispatcher, campaign: LiveCampaign) -> int:
    """Lay what is due before agents who are ready; how many. A promise goes before whatever else agents could do."""
    now, voice = dispatcher.clock.now(), campaign.plan.voice
    if voice is None:
        return 0
    with dispatcher.engine.store.read() as tx:
        due = callbacks.due(tx, campaign.id, now, AT_ONCE)
    return sum(_offer(dispatcher, campaign, promise, voice.queue) for promise in due)


def _offer(dispatcher: Dispatcher, campaign: LiveCampaign, promise: Record, queue: str) -> int:
    engine, now = dispatcher.engine, dispatcher.clock.now()
    with engine.store.write() as tx:
        agent_id = _reserve(tx, promise, queue, now)
        if agent_id is None:
            return 0
        claimed = enrollments.claim_one(tx, promise.enrollment_id, engine.worker, engine.waits.lease)
    lines = Lines(Lane.CALLBACK, dispatcher.closings, 1, [agent_id])
    offered = 0
    if claimed:
        offered = dispatcher.decide(campaign, lines, [promise.enrollment_id], EnrollmentStage.CLAIMED).counts["offered"]
    with engine.store.write() as tx:
        for left in lines.agents:
            agents.unreserve(tx, left, dispatcher.clock.now())
    return offered


def _reserve(tx: Connection, promise: Record, queue: str, now: datetime) -> str | None:
    """Whose callback it is, where they serve the queue and are ready; anyone once they have been waited for.

    An agent in a conference first, else a worker of the task router, who gets it as a task.
    """
    own = promise.for_agent
    if own is not None and _serves(tx, own, queue) and task_workers.reserve_one(tx, own, now):
        return str(own)
    if own is not None and now < promise.anyone_from:
        return None
    found = agents.reserve_ready(tx, queue, 1, now) or task_workers.reserve(tx, queue, 1, now)
    return next(iter(found), None)


def _serves(tx: Connection, agent_id: str, queue: str) -> bool:
    """Whether the agent takes the queue's calls, in a conference or as tasks."""
    queues = (queue, task_queue(queue))
    here = select(agents_table.c.id).where(agents_table.c.id == agent_id, agents_table.c.queue.in_(queues))
    return tx.execute(here.with_for_update()).first() is not None
