"""Everything in a workspace as Twilio shows it."""

import json
from datetime import UTC, datetime
from typing import Any

from sandbox.taskrouter.paging import BASE
from sandbox.taskrouter.records import (
    Activity,
    Event,
    Reservation,
    Task,
    TaskChannel,
    TaskQueue,
    Worker,
    WorkerChannel,
    Workflow,
    Workspace,
)

Shown = dict[str, object]


def stamp(moment: float | None) -> str | None:
    """The moment in ISO 8601 with whole seconds and a Z; None stays None."""
    return None if moment is None else datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def text(attributes: dict[str, Any]) -> str:
    """Attributes as the JSON text that they travel in."""
    return json.dumps(attributes)


def _shown(space: Workspace, path: str, thing: Any, **more: object) -> Shown:
    return {
        "account_sid": space.account_sid,
        "workspace_sid": space.sid,
        "sid": thing.sid,
        "date_created": stamp(thing.created_at),
        "date_updated": stamp(thing.updated_at or thing.created_at),
        "url": f"{BASE}/v1/Workspaces/{space.sid}/{path}",
        **more,
    }


def _links(space: Workspace, path: str, *names: str) -> dict[str, str]:
    words = {name: "".join(word.title() for word in name.split("_")) for name in names}
    return {name: f"{BASE}/v1/Workspaces/{space.sid}{path}/{word}" for name, word in words.items()}


def workspace_json(space: Workspace) -> Shown:
    """A workspace."""
    activities = space.activities
    links = ("activities", "events", "statistics", "task_channels", "task_queues", "tasks", "workers", "workflows")
    shown = _shown(
        space,
        "",
        space,
        friendly_name=space.friendly_name,
        event_callback_url=space.event_url,
        events_filter=",".join(sorted(space.events_filter)) or None,
        multi_task_enabled=space.multi_task,
        prioritize_queue_order=space.prioritize,
        default_activity_sid=space.default_activity,
        default_activity_name=activities[space.default_activity].friendly_name,
        timeout_activity_sid=space.timeout_activity,
        timeout_activity_name=activities[space.timeout_activity].friendly_name,
        links=_links(space, "", *links),
    )
    del shown["workspace_sid"]
    return {**shown, "url": f"{BASE}/v1/Workspaces/{space.sid}"}


def activity_json(space: Workspace, activity: Activity) -> Shown:
    """An activity."""
    path = f"Activities/{activity.sid}"
    return _shown(
        space, path, activity, friendly_name=activity.friendly_name, available=activity.available, links={}
    )  # fmt: skip


def channel_json(space: Workspace, channel: TaskChannel) -> Shown:
    """A task channel."""
    return _shown(
        space,
        f"TaskChannels/{channel.sid}",
        channel,
        friendly_name=channel.friendly_name,
        unique_name=channel.unique_name,
        channel_optimized_routing=channel.optimized,
        links={},
    )


def queue_json(space: Workspace, queue: TaskQueue) -> Shown:
    """A task queue."""
    reserving = space.activities.get(queue.reservation_activity or "")
    assigning = space.activities.get(queue.assignment_activity or "")
    path = f"TaskQueues/{queue.sid}"
    return _shown(
        space,
        path,
        queue,
        friendly_name=queue.friendly_name,
        target_workers=queue.target_workers,
        max_reserved_workers=queue.max_reserved_workers,
        task_order=queue.task_order,
        reservation_activity_sid=reserving.sid if reserving else None,
        reservation_activity_name=reserving.friendly_name if reserving else None,
        assignment_activity_sid=assigning.sid if assigning else None,
        assignment_activity_name=assigning.friendly_name if assigning else None,
        links=_links(space, f"/{path}", "statistics", "real_time_statistics", "cumulative_statistics"),
    )


def workflow_json(space: Workspace, workflow: Workflow) -> Shown:
    """A workflow."""
    return _shown(
        space,
        f"Workflows/{workflow.sid}",
        workflow,
        friendly_name=workflow.friendly_name,
        configuration=workflow.configuration,
        document_content_type="application/json",
        assignment_callback_url=workflow.assignment_url,
        fallback_assignment_callback_url=workflow.fallback_url,
        task_reservation_timeout=workflow.reservation_timeout,
        links=_links(space, f"/Workflows/{workflow.sid}", "statistics"),
    )


def worker_json(space: Workspace, worker: Worker) -> Shown:
    """A worker."""
    path = f"Workers/{worker.sid}"
    return _shown(
        space,
        path,
        worker,
        friendly_name=worker.friendly_name,
        attributes=text(worker.attributes),
        activity_sid=worker.activity.sid,
        activity_name=worker.activity.friendly_name,
        available=worker.activity.available,
        date_status_changed=stamp(worker.status_changed_at),
        links=_links(space, f"/{path}", "channels", "reservations", "statistics"),
    )


def worker_channel_json(space: Workspace, worker: Worker, own: WorkerChannel) -> Shown:
    """What a worker takes of one channel, and how much of that is free."""
    assigned = space.load(worker, own.channel)
    free = max(0, own.capacity - assigned)
    return {
        "account_sid": space.account_sid,
        "workspace_sid": space.sid,
        "worker_sid": worker.sid,
        "sid": own.sid,
        "task_channel_sid": own.channel.sid,
        "task_channel_unique_name": own.channel.unique_name,
        "assigned_tasks": assigned,
        "available": own.available,
        "available_capacity_percentage": round(100 * free / own.capacity) if own.capacity else 0,
        "configured_capacity": own.capacity,
        "date_created": stamp(worker.created_at),
        "date_updated": stamp(own.updated_at or worker.created_at),
        "url": f"{BASE}/v1/Workspaces/{space.sid}/Workers/{worker.sid}/Channels/{own.sid}",
    }


def task_json(space: Workspace, task: Task, now: float) -> Shown:
    """A task; its age is in seconds."""
    queue, workflow = task.queue, task.workflow
    return _shown(
        space,
        f"Tasks/{task.sid}",
        task,
        age=int(now - task.created_at),
        assignment_status=task.status,
        attributes=text(task.attributes),
        addons="{}",
        priority=task.priority,
        reason=task.reason,
        timeout=task.timeout,
        task_channel_sid=task.channel.sid,
        task_channel_unique_name=task.channel.unique_name,
        task_queue_sid=queue.sid if queue else None,
        task_queue_friendly_name=queue.friendly_name if queue else None,
        task_queue_entered_date=stamp(task.entered_at) if queue else None,
        workflow_sid=workflow.sid if workflow else None,
        workflow_friendly_name=workflow.friendly_name if workflow else None,
        virtual_start_time=stamp(task.virtual_start_at),
        routing_target=task.routing_target,
        ignore_capacity=task.ignore_capacity,
        links=_links(space, f"/Tasks/{task.sid}", "reservations"),
    )


def reservation_json(space: Workspace, reservation: Reservation) -> Shown:
    """A reservation."""
    task, worker = reservation.task, reservation.worker
    return _shown(
        space,
        f"Tasks/{task.sid}/Reservations/{reservation.sid}",
        reservation,
        reservation_status=reservation.status,
        task_sid=task.sid,
        worker_sid=worker.sid,
        worker_name=worker.friendly_name,
        links={"worker": f"{BASE}/v1/Workspaces/{space.sid}/Workers/{worker.sid}"},
    )


def event_json(space: Workspace, event: Event) -> Shown:
    """An event, as it is listed."""
    return {
        "account_sid": space.account_sid,
        "workspace_sid": space.sid,
        "sid": event.sid,
        "event_type": event.kind,
        "event_date": stamp(event.at),
        "event_date_ms": int(event.at * 1000),
        "event_data": event.data,
        "description": event.description,
        "resource_type": event.resource_type,
        "resource_sid": event.resource_sid,
        "resource_url": f"{BASE}/v1/Workspaces/{space.sid}",
        "actor_sid": space.account_sid,
        "actor_type": "account",
        "actor_url": None,
        "source": "twilio",
        "source_ip_address": None,
        "url": f"{BASE}/v1/Workspaces/{space.sid}/Events/{event.sid}",
    }
