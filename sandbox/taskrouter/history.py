"""The Events resource, and sums over it."""

from collections import Counter
from datetime import UTC, datetime
from functools import partial

from sandbox.checks import whole_number
from sandbox.errors import invalid
from sandbox.taskrouter.asking import found, workspace_of
from sandbox.taskrouter.paging import listing
from sandbox.taskrouter.records import Event, Workspace
from sandbox.taskrouter.rendering import event_json, stamp
from sandbox.web import Answer, Request
from sandbox.world import World

DEFAULT_MINUTES = 15
LONGEST_MINUTES = 30 * 24 * 60
_NAMED = ("ReservationSid", "TaskQueueSid", "TaskSid", "WorkerSid", "WorkflowSid")
_SUMS = {
    "reservations_created": "reservation.created",
    "reservations_accepted": "reservation.accepted",
    "reservations_rejected": "reservation.rejected",
    "reservations_timed_out": "reservation.timeout",
    "reservations_canceled": "reservation.canceled",
    "reservations_rescinded": "reservation.rescinded",
    "tasks_canceled": "task.canceled",
    "tasks_completed": "task.completed",
    "tasks_created": "task.created",
    "tasks_deleted": "task.deleted",
    "tasks_entered": "task-queue.entered",
    "tasks_moved": "task-queue.moved",
    "tasks_timed_out_in_workflow": "workflow.timeout",
}


def list_events(world: World, request: Request, space: str) -> Answer:
    """GET Events by type, time and what they are about; the newest first."""
    home = workspace_of(world, request, space)
    begin, end = _window(world, request)
    events = (one for one in reversed(home.events) if begin <= one.at <= end and _is_asked_for(request, one))
    return listing(request, "events", events, lambda one: one.sid, partial(event_json, home))


def _is_asked_for(request: Request, event: Event) -> bool:
    return (
        request.get("EventType") in {None, event.kind}
        and request.get("Sid") in {None, event.sid}
        and request.get("TaskChannel")
        in {None, event.data.get("TaskChannelUniqueName"), event.data.get("TaskChannelSid")}
        and all(request.get(name) in {None, event.data.get(name)} for name in _NAMED)
    )


def fetch_event(world: World, request: Request, space: str, sid: str) -> Answer:
    """GET Events/{Sid}."""
    home = workspace_of(world, request, space)
    return Answer(200, event_json(home, found(request, {one.sid: one for one in home.events}, sid)))


def _window(world: World, request: Request) -> tuple[float, float]:
    """From when to when, epoch seconds: StartDate and EndDate, else so many Minutes back."""
    minutes = whole_number(request, "Minutes", 1, LONGEST_MINUTES, DEFAULT_MINUTES)
    end = _moment(request, "EndDate") or world.now()
    return _moment(request, "StartDate") or end - minutes * 60, end


def _moment(request: Request, name: str) -> float | None:
    text = request.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid(name, "must be a date or an ISO 8601 time") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def cumulative(world: World, request: Request, home: Workspace, *, queue_sid: str | None = None) -> dict[str, object]:
    """What happened in the window, counted; waits in seconds."""
    begin, end = _window(world, request)
    events = [
        one for one in home.events if begin <= one.at <= end and queue_sid in {None, one.data.get("TaskQueueSid")}
    ]
    counts = Counter(one.kind for one in events)
    accepted = [int(one.data["TaskAge"]) for one in events if one.kind == "reservation.accepted"]
    canceled = [int(one.data["TaskAge"]) for one in events if one.kind == "task.canceled"]
    return {
        "start_time": stamp(begin),
        "end_time": stamp(end),
        "avg_task_acceptance_time": round(sum(accepted) / len(accepted)) if accepted else 0,
        "wait_duration_until_accepted": _spread(accepted),
        "wait_duration_until_canceled": _spread(canceled),
        "wait_duration_in_queue_until_accepted": _spread(accepted),
        "split_by_wait_time": None,
        **{name: counts[kind] for name, kind in _SUMS.items()},
    }


def _spread(seconds: list[int]) -> dict[str, int]:
    if not seconds:
        return {"avg": 0, "min": 0, "max": 0, "total": 0}
    total = sum(seconds)
    return {"avg": round(total / len(seconds)), "min": min(seconds), "max": max(seconds), "total": total}
