"""What the workspace, its workers and its queues are doing now, and what they did."""

from collections import Counter
from collections.abc import Iterable

from sandbox.taskrouter.asking import found, workspace_of
from sandbox.taskrouter.history import cumulative
from sandbox.taskrouter.paging import BASE
from sandbox.taskrouter.records import Task, TaskChannel, Worker, Workspace
from sandbox.taskrouter.rest_workspaces import channel_of
from sandbox.taskrouter.routing import members
from sandbox.web import Answer, Request
from sandbox.world import World

STATUSES = ("pending", "reserved", "assigned", "wrapping", "completed", "canceled")


def workers_now(world: World, request: Request, space: str) -> Answer:
    """GET Workers/RealTimeStatistics: how many there are in each activity."""
    home = workspace_of(world, request, space)
    workers = _of_channel(request, home, home.workers.values())
    return _answer(home, "Workers/RealTimeStatistics", {
        "total_workers": len(workers), "activity_statistics": by_activity(home, workers),
    })  # fmt: skip


def workspace_now(world: World, request: Request, space: str) -> Answer:
    """GET RealTimeStatistics of the whole workspace."""
    home = workspace_of(world, request, space)
    tasks = _tasks(request, home, home.tasks.values())
    workers = list(home.workers.values())
    return _answer(home, "RealTimeStatistics", {
        **_of_tasks(world, tasks), "total_workers": len(workers), "activity_statistics": by_activity(home, workers),
    })  # fmt: skip


def queue_now(world: World, request: Request, space: str, sid: str) -> Answer:
    """GET TaskQueues/{Sid}/RealTimeStatistics.

    total_available_workers counts activities alone, as Twilio does: some of them may have a task already.
    """
    home = workspace_of(world, request, space)
    queue = found(request, home.queues, sid)
    workers = _of_channel(request, home, members(home, queue))
    tasks = _tasks(request, home, [task for task in home.tasks.values() if task.queue is queue])
    facts = _of_tasks(world, tasks)
    return _answer(home, f"TaskQueues/{sid}/RealTimeStatistics", {
        **facts,
        "task_queue_sid": sid,
        "longest_relative_task_age_in_queue": facts["longest_task_waiting_age"],
        "longest_relative_task_sid_in_queue": facts["longest_task_waiting_sid"],
        "total_available_workers": sum(worker.activity.available for worker in workers),
        "total_eligible_workers": len(workers),
        "activity_statistics": by_activity(home, workers),
    })  # fmt: skip


def workers_then(world: World, request: Request, space: str) -> Answer:
    """GET Workers/CumulativeStatistics."""
    home = workspace_of(world, request, space)
    facts = cumulative(world, request, home)
    durations = [
        {"sid": one.sid, "friendly_name": one.friendly_name, "avg": 0, "min": 0, "max": 0, "total": 0}
        for one in home.activities.values()
    ]
    kept = {name: value for name, value in facts.items() if name.startswith(("reservations", "start", "end"))}
    return _answer(home, "Workers/CumulativeStatistics", {**kept, "activity_durations": durations})


def workspace_then(world: World, request: Request, space: str) -> Answer:
    """GET CumulativeStatistics of the whole workspace."""
    home = workspace_of(world, request, space)
    return _answer(home, "CumulativeStatistics", cumulative(world, request, home))


def queue_then(world: World, request: Request, space: str, sid: str) -> Answer:
    """GET TaskQueues/{Sid}/CumulativeStatistics."""
    home = workspace_of(world, request, space)
    found(request, home.queues, sid)
    facts = cumulative(world, request, home, queue_sid=sid)
    return _answer(home, f"TaskQueues/{sid}/CumulativeStatistics", {**facts, "task_queue_sid": sid})


def by_activity(home: Workspace, workers: Iterable[Worker]) -> list[dict[str, object]]:
    """How many of the workers are in each of the workspace's activities."""
    counts = Counter(worker.activity.sid for worker in workers)
    return [
        {"sid": one.sid, "friendly_name": one.friendly_name, "workers": counts[one.sid]}
        for one in home.activities.values()
    ]


def _answer(home: Workspace, path: str, facts: dict[str, object]) -> Answer:
    url = f"{BASE}/v1/Workspaces/{home.sid}/{path}"
    return Answer(200, {"account_sid": home.account_sid, "workspace_sid": home.sid, "url": url, **facts})


def _asked_channel(request: Request, home: Workspace) -> TaskChannel | None:
    named = request.get("TaskChannel")
    return None if named is None else channel_of(request, home, named)


def _of_channel(request: Request, home: Workspace, workers: Iterable[Worker]) -> list[Worker]:
    channel = _asked_channel(request, home)
    return [one for one in workers if channel is None or one.channels[channel.sid].available]


def _tasks(request: Request, home: Workspace, tasks: Iterable[Task]) -> list[Task]:
    channel = _asked_channel(request, home)
    return [task for task in tasks if channel is None or task.channel is channel]


def _of_tasks(world: World, tasks: list[Task]) -> dict[str, object]:
    statuses = Counter(task.status for task in tasks)
    oldest = min((task for task in tasks if task.status == "pending"), key=lambda task: task.created_at, default=None)
    open_tasks = [task for task in tasks if task.status in {"pending", "reserved", "assigned", "wrapping"}]
    return {
        "total_tasks": len(open_tasks),
        "tasks_by_status": {status: statuses[status] for status in STATUSES},
        "tasks_by_priority": {str(key): count for key, count in Counter(one.priority for one in open_tasks).items()},
        "longest_task_waiting_age": int(world.now() - oldest.created_at) if oldest else 0,
        "longest_task_waiting_sid": oldest.sid if oldest else None,
    }
