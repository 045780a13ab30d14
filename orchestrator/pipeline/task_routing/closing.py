"""How a task ends at the router: its worker is told why, their leg ends, and their capacity is free."""

from contextlib import suppress
from datetime import datetime

from orchestrator.domain.errors import CarrierError
from orchestrator.domain.task_routing import TaskOverError, TaskStage
from orchestrator.log import log
from orchestrator.persistence import agent_tasks, task_workers
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.task_routing.desk import TaskDesk
from orchestrator.pipeline.task_routing.reasons import why_over

HELD = frozenset({TaskStage.TAKEN, TaskStage.RUNG, TaskStage.JOINED, TaskStage.WRAPPING})


def end(desk: TaskDesk, task: Record, now: datetime) -> bool:
    """The offer is no more: the worker's screen says why, their leg ends, and so does the task."""
    with desk.store.read() as tx:
        why = why_over(tx, task)
    if TaskStage(task.stage) in HELD:
        hang_up(desk, task)
        _say_why(desk, task, why)
    return close(desk, task, why, now)


def _say_why(desk: TaskDesk, task: Record, why: str) -> None:
    with suppress(TaskOverError):
        desk.router.note(task.sid, {"offer_id": task.offer_id, "not_called": why})


def close(desk: TaskDesk, task: Record, why: str, now: datetime) -> bool:
    """Complete what a worker has, cancel what nobody has; which of the two the router knows best."""
    cancel_first = (desk.router.cancel_task, desk.router.complete_task)
    for way in reversed(cancel_first) if TaskStage(task.stage) in HELD else cancel_first:
        with suppress(TaskOverError):
            way(task.sid, why)
            break
    with desk.store.write() as tx:
        task_workers.out_of_conference(tx, task.agent_id, task.leg_sid)
        return agent_tasks.move(tx, task.offer_id, set(TaskStage) - {TaskStage.OVER}, TaskStage.OVER, now, reason=why)


def hang_up(desk: TaskDesk, task: Record) -> None:
    """End the worker's own leg, if there is one; one that is over already is as good."""
    if task.leg_sid is None:
        return
    try:
        desk.carrier.hang_up(task.leg_sid)
    except CarrierError as error:
        log.info("task.leg_not_ended", offer=task.offer_id, error=type(error).__name__)
