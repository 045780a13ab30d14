"""The task of each offer that lies before a worker of the task router."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from orchestrator.domain.enrollment import OfferState
from orchestrator.domain.task_routing import TASK_QUEUE_PREFIX, TaskStage
from orchestrator.persistence.tables.agents import agents, offers
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.task_routing import agent_tasks, task_workers

OPEN = agent_tasks.c.stage != TaskStage.OVER.value


def untold(tx: Connection, limit: int) -> Sequence[Record]:
    """Offers to workers of which no task was made yet, with the worker's sid."""
    told = select(agent_tasks.c.offer_id).where(agent_tasks.c.offer_id == offers.c.id)
    query = (
        select(offers, task_workers.c.worker_sid)
        .join(agents, agents.c.id == offers.c.agent_id)
        .join(task_workers, task_workers.c.agent_id == agents.c.id)
        .where(offers.c.state == OfferState.OFFERED, agents.c.queue.startswith(TASK_QUEUE_PREFIX), ~told.exists())
    )
    return tx.execute(query.order_by(offers.c.id).limit(limit)).all()


def offer_of(tx: Connection, offer_id: int) -> Record:
    """The offer as ``untold`` gives it."""
    query = select(offers, agent_tasks.c.worker_sid).join(agent_tasks, agent_tasks.c.offer_id == offers.c.id)
    return tx.execute(query.where(offers.c.id == offer_id)).one()


def plan(tx: Connection, offer: Record, now: datetime) -> None:
    """Write down that the router is about to be asked."""
    row = {"offer_id": offer.id, "agent_id": offer.agent_id, "worker_sid": offer.worker_sid}
    stage = {"stage": TaskStage.PLANNED.value, "planned_at": now, "looked_at": now}
    tx.execute(insert(agent_tasks).values(**row, **stage))


def open_ones(tx: Connection, limit: int) -> Sequence[Record]:
    """Tasks that are not over, with what became of their offer, the longest not looked at first."""
    query = select(agent_tasks, offers.c.state.label("offer_state"), offers.c.expires_at, offers.c.offered_at)
    query = query.add_columns(offers.c.enrollment_id, offers.c.campaign_id, offers.c.reason.label("offer_reason"))
    query = query.join(offers, offers.c.id == agent_tasks.c.offer_id).where(OPEN)
    return tx.execute(query.order_by(agent_tasks.c.looked_at, agent_tasks.c.offer_id).limit(limit)).all()


def of_offer(tx: Connection, offer_id: int) -> Record | None:
    """The task of the offer, held by this transaction."""
    query = select(agent_tasks).where(agent_tasks.c.offer_id == offer_id).with_for_update()
    return tx.execute(query).one_or_none()


def move(
    tx: Connection,
    offer_id: int,
    from_stages: Collection[TaskStage],
    to_stage: TaskStage,
    now: datetime,
    **facts: object,
) -> bool:
    """Move the task on; False where it stands in none of these stages."""
    at = agent_tasks.c.offer_id == offer_id, agent_tasks.c.stage.in_([stage.value for stage in from_stages])
    moved = update(agent_tasks).where(*at).values(stage=to_stage.value, looked_at=now, **facts)
    return tx.execute(moved).rowcount == 1


def name(tx: Connection, offer_id: int, sid: str, now: datetime) -> bool:
    """The router's sid of the task, whoever learns it first; False where another is known."""
    unnamed = (agent_tasks.c.offer_id == offer_id) & (agent_tasks.c.sid.is_(None) | (agent_tasks.c.sid == sid))
    if tx.execute(update(agent_tasks).where(unnamed).values(sid=sid)).rowcount != 1:
        return False
    move(tx, offer_id, {TaskStage.PLANNED}, TaskStage.PLACED, now)
    return True


def leg_placed(tx: Connection, offer_id: int, leg_sid: str) -> bool:
    """The carrier has taken the call to the worker, who may have answered it already."""
    unnamed = (agent_tasks.c.offer_id == offer_id) & agent_tasks.c.leg_sid.is_(None)
    return tx.execute(update(agent_tasks).where(unnamed).values(leg_sid=leg_sid)).rowcount == 1


def looked(tx: Connection, offer_id: int, now: datetime) -> None:
    """The router, or the carrier, was asked about it, in vain or not."""
    tx.execute(update(agent_tasks).where(agent_tasks.c.offer_id == offer_id).values(looked_at=now))


def attempt_of(tx: Connection, row: Record) -> Record | None:
    """The call that followed the offer, None where none was planned."""
    query = select(attempts).where(
        attempts.c.enrollment_id == row.enrollment_id,
        attempts.c.agent_id == row.agent_id,
        attempts.c.planned_at >= row.offered_at,
    )
    return tx.execute(query.order_by(attempts.c.planned_at).limit(1)).one_or_none()
