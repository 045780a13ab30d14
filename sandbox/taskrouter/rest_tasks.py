"""Tasks."""

from datetime import datetime
from functools import partial

from sandbox.checks import flag, whole_number
from sandbox.creating import create
from sandbox.errors import TwilioError, invalid
from sandbox.taskrouter import flow
from sandbox.taskrouter.asking import attributes_of, check_version, found, workspace_of
from sandbox.taskrouter.events import task_event
from sandbox.taskrouter.expression import fits
from sandbox.taskrouter.paging import listing
from sandbox.taskrouter.records import TASK_TIMEOUT_SECONDS, Task, TaskChannel, TaskQueue, Workflow, Workspace
from sandbox.taskrouter.rendering import task_json
from sandbox.taskrouter.routing import steps_of
from sandbox.web import Answer, Request
from sandbox.world import World

LONGEST_TIMEOUT_SECONDS = 1_209_600
HIGHEST_PRIORITY = 2_147_483_647
MOST_ATTRIBUTE_BYTES = 4096


def create_task(world: World, request: Request, space: str) -> Answer:
    """POST Tasks: it comes to a queue at once, and may be reserved before this is answered."""
    home = workspace_of(world, request, space)
    task = Task(
        workflow=_workflow(request, home),
        channel=_channel(request, home),
        attributes=_attributes(request) or {},
        created_at=world.now(),
        virtual_start_at=_moment(request, "VirtualStartTime"),
        timeout=whole_number(request, "Timeout", 1, LONGEST_TIMEOUT_SECONDS, TASK_TIMEOUT_SECONDS),
        priority=whole_number(request, "Priority", 0, HIGHEST_PRIORITY, 0),
        routing_target=request.get("RoutingTarget"),
        ignore_capacity=flag(request, "IgnoreCapacity", default=False),
        queue=_queue(request, home),
    )
    if task.workflow is not None:
        task.steps = steps_of(task.workflow.configuration, task.attributes)

    def make() -> Answer:
        flow.enter(world, home, task)
        return _answer(world, 201, home, task)

    return create(world, "tasks", None, make)


def _answer(world: World, status: int, home: Workspace, task: Task) -> Answer:
    return Answer(status, task_json(home, task, world.now()), headers={"ETag": f'"{task.version}"'})


def _workflow(request: Request, home: Workspace) -> Workflow | None:
    """The workflow named; where none is, the only one. None for a task that names its queue itself."""
    sid = request.get("WorkflowSid")
    if sid is not None:
        if sid not in home.workflows:
            raise invalid("WorkflowSid", f"there is no workflow {sid} in this workspace")
        return home.workflows[sid]
    if request.get("TaskQueueSid") or request.get("RoutingTarget"):
        return None
    if len(home.workflows) != 1:
        raise TwilioError(400, 20001, "Missing required parameter WorkflowSid in the post body")
    return next(iter(home.workflows.values()))


def _queue(request: Request, home: Workspace) -> TaskQueue | None:
    target = request.get("RoutingTarget") or ""
    sid = request.get("TaskQueueSid") or (target if target.startswith("WQ") else None)
    if sid is None and target.startswith("WK"):
        everyone = [queue for queue in home.queues.values() if fits(queue.target_workers, _worker(home, target))]
        return everyone[0] if everyone else None
    if sid is not None and sid not in home.queues:
        raise invalid("TaskQueueSid", f"there is no queue {sid} in this workspace")
    return home.queues.get(sid or "")


def _worker(home: Workspace, sid: str) -> dict[str, object]:
    if sid not in home.workers:
        raise invalid("RoutingTarget", f"there is no worker {sid} in this workspace")
    return home.workers[sid].attributes


def _channel(request: Request, home: Workspace) -> TaskChannel:
    named = request.get("TaskChannel") or "default"
    channel = home.channel(named)
    if channel is None:
        raise invalid("TaskChannel", f"there is no task channel {named} in this workspace")
    return channel


def _attributes(request: Request) -> dict[str, object] | None:
    if len((request.get("Attributes") or "").encode()) > MOST_ATTRIBUTE_BYTES:
        raise invalid("Attributes", f"must not be longer than {MOST_ATTRIBUTE_BYTES} bytes")
    return attributes_of(request)


def _moment(request: Request, name: str) -> float | None:
    text = request.get(name)
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError as error:
        raise invalid(name, "must be an ISO 8601 time") from error


def list_tasks(world: World, request: Request, space: str) -> Answer:
    """GET Tasks by status, workflow, queue, priority, or an expression over their attributes."""
    home = workspace_of(world, request, space)
    lag = world.faults.lag_seconds("tasks")
    tasks = (
        task
        for task in home.tasks.values()
        if _is_asked_for(request, task) and not (lag and task.created_at > world.now() - lag)
    )
    shown = partial(_shown, world, home)
    return listing(request, "tasks", tasks, lambda one: one.sid, shown)


def _shown(world: World, home: Workspace, task: Task) -> dict[str, object]:
    return task_json(home, task, world.now())


def _is_asked_for(request: Request, task: Task) -> bool:
    statuses = [word for value in request.fields.get("AssignmentStatus", []) for word in value.split(",") if word]
    return (
        (not statuses or task.status in statuses)
        and request.get("Priority") in {None, str(task.priority)}
        and request.get("WorkflowSid") in {None, task.workflow.sid if task.workflow else ""}
        and request.get("WorkflowName") in {None, task.workflow.friendly_name if task.workflow else ""}
        and request.get("TaskQueueSid") in {None, task.queue.sid if task.queue else ""}
        and request.get("TaskQueueName") in {None, task.queue.friendly_name if task.queue else ""}
        and fits(request.get("EvaluateTaskAttributes"), task.attributes)
    )


def fetch_task(world: World, request: Request, space: str, sid: str) -> Answer:
    """GET Tasks/{Sid}; gone some minutes after it was over."""
    home = workspace_of(world, request, space)
    return _answer(world, 200, home, found(request, home.tasks, sid))


def update_task(world: World, request: Request, space: str, sid: str) -> Answer:
    """POST Tasks/{Sid}: its status, or else what it is about; never both in one request."""
    home = workspace_of(world, request, space)
    task = found(request, home.tasks, sid)
    check_version(request, task.version)
    status, attributes = request.get("AssignmentStatus"), _attributes(request)
    if status is not None and attributes is not None:
        raise TwilioError(400, 20001, "AssignmentStatus and Attributes cannot be updated together")
    if status is not None:
        _change_status(world, request, home, task, status)
    else:
        _change(world, request, home, task, attributes)
    return _answer(world, 200, home, task)


def _change_status(world: World, request: Request, home: Workspace, task: Task, status: str) -> None:
    reason = request.get("Reason")
    if status in {"canceled", "completed"} and reason is None:
        raise TwilioError(400, 20001, f"Missing required parameter Reason: a task cannot be {status} without one")
    if status == "wrapping":
        flow.wrap_up(world, home, task)
    elif status == "completed":
        flow.complete(world, home, task, reason)
    elif status == "canceled":
        flow.require_waiting(task)
        flow.cancel(world, home, task, reason)
    else:
        raise invalid("AssignmentStatus", "must be wrapping, completed or canceled")


def _change(world: World, request: Request, home: Workspace, task: Task, attributes: dict[str, object] | None) -> None:
    task.attributes = task.attributes if attributes is None else attributes
    task.priority = whole_number(request, "Priority", 0, HIGHEST_PRIORITY, task.priority)
    task.channel = _channel(request, home) if request.get("TaskChannel") else task.channel
    task.virtual_start_at = _moment(request, "VirtualStartTime") or task.virtual_start_at
    task.version += 1
    task.updated_at = world.now()
    task_event(world, home, "updated", task)


def delete_task(world: World, request: Request, space: str, sid: str) -> Answer:
    """DELETE Tasks/{Sid}."""
    home = workspace_of(world, request, space)
    task = found(request, home.tasks, sid)
    check_version(request, task.version)
    flow.delete(world, home, task)
    return Answer(204)
