"""Task queues and workflows."""

from functools import partial

from sandbox.call_orders import INVALID_CALLBACK
from sandbox.checks import url_in, whole_number
from sandbox.errors import invalid
from sandbox.taskrouter import flow
from sandbox.taskrouter.asking import activity_in, conflict, found, new_name, required, workspace_of
from sandbox.taskrouter.events import resource_event
from sandbox.taskrouter.expression import fits, parsed
from sandbox.taskrouter.paging import listing
from sandbox.taskrouter.records import OVER, TaskQueue, Workflow, Workspace
from sandbox.taskrouter.rendering import queue_json, workflow_json
from sandbox.taskrouter.routing import check_configuration, steps_of
from sandbox.web import Answer, Request
from sandbox.world import World

ORDERS = frozenset({"FIFO", "LIFO"})


def create_queue(world: World, request: Request, space: str) -> Answer:
    """POST TaskQueues."""
    home = workspace_of(world, request, space)
    name = new_name(request, "FriendlyName", [one.friendly_name for one in home.queues.values()])
    queue = TaskQueue(friendly_name=name, created_at=world.now())
    _set_queue(request, home, queue)
    home.queues[queue.sid] = queue
    _tell_queue(world, home, "created", queue)
    return Answer(201, queue_json(home, queue))


def _set_queue(request: Request, home: Workspace, queue: TaskQueue) -> None:
    expression = request.get("TargetWorkers") or queue.target_workers
    parsed(expression)
    order = request.get("TaskOrder") or queue.task_order
    if order not in ORDERS:
        raise invalid("TaskOrder", "must be FIFO or LIFO")
    queue.target_workers, queue.task_order = expression, order
    queue.max_reserved_workers = whole_number(request, "MaxReservedWorkers", 1, 50, queue.max_reserved_workers)
    reserving = activity_in(request, "ReservationActivitySid", home)
    assigning = activity_in(request, "AssignmentActivitySid", home)
    queue.reservation_activity = reserving.sid if reserving else queue.reservation_activity
    queue.assignment_activity = assigning.sid if assigning else queue.assignment_activity


def _tell_queue(world: World, home: Workspace, what: str, queue: TaskQueue) -> None:
    data = {
        "TaskQueueSid": queue.sid,
        "TaskQueueName": queue.friendly_name,
        "TaskQueueTargetExpression": queue.target_workers,
    }
    resource_event(world, home, f"task-queue.{what}", queue.sid, data)


def list_queues(world: World, request: Request, space: str) -> Answer:
    """GET TaskQueues by FriendlyName, WorkerSid and EvaluateWorkerAttributes."""
    home = workspace_of(world, request, space)
    named, worker = request.get("FriendlyName"), home.workers.get(request.get("WorkerSid") or "")
    queues = (
        queue
        for queue in home.queues.values()
        if named in {None, queue.friendly_name} and (worker is None or fits(queue.target_workers, worker.attributes))
    )
    return listing(request, "task_queues", queues, lambda one: one.sid, partial(queue_json, home))


def fetch_queue(world: World, request: Request, space: str, sid: str) -> Answer:
    """GET TaskQueues/{Sid}."""
    home = workspace_of(world, request, space)
    return Answer(200, queue_json(home, found(request, home.queues, sid)))


def update_queue(world: World, request: Request, space: str, sid: str) -> Answer:
    """POST TaskQueues/{Sid}: waiting tasks are looked at anew."""
    home = workspace_of(world, request, space)
    queue = found(request, home.queues, sid)
    before = queue.target_workers
    if request.get("FriendlyName"):
        others = [one.friendly_name for one in home.queues.values() if one is not queue]
        queue.friendly_name = new_name(request, "FriendlyName", others)
    _set_queue(request, home, queue)
    queue.updated_at = world.now()
    if queue.target_workers != before:
        _tell_queue(world, home, "expression.updated", queue)
        flow.seek_all(world, home)
    return Answer(200, queue_json(home, queue))


def delete_queue(world: World, request: Request, space: str, sid: str) -> Answer:
    """DELETE TaskQueues/{Sid}: one that no workflow names and no task waits in."""
    home = workspace_of(world, request, space)
    queue = found(request, home.queues, sid)
    waiting = any(task.queue is queue and task.status not in OVER for task in home.tasks.values())
    if waiting or any(sid in workflow.configuration for workflow in home.workflows.values()):
        raise conflict(f"TaskQueue {sid} is in use")
    del home.queues[sid]
    _tell_queue(world, home, "deleted", queue)
    return Answer(204)


def create_workflow(world: World, request: Request, space: str) -> Answer:
    """POST Workflows: its configuration may name only queues that exist."""
    home = workspace_of(world, request, space)
    name = new_name(request, "FriendlyName", [one.friendly_name for one in home.workflows.values()])
    configuration = required(request, "Configuration")
    check_configuration(configuration, home)
    workflow = Workflow(friendly_name=name, configuration=configuration, created_at=world.now())
    _set_workflow(request, workflow)
    home.workflows[workflow.sid] = workflow
    _tell_workflow(world, home, "created", workflow)
    return Answer(201, workflow_json(home, workflow))


def _set_workflow(request: Request, workflow: Workflow) -> None:
    seconds = whole_number(request, "TaskReservationTimeout", 1, 86_400, workflow.reservation_timeout)
    workflow.reservation_timeout = seconds
    if "AssignmentCallbackUrl" in request.fields:
        workflow.assignment_url = url_in(request, "AssignmentCallbackUrl", INVALID_CALLBACK)
    if "FallbackAssignmentCallbackUrl" in request.fields:
        workflow.fallback_url = url_in(request, "FallbackAssignmentCallbackUrl", INVALID_CALLBACK)


def _tell_workflow(world: World, home: Workspace, what: str, workflow: Workflow) -> None:
    data = {"WorkflowSid": workflow.sid, "WorkflowName": workflow.friendly_name}
    resource_event(world, home, f"workflow.{what}", workflow.sid, data)


def list_workflows(world: World, request: Request, space: str) -> Answer:
    """GET Workflows by FriendlyName."""
    home = workspace_of(world, request, space)
    named = request.get("FriendlyName")
    workflows = (one for one in home.workflows.values() if named in {None, one.friendly_name})
    return listing(request, "workflows", workflows, lambda one: one.sid, partial(workflow_json, home))


def fetch_workflow(world: World, request: Request, space: str, sid: str) -> Answer:
    """GET Workflows/{Sid}."""
    home = workspace_of(world, request, space)
    return Answer(200, workflow_json(home, found(request, home.workflows, sid)))


def update_workflow(world: World, request: Request, space: str, sid: str) -> Answer:
    """POST Workflows/{Sid}; with ReEvaluateTasks the tasks that wait begin anew in it."""
    home = workspace_of(world, request, space)
    workflow = found(request, home.workflows, sid)
    if request.get("Configuration"):
        configuration = required(request, "Configuration")
        check_configuration(configuration, home)
        workflow.configuration = configuration
    if request.get("FriendlyName"):
        others = [one.friendly_name for one in home.workflows.values() if one is not workflow]
        workflow.friendly_name = new_name(request, "FriendlyName", others)
    _set_workflow(request, workflow)
    workflow.updated_at = world.now()
    _tell_workflow(world, home, "updated", workflow)
    if (request.get("ReEvaluateTasks") or "").lower() == "true":
        _begin_anew(world, home, workflow)
    return Answer(200, workflow_json(home, workflow))


def _begin_anew(world: World, home: Workspace, workflow: Workflow) -> None:
    for task in [one for one in home.tasks.values() if one.workflow is workflow and one.status == "pending"]:
        flow.begin(world, home, task, steps_of(workflow.configuration, task.attributes))


def delete_workflow(world: World, request: Request, space: str, sid: str) -> Answer:
    """DELETE Workflows/{Sid}: one whose tasks are all over."""
    home = workspace_of(world, request, space)
    workflow = found(request, home.workflows, sid)
    if any(task.workflow is workflow and task.status not in OVER for task in home.tasks.values()):
        raise conflict(f"Workflow {sid} has tasks")
    del home.workflows[sid]
    _tell_workflow(world, home, "deleted", workflow)
    return Answer(204)
