"""Callbacks that people were promised: one waits at most for each person in a campaign."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, literal_column, select, update

from orchestrator.domain.enrollment import EnrollmentStage, Lane
from orchestrator.persistence.tables.campaigns import IS_DUE, enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.desk import callbacks

IS_WAITING = callbacks.c.state == literal_column("'waiting'")  # written out: a partial index serves no bound value
# Built once: each tick and each batch asks.
WAITING = (
    select(callbacks)
    .where(callbacks.c.enrollment_id.in_(bindparam("b_ids", expanding=True)), IS_WAITING)
    .order_by(callbacks.c.id)
)
DUE = (
    select(callbacks)
    .join(enrollments, enrollments.c.id == callbacks.c.enrollment_id)
    .where(enrollments.c.campaign_id == bindparam("b_campaign"), enrollments.c.lane == Lane.CALLBACK, IS_DUE)
    .where(IS_WAITING, callbacks.c.due_at <= bindparam("b_now"), enrollments.c.next_eligible_at <= bindparam("b_now"))
    .order_by(callbacks.c.due_at, callbacks.c.id)
    .limit(bindparam("b_limit"))
)
WITHDRAW = update(callbacks).where(callbacks.c.enrollment_id == bindparam("b_enrollment"), IS_WAITING)


def make(tx: Connection, values: Mapping[str, Any]) -> int:
    """Write the promise down; its id."""
    row = {**values, "state": "waiting"}
    callback_id: int = tx.execute(insert(callbacks).values(row).returning(callbacks.c.id)).scalar_one()
    return callback_id


def waiting(tx: Connection, enrollment_ids: Sequence[int]) -> Mapping[int, Record]:
    """What these people wait for, by enrollment."""
    return {row.enrollment_id: row for row in tx.execute(WAITING, {"b_ids": enrollment_ids})}


def due(tx: Connection, campaign_id: int, now: datetime, limit: int) -> Sequence[Record]:
    """Promises that may be kept now, the earliest first."""
    return tx.execute(DUE, {"b_campaign": campaign_id, "b_now": now, "b_limit": limit}).all()


def of_agents(tx: Connection, agent_id: str | None) -> Sequence[Record]:
    """Every promise to somebody who is not done with meanwhile, or this agent's own, the earliest first."""
    not_done = enrollments.c.stage != EnrollmentStage.DONE
    person = enrollments.c.id == callbacks.c.enrollment_id
    query = select(callbacks).join(enrollments, person).where(IS_WAITING, not_done)
    if agent_id is not None:
        query = query.where(callbacks.c.for_agent == agent_id)
    return tx.execute(query.order_by(callbacks.c.due_at)).all()


def settle(tx: Connection, callback_id: int, state: str, now: datetime, reason: str | None = None) -> bool:
    """The promise waits no more; False where it did not."""
    still = (callbacks.c.id == callback_id) & IS_WAITING
    values = {"state": state, "settled_at": now, "reason": reason}
    return tx.execute(update(callbacks).where(still).values(values)).rowcount == 1


def withdraw(tx: Connection, enrollment_id: int, reason: str, now: datetime) -> int:
    """Whatever the person was promised is void; how many promises."""
    values = {"state": "withdrawn", "settled_at": now, "reason": reason}
    return tx.execute(WITHDRAW, {"b_enrollment": enrollment_id, **values}).rowcount
