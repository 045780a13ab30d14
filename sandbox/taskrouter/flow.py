"""The life of tasks and reservations: every change of state, what it is told as, and what follows from it."""

from functools import partial

from sandbox.taskrouter.asking import conflict
from sandbox.taskrouter.events import queue_event, reservation_event, task_event, worker_event, workflow_event
from sandbox.taskrouter.records import ACTIVE, OVER, Activity, Reservation, Step, Task, TaskQueue, Worker, Workspace
from sandbox.taskrouter.routing import candidates, is_skipped
from sandbox.world import World

MOST_REJECTIONS = 1000
DELETED_AFTER_SECONDS = 300.0
RETRY_AFTER_SECONDS = 1.0


def enter(world: World, space: Workspace, task: Task) -> None:
    """A new task comes to the first queue of its workflow, or straight to the queue or worker that it names."""
    space.tasks[task.sid] = task
    task_event(world, space, "created", task)
    task.life_timer = world.later(task.timeout, partial(cancel, world, space, task, "Task TTL Exceeded"))
    begin(world, space, task, task.steps)


def begin(world: World, space: Workspace, task: Task, steps: list[Step]) -> None:
    """Lead the task through these steps from the first on; one without any waits in the queue that it names."""
    task.steps = steps
    if task.step_timer is not None:
        task.step_timer.cancel()
    if steps:
        workflow_event(world, space, "target-matched", task)
        workflow_event(world, space, "entered", task)
        _step(world, space, task)
    elif task.queue is not None:
        _into_queue(world, space, task, task.queue)
    else:
        cancel(world, space, task, "Workflow has no target for the task")


def _step(world: World, space: Workspace, task: Task) -> None:
    step = task.steps[0]
    if step.priority is not None:
        task.priority = step.priority
    _into_queue(world, space, task, space.queues[step.queue_sid])
    if task.status == "pending" and is_skipped(space, task, step):
        workflow_event(world, space, "skipped", task)
        _next_step(world, space, task)
    elif step.timeout is not None:
        task.step_timer = world.later(step.timeout, partial(_step_over, world, space, task))


def _into_queue(world: World, space: Workspace, task: Task, queue: TaskQueue) -> None:
    task.queue, task.entered_at = queue, world.now()
    queue_event(world, space, "entered", task)
    seek(world, space, task)


def _step_over(world: World, space: Workspace, task: Task) -> None:
    if task.status not in {"pending", "reserved"}:
        return
    queue_event(world, space, "timeout", task)
    for reservation in _pending(space, task):
        _close(world, space, reservation, "canceled")
    task.status = "pending"
    _next_step(world, space, task)


def _next_step(world: World, space: Workspace, task: Task) -> None:
    task.steps.pop(0)
    if task.steps:
        queue_event(world, space, "moved", task)
        _step(world, space, task)
    else:
        workflow_event(world, space, "timeout", task)
        cancel(world, space, task, "Task timed out in workflow")


def seek(world: World, space: Workspace, task: Task) -> None:
    """Reserve the task for whoever can take it now, for as many at once as the queue allows."""
    if task.status not in {"pending", "reserved"} or task.queue is None:
        return
    wanted = task.queue.max_reserved_workers - len(_pending(space, task))
    for worker in candidates(space, task)[: max(0, wanted)]:
        _reserve(world, space, task, worker)


def seek_all(world: World, space: Workspace) -> None:
    """Look again for every task that waits: the urgent first, then the oldest."""
    waiting = [task for task in space.tasks.values() if task.status in {"pending", "reserved"}]
    for task in sorted(waiting, key=lambda task: (-task.priority, task.virtual_start_at or task.created_at)):
        seek(world, space, task)


def _reserve(world: World, space: Workspace, task: Task, worker: Worker) -> None:
    if task.queue is None:
        return
    reservation = Reservation(task=task, worker=worker, queue=task.queue, created_at=world.now())
    space.reservations[reservation.sid] = reservation
    worker.last_reserved_at = world.now()
    _become(world, task, "reserved")
    reservation_event(world, space, "created", reservation)
    seconds = task.workflow.reservation_timeout if task.workflow else 120
    reservation.timer = world.later(seconds, partial(time_out, world, space, reservation))
    for watcher in space.watchers:
        watcher(reservation)


def accept(world: World, space: Workspace, reservation: Reservation) -> None:
    """The worker takes the task; whoever else was asked is let go."""
    _require(reservation, {"pending"}, "accept")
    task = reservation.task
    _close(world, space, reservation, "accepted")
    for other in _pending(space, task):
        _close(world, space, other, "rescinded")
    _become(world, task, "assigned")
    _cancel_timers(task)
    task_event(world, space, "updated", task)


def reject(world: World, space: Workspace, reservation: Reservation, activity: Activity | None = None) -> None:
    """The worker will not; somebody else is looked for, which may be the same worker again."""
    _require(reservation, {"pending"}, "reject")
    task, worker = reservation.task, reservation.worker
    task.rejections[worker.sid] = task.rejections.get(worker.sid, 0) + 1
    _close(world, space, reservation, "rejected")
    if activity is not None:
        change_activity(world, space, worker, activity)
    if sum(task.rejections.values()) >= MOST_REJECTIONS:
        cancel(world, space, task, "Task was rejected too often")
    release(world, space, task)


def time_out(world: World, space: Workspace, reservation: Reservation) -> None:
    """Nobody answered: the worker is moved to the workspace's timeout activity, and the task looks for another."""
    if reservation.status != "pending":
        return
    _close(world, space, reservation, "timeout")
    change_activity(world, space, reservation.worker, space.activities[space.timeout_activity])
    release(world, space, reservation.task)


def fail(world: World, space: Workspace, reservation: Reservation) -> None:
    """The assignment callbacks or their instruction failed: the reservation is cancelled, the task tried again."""
    if reservation.status == "pending":
        _close(world, space, reservation, "canceled")
        world.later(RETRY_AFTER_SECONDS, partial(release, world, space, reservation.task))


def release(world: World, space: Workspace, task: Task) -> None:
    """A task that lost a reservation waits again, unless another stands."""
    if task.status == "reserved" and not _pending(space, task):
        _become(world, task, "pending")
    seek_all(world, space)


def wrap_up(world: World, space: Workspace, task: Task) -> None:
    """The work is done but for what comes after it; the capacity stays taken."""
    if task.status != "assigned":
        raise conflict(f"Task {task.sid} cannot be wrapped up: it is {task.status}")
    _become(world, task, "wrapping")
    for reservation in _of_status(space, task, {"accepted"}):
        _close(world, space, reservation, "wrapping", told_as="wrapup")
    task_event(world, space, "wrapup", task)


def complete(world: World, space: Workspace, task: Task, reason: str | None) -> None:
    """The task is done; the worker's capacity is free."""
    if task.status not in {"assigned", "wrapping"}:
        raise conflict(f"Task {task.sid} cannot be completed: it is {task.status}")
    _end(world, space, task, "completed", reason)
    for reservation in _of_status(space, task, {"accepted", "wrapping"}):
        _close(world, space, reservation, "completed")
    task_event(world, space, "completed", task)
    seek_all(world, space)


def require_waiting(task: Task) -> None:
    """Refuse what can be done only to a task that nobody has taken."""
    if task.status not in {"pending", "reserved"}:
        raise conflict(f"Task {task.sid} cannot be canceled: it is {task.status}")


def cancel(world: World, space: Workspace, task: Task, reason: str | None) -> None:
    """The task is given up; harmless where somebody has it or it is over."""
    if task.status not in {"pending", "reserved"}:
        return
    _end(world, space, task, "canceled", reason)
    for reservation in _pending(space, task):
        _close(world, space, reservation, "canceled")
    task_event(world, space, "canceled", task)
    seek_all(world, space)


def delete(world: World, space: Workspace, task: Task, *, told_as: str = "deleted") -> None:
    """Forget the task, and who had it."""
    if task.status not in OVER:
        _end(world, space, task, "canceled", task.reason)
    for reservation in _of_status(space, task, ACTIVE):
        _close(world, space, reservation, "canceled")
    if space.tasks.pop(task.sid, None) is not None:
        task_event(world, space, told_as, task)
        for reservation in space.reservations_of(task):
            del space.reservations[reservation.sid]
    seek_all(world, space)


def change_activity(world: World, space: Workspace, worker: Worker, activity: Activity) -> None:
    """The worker does something else from now on; an available one is looked at for every waiting task."""
    if worker.activity is activity:
        return
    before, since = worker.activity, worker.status_changed_at
    worker.activity, worker.status_changed_at = activity, world.now()
    worker.version += 1
    worker.updated_at = world.now()
    worker_event(
        world, space, "activity.update", worker,
        WorkerPreviousActivitySid=before.sid,
        WorkerPreviousActivityName=before.friendly_name,
        WorkerTimeInPreviousActivity=str(int(world.now() - since)),
    )  # fmt: skip
    if activity.available:
        seek_all(world, space)


def _end(world: World, space: Workspace, task: Task, status: str, reason: str | None) -> None:
    task.reason = reason
    _become(world, task, status)
    _cancel_timers(task)
    world.later(DELETED_AFTER_SECONDS, partial(_forget, world, space, task))


def _forget(world: World, space: Workspace, task: Task) -> None:
    if task.sid in space.tasks:
        delete(world, space, task, told_as="system-deleted")


def _become(world: World, task: Task, status: str) -> None:
    task.status = status
    task.version += 1
    task.updated_at = world.now()


def _close(
    world: World, space: Workspace, reservation: Reservation, status: str, *, told_as: str | None = None
) -> None:
    reservation.status = status
    reservation.version += 1
    reservation.updated_at = world.now()
    if reservation.timer is not None:
        reservation.timer.cancel()
    reservation_event(world, space, told_as or status, reservation)


def _require(reservation: Reservation, statuses: set[str], verb: str) -> None:
    if reservation.status not in statuses:
        raise conflict(f"Cannot {verb} reservation {reservation.sid}: it is {reservation.status}")


def _pending(space: Workspace, task: Task) -> list[Reservation]:
    return _of_status(space, task, {"pending"})


def _of_status(space: Workspace, task: Task, statuses: "set[str] | frozenset[str]") -> list[Reservation]:
    return [one for one in space.reservations_of(task) if one.status in statuses]


def _cancel_timers(task: Task) -> None:
    for timer in (task.step_timer, task.life_timer):
        if timer is not None:
            timer.cancel()
