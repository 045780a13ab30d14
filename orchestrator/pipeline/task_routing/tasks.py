"""Every offer to a worker becomes a task, and every task is led to its end: each request stands after a commit."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from orchestrator.domain.agent import AgentState, conference_room
from orchestrator.domain.attempt import Stage
from orchestrator.domain.carrier import CallStatus
from orchestrator.domain.enrollment import OfferState
from orchestrator.domain.errors import CarrierBusyError, CarrierError, DispatchUncertainError
from orchestrator.domain.task_routing import TaskOrder, TaskOverError, TaskStage, WorkerLegOrder
from orchestrator.log import log
from orchestrator.persistence import agent_tasks, agents, task_workers
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.agents import agents as agents_table
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.task_routing import news
from orchestrator.pipeline.task_routing.card import task_card
from orchestrator.pipeline.task_routing.closing import close, end, hang_up
from orchestrator.pipeline.task_routing.desk import TaskDesk

AT_ONCE = 200  # most of them only wait for somebody
ASK_AFTER = timedelta(seconds=10)  # of silence: news may be lost, and a request's fate unknown
ENDED_OFFERS = frozenset({OfferState.SKIPPED, OfferState.TIMED_OUT, OfferState.WITHDRAWN})


@dataclass
class TasksReport:
    """How many tasks were made, and how many moved on."""

    made: int = 0
    moved: int = 0


def run_once(desk: TaskDesk, now: datetime, limit: int = AT_ONCE) -> TasksReport:
    """Make the tasks that new offers need, then lead every open one a step on; one that fails stops no other."""
    with desk.store.read() as tx:
        untold, open_tasks = agent_tasks.untold(tx, limit), agent_tasks.open_ones(tx, limit)
    report = TasksReport()
    for offer in untold:
        with desk.store.write() as tx:
            agent_tasks.plan(tx, offer, now)
        report.made += _guarded(desk, offer.id, _create, offer, now)
    for task in open_tasks:
        step = _step_for(task, now)
        report.moved += step is not None and _guarded(desk, task.offer_id, step, task, now)
    return report


Step = Callable[[TaskDesk, Record, datetime], bool]


def _guarded(desk: TaskDesk, offer_id: int, step: Step, row: Record, now: datetime) -> bool:
    """Take the step; a refusal is said, and the next run tries again after a while."""
    try:
        return step(desk, row, now)
    except CarrierError as error:
        log.warning("task.not_moved", offer=offer_id, error=type(error).__name__, code=error.carrier_code)
        with desk.store.write() as tx:
            agent_tasks.looked(tx, offer_id, now)
        return False


def _step_for(task: Record, now: datetime) -> Step | None:
    """What the task needs now, None for one that only waits."""
    stage, silent = TaskStage(task.stage), now - task.looked_at >= ASK_AFTER
    if stage is TaskStage.PLANNED:
        return _find_or_create if silent else None
    if task.offer_state in ENDED_OFFERS:
        return end
    if stage is TaskStage.TAKEN:
        return _ring
    if stage is TaskStage.JOINED or stage is TaskStage.WRAPPING:
        return _STEPS[stage]
    return _STEPS[stage] if silent else None


def _create(desk: TaskDesk, offer: Record, now: datetime) -> bool:
    """Ask the router for the task; a doubt is looked into before it is asked again."""
    lasts = max(1, int((offer.expires_at - now).total_seconds()))
    card = task_card(desk.store, desk.rulebook, offer.agent_id, now)
    order = TaskOrder(offer_id=offer.id, worker_sid=offer.worker_sid, lasts_seconds=lasts, card=card)
    try:
        made = desk.router.create_task(order)
    except DispatchUncertainError:
        log.warning("task.in_doubt", offer=offer.id)
        return False
    with desk.store.write() as tx:
        agent_tasks.name(tx, offer.id, made.sid, now)
    return True


def _find_or_create(desk: TaskDesk, task: Record, now: datetime) -> bool:
    found = desk.router.find_task(task.offer_id)
    if found is None and task.offer_state == OfferState.OFFERED and now < task.expires_at:
        return _create_again(desk, task, now)
    with desk.store.write() as tx:
        if found is not None:
            return agent_tasks.name(tx, task.offer_id, found.sid, now)
        return agent_tasks.move(tx, task.offer_id, {TaskStage.PLANNED}, TaskStage.OVER, now)


def _create_again(desk: TaskDesk, task: Record, now: datetime) -> bool:
    with desk.store.write() as tx:
        agent_tasks.looked(tx, task.offer_id, now)
    with desk.store.read() as tx:
        offer = agent_tasks.offer_of(tx, task.offer_id)
    return _create(desk, offer, now)


def _look(desk: TaskDesk, task: Record, now: datetime) -> bool:
    """The router has said nothing for a while: what it answers is applied as if it had told us."""
    try:
        status = desk.router.fetch_task(task.sid).status
    except TaskOverError:
        status = "deleted"
    with desk.store.write() as tx:
        agent_tasks.looked(tx, task.offer_id, now)
        row = agent_tasks.of_offer(tx, task.offer_id)
        if row is not None and status in {"assigned", "wrapping"}:
            news.accepted(tx, row, now)
        elif row is not None and status in {"canceled", "completed", "deleted"}:
            news.over(tx, row, now)
    return status not in {"pending", "reserved"}


def _ring(desk: TaskDesk, task: Record, now: datetime) -> bool:
    """Bring the worker into their conference first: nobody is called whom they could not hear at once."""
    with desk.store.read() as tx:
        order = _leg_order(tx, desk.store, task)
    with desk.store.write() as tx:
        if not agent_tasks.move(tx, task.offer_id, {TaskStage.TAKEN}, TaskStage.RUNG, now):
            return False
    try:
        receipt = desk.router.ring_worker(order)
    except CarrierBusyError:
        with desk.store.write() as tx:
            agent_tasks.move(tx, task.offer_id, {TaskStage.RUNG}, TaskStage.TAKEN, now)
        return False
    except DispatchUncertainError:
        return False  # the leg names itself, or the offer times out
    except CarrierError as error:
        _unreachable(desk, task, f"the agent could not be rung (error {error.carrier_code})", now)
        return False
    with desk.store.write() as tx:
        return agent_tasks.leg_placed(tx, task.offer_id, receipt.sid)


def _unreachable(desk: TaskDesk, task: Record, why: str, now: datetime) -> None:
    with desk.store.write() as tx:
        row = agent_tasks.of_offer(tx, task.offer_id)
        if row is not None:
            news.leave(tx, row, why, now)


def _leg_order(tx: Connection, store: Store, task: Record) -> WorkerLegOrder:
    profile = tx.execute(select(agents_table.c.profile_sealed).where(agents_table.c.id == task.agent_id)).scalar_one()
    plan: Mapping[str, Mapping[str, list[str]]] = tx.execute(
        select(campaigns.c.plan).where(campaigns.c.id == task.campaign_id)
    ).scalar_one()
    return WorkerLegOrder(
        offer_id=task.offer_id,
        address=store.keyring.open_json(profile, agents.PROFILE)["address"],
        from_=plan["voice"]["caller_ids"][0],
        room=conference_room(task.agent_id),
    )


def _look_at_leg(desk: TaskDesk, task: Record, now: datetime) -> bool:
    """Neither an answer nor an end was heard of the worker's leg."""
    status = None if task.leg_sid is None else CallStatus(desk.carrier.fetch_call(task.leg_sid).status)
    with desk.store.write() as tx:
        agent_tasks.looked(tx, task.offer_id, now)
        row = agent_tasks.of_offer(tx, task.offer_id)
        if row is not None and status is not None:
            news.leg_is(tx, row, task.leg_sid, status, now)
    return status is not None


def _await_call(desk: TaskDesk, task: Record, now: datetime) -> bool:
    """Once the person's call is over the worker's leg ends too, and their capacity is held for the wrap-up."""
    with desk.store.read() as tx:
        call = agent_tasks.attempt_of(tx, task)
    if call is None or call.stage != Stage.ENDED:
        return False
    hang_up(desk, task)
    with suppress(TaskOverError):  # the worker closed it meanwhile
        desk.router.wrap_up_task(task.sid, "the call is over")
    with desk.store.write() as tx:
        task_workers.out_of_conference(tx, task.agent_id, task.leg_sid)
        return agent_tasks.move(tx, task.offer_id, {TaskStage.JOINED}, TaskStage.WRAPPING, now)


def _await_wrap_up(desk: TaskDesk, task: Record, now: datetime) -> bool:
    with desk.store.read() as tx:
        state = tx.execute(select(agents_table.c.state).where(agents_table.c.id == task.agent_id)).scalar()
    return state != AgentState.WRAPPING and close(desk, task, "wrapped up", now)


_STEPS: Mapping[TaskStage, Step] = {
    TaskStage.PLACED: _look,
    TaskStage.RUNG: _look_at_leg,
    TaskStage.JOINED: _await_call,
    TaskStage.WRAPPING: _await_wrap_up,
}
