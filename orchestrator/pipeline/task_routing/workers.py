"""Agents' states as the task router has them: read where there is news, and all of them every minute."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from orchestrator.domain.enrollment import OfferState
from orchestrator.domain.errors import CarrierBusyError, CarrierError
from orchestrator.domain.task_routing import Post, TaskRouter, TaskStage
from orchestrator.log import log
from orchestrator.persistence import agent_tasks, offers, task_workers
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.offer_ends import put_away
from orchestrator.pipeline.task_routing.news import UNTAKEN

AT_ONCE = 20
READ_EVERY = timedelta(seconds=60)
WENT_AWAY = "the worker went away"


@dataclass
class WorkersReport:
    """How many workers were read, put somewhere, and found to have changed."""

    read: int = 0
    posted: int = 0
    changed: int = 0


def run_once(store: Store, router: TaskRouter, now: datetime, limit: int = AT_ONCE) -> WorkersReport:
    """Put everybody where they belong, then read those who need it; the router's word decides who is ready."""
    report = WorkersReport()
    with store.read() as tx:
        linked = task_workers.all_linked(tx)
    for row in linked:
        where = _belongs(row)
        report.posted += where is not None and _post(store, router, row, where, now)
    with store.read() as tx:
        due = task_workers.to_read(tx, now - READ_EVERY, limit)
    for row in due:
        report.read += _read(store, router, row, now)
    report.changed = sum(_follow(store, row.id, now) for row in linked)
    return report


def _belongs(agent: Record) -> Post | None:
    """Where the worker must be put; None where they stand right.

    Who waits in a conference takes no tasks meanwhile. Who has left it, or let a reservation time out, is brought back.
    """
    nailed_up = agent.leg_asked_at is not None
    if nailed_up:
        return None if agent.posted == Post.OUTBOUND else Post.OUTBOUND
    return Post.AVAILABLE if agent.bring_back or agent.posted == Post.OUTBOUND else None


def _post(store: Store, router: TaskRouter, agent: Record, where: Post, now: datetime) -> bool:
    try:
        router.post(agent.worker_sid, where)
    except CarrierError as error:
        log.warning("worker.not_posted", agent=agent.id, where=where.value, error=str(error))
        return False
    with store.write() as tx:
        task_workers.posted(tx, agent.id, where, now)
    return True


def _read(store: Store, router: TaskRouter, row: Record, now: datetime) -> bool:
    """Ask the router about one worker; no transaction is open meanwhile."""
    try:
        available = router.worker(row.worker_sid).available
        capacity = router.free_capacity(row.worker_sid) if available else 0
    except CarrierBusyError:
        return False
    except CarrierError as error:
        log.warning("worker.not_read", agent=row.agent_id, code=error.carrier_code)
        available, capacity = False, 0
    with store.write() as tx:
        task_workers.read(tx, row, available=available, free_capacity=capacity, now=now)
        if not available:
            _take_offer_away(tx, row.agent_id, now)
    return True


def _take_offer_away(tx: Connection, agent_id: str, now: datetime) -> None:
    """Who has gone will not answer what lies before them: the person need not wait for the offer's end."""
    offer = offers.standing(tx, agent_id)
    task = None if offer is None else agent_tasks.of_offer(tx, offer.id)
    if offer is not None and task is not None and TaskStage(task.stage) in UNTAKEN:
        put_away(tx, offer, OfferState.TIMED_OUT, now, WENT_AWAY)


def _follow(store: Store, agent_id: str, now: datetime) -> bool:
    with store.write() as tx:
        return task_workers.follow(tx, agent_id, now) is not None
