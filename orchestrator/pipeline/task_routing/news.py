"""What the task router tells, applied in any order: every word of it is a hint, and nothing is done twice."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from orchestrator.domain.agent import AgentState
from orchestrator.domain.attempt import CALL_STAGE, Stage
from orchestrator.domain.carrier import CallStatus
from orchestrator.domain.enrollment import OfferState
from orchestrator.domain.events import CarrierEvent
from orchestrator.domain.task_routing import TaskStage
from orchestrator.persistence import agent_tasks, agents, cancellations, offers, task_workers
from orchestrator.persistence.tables.agents import offers as offers_table
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.offer_ends import put_away, withdraw

UNTAKEN = frozenset({TaskStage.PLANNED, TaskStage.PLACED})
TAKEN = frozenset({TaskStage.TAKEN, TaskStage.RUNG, TaskStage.JOINED})
LEG_MAY_TAKE = timedelta(seconds=45)  # from the worker's yes to their voice in the conference
GONE = "the agent left before the call was answered"


def apply(tx: Connection, event: CarrierEvent, now: datetime) -> None:
    """News of workers, tasks and reservations; what concerns none of ours changes nothing."""
    facts = event.facts or {}
    worker_sid = facts.get("worker_sid", "")
    if worker_sid:
        task_workers.heard_of(tx, worker_sid, now)
    handler = HANDLERS.get(facts.get("type", ""))
    task = _task(tx, facts, now)
    if handler is not None and task is not None and worker_sid in {"", task.worker_sid}:
        handler(tx, task, now)


def _task(tx: Connection, facts: Mapping[str, str], now: datetime) -> Record | None:
    """Our task that the news is about, known by the offer in its attributes; None where the sid is another's."""
    offer_id, sid = facts.get("offer_id", ""), facts.get("task_sid", "")
    if not offer_id.isdecimal() or not sid:
        return None
    row = agent_tasks.of_offer(tx, int(offer_id))
    # News may overtake the answer to the order that made it: whoever is first to know the sid stores it.
    return row if row is not None and agent_tasks.name(tx, row.offer_id, sid, now) else None


def accepted(tx: Connection, task: Record, now: datetime) -> None:
    """The worker says yes: they have a while to be joined. Too late where the offer is no more."""
    still = (offers_table.c.id == task.offer_id) & (offers_table.c.state == OfferState.OFFERED)
    longer = update(offers_table).where(still, offers_table.c.expires_at > now).values(expires_at=now + LEG_MAY_TAKE)
    if TaskStage(task.stage) in UNTAKEN and tx.execute(longer).rowcount == 1:
        agent_tasks.move(tx, task.offer_id, UNTAKEN, TaskStage.TAKEN, now)


def _rejected(tx: Connection, task: Record, now: datetime) -> None:
    """The worker says no: the person comes back later, and is not laid before them again at once."""
    if TaskStage(task.stage) in UNTAKEN:
        _end_offer(tx, task, OfferState.SKIPPED, now, "refused in the task router")


def _timed_out(tx: Connection, task: Record, now: datetime) -> None:
    """Nobody answered. The router has put the worker away, and nobody else brings them back, however late we hear."""
    task_workers.timed_out(tx, task.worker_sid)
    if TaskStage(task.stage) in UNTAKEN:
        _end_offer(tx, task, OfferState.TIMED_OUT, now)
        agents.change(tx, task.agent_id, {AgentState.READY}, AgentState.AWAY, now)  # until they are back


def over(tx: Connection, task: Record, now: datetime) -> None:
    """The task is no more: an offer that still stands has timed out; who wraps up has finished.

    One whose person is being called stays open, since the call and the worker's leg are ended from here.
    """
    stage = TaskStage(task.stage)
    if stage in UNTAKEN:
        _end_offer(tx, task, OfferState.TIMED_OUT, now)
    if stage is TaskStage.WRAPPING:
        agents.set_free(tx, task.agent_id, AgentState.WRAPPING, now)
    if stage in UNTAKEN | {TaskStage.WRAPPING}:
        agent_tasks.move(tx, task.offer_id, {stage, TaskStage.PLACED}, TaskStage.OVER, now)


def _end_offer(tx: Connection, task: Record, state: OfferState, now: datetime, reason: str | None = None) -> None:
    offer = tx.execute(select(offers_table).where(offers_table.c.id == task.offer_id)).one()
    put_away(tx, offer, state, now, reason)


def leg_news(tx: Connection, event: CarrierEvent, now: datetime) -> None:
    """News of the call that brings a worker into the conference."""
    facts = event.facts or {}
    offer_id = facts.get("offer_id", "")
    task = agent_tasks.of_offer(tx, int(offer_id)) if offer_id.isdecimal() else None
    if task is not None and task.leg_sid in {None, event.sid} and event.call_status is not None:
        leg_is(tx, task, event.sid, event.call_status, now)


def leg_is(tx: Connection, task: Record, leg_sid: str, status: CallStatus, now: datetime) -> None:
    """The worker's leg, heard of or asked about: up, it counts as their yes to the person; over, as their leaving."""
    if status is CallStatus.IN_PROGRESS:
        _joined(tx, task, leg_sid, now)
    elif CALL_STAGE[status] is Stage.ENDED:
        _left(tx, task, leg_sid, now)


def _joined(tx: Connection, task: Record, leg_sid: str, now: datetime) -> None:
    if agent_tasks.move(tx, task.offer_id, {TaskStage.TAKEN, TaskStage.RUNG}, TaskStage.JOINED, now, leg_sid=leg_sid):
        task_workers.in_conference(tx, task.agent_id, leg_sid)
        offers.change(tx, task.offer_id, OfferState.OFFERED, OfferState.ACCEPTED, now)


def _left(tx: Connection, task: Record, leg_sid: str, now: datetime) -> None:
    task_workers.out_of_conference(tx, task.agent_id, leg_sid)
    if TaskStage(task.stage) in TAKEN:
        agent_tasks.leg_placed(tx, task.offer_id, leg_sid)
        leave(tx, task, GONE, now)


def leave(tx: Connection, task: Record, why: str, now: datetime) -> None:
    """A worker who is not in the conference: the person is due again, or a call that rings for nobody is taken back."""
    offer = tx.execute(select(offers_table).where(offers_table.c.id == task.offer_id)).one()
    if offer.state in {OfferState.OFFERED, OfferState.ACCEPTED}:
        withdraw(tx, offer, now, why)
    call = agent_tasks.attempt_of(tx, offer)
    if call is not None and call.stage != Stage.ENDED and call.connected_at is None:
        agents.change(tx, task.agent_id, {AgentState.RESERVED}, AgentState.AWAY, now)  # nobody is joined to them now
        cancellations.file(tx, [call.id], "agent gone", now)


Handler = Callable[[Connection, Record, datetime], None]
HANDLERS: Mapping[str, Handler] = {
    "reservation.accepted": accepted,
    "reservation.rejected": _rejected,
    "reservation.timeout": _timed_out,
    "reservation.canceled": over,
    "reservation.rescinded": over,
    "task.canceled": over,
    "task.completed": over,
    "task.deleted": over,
    "task.system-deleted": over,
}
