"""Workers, and how much of each channel they take."""

from functools import partial

from sandbox.checks import flag, whole_number
from sandbox.taskrouter import flow
from sandbox.taskrouter.asking import (
    activity_in,
    attributes_of,
    check_version,
    conflict,
    found,
    new_name,
    workspace_of,
)
from sandbox.taskrouter.events import worker_event
from sandbox.taskrouter.expression import fits
from sandbox.taskrouter.paging import listing
from sandbox.taskrouter.records import ACTIVE, Worker, WorkerChannel, Workspace
from sandbox.taskrouter.rendering import worker_channel_json, worker_json
from sandbox.taskrouter.rest_workspaces import is_yes
from sandbox.web import Answer, Request
from sandbox.world import World


def create_worker(world: World, request: Request, space: str) -> Answer:
    """POST Workers: in the workspace's default activity, unless another is named."""
    home = workspace_of(world, request, space)
    worker = Worker(
        friendly_name=new_name(request, "FriendlyName", [one.friendly_name for one in home.workers.values()]),
        attributes=attributes_of(request) or {},
        activity=activity_in(request, "ActivitySid", home) or home.activities[home.default_activity],
        created_at=world.now(),
        status_changed_at=world.now(),
        channels={sid: WorkerChannel(channel=channel) for sid, channel in home.channels.items()},
    )
    home.workers[worker.sid] = worker
    worker_event(world, home, "created", worker)
    flow.seek_all(world, home)
    return _answer(201, home, worker)


def _answer(status: int, home: Workspace, worker: Worker) -> Answer:
    return Answer(status, worker_json(home, worker), headers={"ETag": f'"{worker.version}"'})


def list_workers(world: World, request: Request, space: str) -> Answer:
    """GET Workers by name, activity, availability, queue or an expression over their attributes."""
    home = workspace_of(world, request, space)
    workers = (worker for worker in home.workers.values() if _is_asked_for(request, home, worker))
    return listing(request, "workers", workers, lambda one: one.sid, partial(worker_json, home))


def _is_asked_for(request: Request, home: Workspace, worker: Worker) -> bool:
    available, named = request.get("Available"), request.get("TaskQueueName")
    queues = [one for one in home.queues.values() if named == one.friendly_name]
    queues += [found(request, home.queues, sid) for sid in request.fields.get("TaskQueueSid", []) if sid]
    return (
        request.get("FriendlyName") in {None, worker.friendly_name}
        and request.get("ActivitySid") in {None, worker.activity.sid}
        and request.get("ActivityName") in {None, worker.activity.friendly_name}
        and (available is None or is_yes(available) is worker.activity.available)
        and fits(request.get("TargetWorkersExpression"), worker.attributes)
        and all(fits(queue.target_workers, worker.attributes) for queue in queues)
    )


def fetch_worker(world: World, request: Request, space: str, sid: str) -> Answer:
    """GET Workers/{Sid}."""
    home = workspace_of(world, request, space)
    return _answer(200, home, found(request, home.workers, sid))


def update_worker(world: World, request: Request, space: str, sid: str) -> Answer:
    """POST Workers/{Sid}: what they do, are called and can."""
    home = workspace_of(world, request, space)
    worker = found(request, home.workers, sid)
    check_version(request, worker.version)
    activity, attributes = activity_in(request, "ActivitySid", home), attributes_of(request)
    if request.get("FriendlyName"):
        others = [one.friendly_name for one in home.workers.values() if one is not worker]
        worker.friendly_name = new_name(request, "FriendlyName", others)
    if attributes is not None:
        worker.attributes = attributes
        _changed(world, worker)
        worker_event(world, home, "attributes.update", worker)
    if activity is not None:
        flow.change_activity(world, home, worker, activity)
        if flag(request, "RejectPendingReservations", default=False) and not activity.available:
            _let_go(world, home, worker)
    flow.seek_all(world, home)
    return _answer(200, home, worker)


def _changed(world: World, worker: Worker) -> None:
    worker.version += 1
    worker.updated_at = world.now()


def _let_go(world: World, home: Workspace, worker: Worker) -> None:
    for one in [one for one in home.reservations.values() if one.worker is worker and one.status == "pending"]:
        flow.reject(world, home, one)


def delete_worker(world: World, request: Request, space: str, sid: str) -> Answer:
    """DELETE Workers/{Sid}: one who is not available and has no task."""
    home = workspace_of(world, request, space)
    worker = found(request, home.workers, sid)
    check_version(request, worker.version)
    busy = any(one.worker is worker and one.status in ACTIVE for one in home.reservations.values())
    if busy or worker.activity.available:
        raise conflict(f"Worker {sid} is available or has a task")
    del home.workers[sid]
    worker_event(world, home, "deleted", worker)
    return Answer(204)


def list_worker_channels(world: World, request: Request, space: str, sid: str) -> Answer:
    """GET Workers/{Sid}/Channels."""
    home = workspace_of(world, request, space)
    worker = found(request, home.workers, sid)
    shown = partial(worker_channel_json, home, worker)
    return listing(request, "channels", worker.channels.values(), lambda one: one.sid, shown)


def fetch_worker_channel(world: World, request: Request, space: str, sid: str, channel: str) -> Answer:
    """GET Workers/{Sid}/Channels/{its sid, or the channel's sid or name}."""
    home = workspace_of(world, request, space)
    worker = found(request, home.workers, sid)
    return Answer(200, worker_channel_json(home, worker, _own(request, worker, channel)))


def _own(request: Request, worker: Worker, channel: str) -> WorkerChannel:
    names = {
        key: one for one in worker.channels.values() for key in (one.sid, one.channel.sid, one.channel.unique_name)
    }
    return found(request, names, channel)


def update_worker_channel(world: World, request: Request, space: str, sid: str, channel: str) -> Answer:
    """POST Workers/{Sid}/Channels/{Sid}: capacity, and whether they take the channel's tasks at all."""
    home = workspace_of(world, request, space)
    worker = found(request, home.workers, sid)
    own = _own(request, worker, channel)
    capacity, available = own.capacity, own.available
    own.capacity = whole_number(request, "Capacity", 0, 50, capacity)
    own.available = flag(request, "Available", default=available)
    own.updated_at = world.now()
    told = {"TaskChannelSid": own.channel.sid, "TaskChannelUniqueName": own.channel.unique_name}
    if own.capacity != capacity:
        worker_event(world, home, "capacity.update", worker, **told, WorkerChannelCapacity=str(own.capacity))
    if own.available != available:
        words = {**told, "WorkerChannelAvailable": str(own.available).lower()}
        worker_event(world, home, "channel.availability.update", worker, **words)
    flow.seek_all(world, home)
    return Answer(200, worker_channel_json(home, worker, own))
