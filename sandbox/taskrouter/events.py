"""What TaskRouter tells: every event is kept, and posted to the workspace's EventCallbackUrl where it is asked for."""

from sandbox.callbacks import deliver
from sandbox.courier import Parcel
from sandbox.taskrouter.records import Event, Reservation, Task, Worker, Workspace
from sandbox.taskrouter.rendering import text
from sandbox.world import World

MOST_KEPT = 20_000


def task_event(world: World, space: Workspace, kind: str, task: Task) -> None:
    """Report what became of a task."""
    _report(world, space, f"task.{kind}", "Task", task.sid, of_task(world, task))


def queue_event(world: World, space: Workspace, kind: str, task: Task) -> None:
    """Report that a task came to a queue, left it, or waited there too long."""
    _report(world, space, f"task-queue.{kind}", "Task", task.sid, of_task(world, task))


def workflow_event(world: World, space: Workspace, kind: str, task: Task) -> None:
    """Report how far a task has come in its workflow."""
    _report(world, space, f"workflow.{kind}", "Task", task.sid, of_task(world, task))


def reservation_event(world: World, space: Workspace, kind: str, reservation: Reservation) -> None:
    """Report what became of a reservation."""
    data = {
        **of_task(world, reservation.task),
        **of_worker(reservation.worker),
        "TaskQueueSid": reservation.queue.sid,
        "TaskQueueName": reservation.queue.friendly_name,
        "ReservationSid": reservation.sid,
    }
    _report(world, space, f"reservation.{kind}", "Reservation", reservation.sid, data)


def worker_event(world: World, space: Workspace, kind: str, worker: Worker, **more: str) -> None:
    """Report what became of a worker."""
    _report(world, space, f"worker.{kind}", "Worker", worker.sid, {**of_worker(worker), **more})


def resource_event(world: World, space: Workspace, kind: str, sid: str, data: dict[str, str]) -> None:
    """Report that an activity, a queue or a workflow was made, changed or deleted."""
    words = {"activity": "Activity", "task-queue": "TaskQueue", "workflow": "Workflow", "task-channel": "TaskChannel"}
    _report(world, space, kind, words[kind.partition(".")[0]], sid, data)


def of_task(world: World, task: Task) -> dict[str, str]:
    """What every event of a task says of it."""
    queue, workflow = task.queue, task.workflow
    data = {
        "TaskSid": task.sid,
        "TaskAttributes": text(task.attributes),
        "TaskAge": str(int(world.now() - task.created_at)),
        "TaskPriority": str(task.priority),
        "TaskAssignmentStatus": task.status,
        "TaskChannelSid": task.channel.sid,
        "TaskChannelUniqueName": task.channel.unique_name,
        "TaskVersion": str(task.version),
    }
    if queue is not None:
        data |= {"TaskQueueSid": queue.sid, "TaskQueueName": queue.friendly_name}
    if workflow is not None:
        data |= {"WorkflowSid": workflow.sid, "WorkflowName": workflow.friendly_name}
    if task.reason and task.status in {"canceled", "completed"}:
        data[f"Task{task.status.title()}Reason"] = task.reason
    return data


def of_worker(worker: Worker) -> dict[str, str]:
    """What every event of a worker says of them."""
    return {
        "WorkerSid": worker.sid,
        "WorkerName": worker.friendly_name,
        "WorkerAttributes": text(worker.attributes),
        "WorkerActivitySid": worker.activity.sid,
        "WorkerActivityName": worker.activity.friendly_name,
        "WorkerVersion": str(worker.version),
    }


def _report(
    world: World, space: Workspace, kind: str, resource_type: str, resource_sid: str, data: dict[str, str]
) -> None:
    event = Event(
        kind=kind,
        at=world.now(),
        description=f"{resource_type} {resource_sid}: {kind}",
        resource_type=resource_type.lower(),
        resource_sid=resource_sid,
        data=data,
    )
    space.events.append(event)
    del space.events[:-MOST_KEPT]
    if space.event_url and (not space.events_filter or kind in space.events_filter):
        parcel = Parcel(url=space.event_url, params=_params(space, event))
        deliver(world, "taskrouter", data.get("TaskSid") or resource_sid, parcel)


def _params(space: Workspace, event: Event) -> dict[str, str]:
    return {
        "EventType": event.kind,
        "AccountSid": space.account_sid,
        "WorkspaceSid": space.sid,
        "WorkspaceName": space.friendly_name,
        "EventDescription": event.description,
        "ResourceType": event.resource_type,
        "ResourceSid": event.resource_sid,
        "Timestamp": str(int(event.at)),
        "TimestampMs": str(int(event.at * 1000)),
        "Sid": event.sid,
        **event.data,
    }
