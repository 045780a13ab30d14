"""Workspaces, and the activities and task channels in them."""

from functools import partial

from sandbox.call_orders import INVALID_CALLBACK
from sandbox.checks import flag, url_in
from sandbox.errors import invalid
from sandbox.taskrouter import assignment, flex_agents
from sandbox.taskrouter.asking import activity_in, conflict, found, new_name, required, workspace_of
from sandbox.taskrouter.events import resource_event
from sandbox.taskrouter.paging import listing
from sandbox.taskrouter.records import (
    DEFAULT_ACTIVITIES,
    DEFAULT_CHANNELS,
    Activity,
    TaskChannel,
    TaskQueue,
    WorkerChannel,
    Workflow,
    Workspace,
)
from sandbox.taskrouter.rendering import activity_json, channel_json, workspace_json
from sandbox.web import Answer, Request
from sandbox.world import World

ORDERS = frozenset({"FIFO", "LIFO"})
TEMPLATES = frozenset({"NONE", "FIFO"})


def create_workspace(world: World, request: Request) -> Answer:
    """POST Workspaces: with the activities and channels that every workspace has; template FIFO adds a queue."""
    template = (request.get("Template") or "NONE").upper()
    if template not in TEMPLATES:
        raise invalid("Template", "must be NONE or FIFO")
    space = Workspace(
        friendly_name=required(request, "FriendlyName"), account_sid=world.config.account_sid, created_at=world.now()
    )
    _furnish(world, space)
    _set(request, space)
    if template == "FIFO":
        _everyone(world, space)
    world.workspaces[space.sid] = space
    return Answer(201, workspace_json(space))


def _furnish(world: World, space: Workspace) -> None:
    for name, available in DEFAULT_ACTIVITIES:
        activity = Activity(friendly_name=name, available=available, created_at=world.now())
        space.activities[activity.sid] = activity
    for name in DEFAULT_CHANNELS:
        channel = TaskChannel(friendly_name=name.title(), unique_name=name, created_at=world.now())
        space.channels[channel.sid] = channel
    space.default_activity = space.timeout_activity = next(iter(space.activities))
    space.watchers = [partial(assignment.ask, world, space), partial(flex_agents.notice, world, space)]


def _everyone(world: World, space: Workspace) -> None:
    queue = TaskQueue(friendly_name="Everyone", created_at=world.now())
    space.queues[queue.sid] = queue
    rules = f'{{"task_routing": {{"default_filter": {{"queue": "{queue.sid}"}}}}}}'
    workflow = Workflow(friendly_name="Default Fifo Workflow", configuration=rules, created_at=world.now())
    space.workflows[workflow.sid] = workflow


def _set(request: Request, space: Workspace) -> None:
    order = request.get("PrioritizeQueueOrder") or space.prioritize
    if order not in ORDERS:
        raise invalid("PrioritizeQueueOrder", "must be FIFO or LIFO")
    space.prioritize = order
    space.multi_task = flag(request, "MultiTaskEnabled", default=space.multi_task)
    if "EventCallbackUrl" in request.fields:
        space.event_url = url_in(request, "EventCallbackUrl", INVALID_CALLBACK)
    if "EventsFilter" in request.fields:
        words = (request.get("EventsFilter") or "").split(",")
        space.events_filter = frozenset(word.strip() for word in words if word.strip())


def list_workspaces(world: World, request: Request) -> Answer:
    """GET Workspaces by FriendlyName."""
    named = request.get("FriendlyName")
    spaces = (space for space in world.workspaces.values() if named in {None, space.friendly_name})
    return listing(request, "workspaces", spaces, lambda space: space.sid, workspace_json)


def fetch_workspace(world: World, request: Request, space: str) -> Answer:
    """GET Workspaces/{Sid}."""
    return Answer(200, workspace_json(workspace_of(world, request, space)))


def update_workspace(world: World, request: Request, space: str) -> Answer:
    """POST Workspaces/{Sid}."""
    home = workspace_of(world, request, space)
    home.friendly_name = request.get("FriendlyName") or home.friendly_name
    default = activity_in(request, "DefaultActivitySid", home)
    timeout = activity_in(request, "TimeoutActivitySid", home)
    home.default_activity = default.sid if default else home.default_activity
    home.timeout_activity = timeout.sid if timeout else home.timeout_activity
    _set(request, home)
    home.updated_at = world.now()
    return Answer(200, workspace_json(home))


def delete_workspace(world: World, request: Request, space: str) -> Answer:
    """DELETE Workspaces/{Sid}: with everything in it."""
    home = workspace_of(world, request, space)
    for task in list(home.tasks.values()):
        task.status = "canceled"  # its timers find nothing left to do
    home.reservations.clear()
    del world.workspaces[home.sid]
    return Answer(204)


def create_activity(world: World, request: Request, space: str) -> Answer:
    """POST Activities."""
    home = workspace_of(world, request, space)
    name = new_name(request, "FriendlyName", [one.friendly_name for one in home.activities.values()])
    available = flag(request, "Available", default=False)
    activity = Activity(friendly_name=name, available=available, created_at=world.now())
    home.activities[activity.sid] = activity
    _tell_activity(world, home, "created", activity)
    return Answer(201, activity_json(home, activity))


def _tell_activity(world: World, space: Workspace, what: str, activity: Activity) -> None:
    data = {
        "ActivitySid": activity.sid,
        "ActivityName": activity.friendly_name,
        "ActivityAvailable": str(activity.available).lower(),
    }
    resource_event(world, space, f"activity.{what}", activity.sid, data)


def list_activities(world: World, request: Request, space: str) -> Answer:
    """GET Activities by FriendlyName and Available."""
    home = workspace_of(world, request, space)
    named, available = request.get("FriendlyName"), request.get("Available")
    activities = (
        one
        for one in home.activities.values()
        if named in {None, one.friendly_name} and (available is None or is_yes(available) is one.available)
    )
    return listing(request, "activities", activities, lambda one: one.sid, partial(activity_json, home))


def is_yes(text: str) -> bool:
    """Twilio takes 1 and true alike."""
    return text.lower() in {"1", "true"}


def fetch_activity(world: World, request: Request, space: str, sid: str) -> Answer:
    """GET Activities/{Sid}."""
    home = workspace_of(world, request, space)
    return Answer(200, activity_json(home, found(request, home.activities, sid)))


def update_activity(world: World, request: Request, space: str, sid: str) -> Answer:
    """POST Activities/{Sid}: its name alone; Available is taken without a word, and changes nothing."""
    home = workspace_of(world, request, space)
    activity = found(request, home.activities, sid)
    others = [one.friendly_name for one in home.activities.values() if one is not activity]
    if request.get("FriendlyName"):
        activity.friendly_name = new_name(request, "FriendlyName", others)
    activity.updated_at = world.now()
    _tell_activity(world, home, "updated", activity)
    return Answer(200, activity_json(home, activity))


def delete_activity(world: World, request: Request, space: str, sid: str) -> Answer:
    """DELETE Activities/{Sid}: one that nobody is in, and that the workspace itself does not use."""
    home = workspace_of(world, request, space)
    activity = found(request, home.activities, sid)
    used = sid in {home.default_activity, home.timeout_activity}
    if used or any(worker.activity is activity for worker in home.workers.values()):
        raise conflict(f"Activity {sid} is in use")
    del home.activities[sid]
    _tell_activity(world, home, "deleted", activity)
    return Answer(204)


def create_channel(world: World, request: Request, space: str) -> Answer:
    """POST TaskChannels: every worker has a capacity of one of it from now on."""
    home = workspace_of(world, request, space)
    channel = TaskChannel(
        friendly_name=required(request, "FriendlyName"),
        unique_name=new_name(request, "UniqueName", [one.unique_name for one in home.channels.values()]),
        created_at=world.now(),
        optimized=flag(request, "ChannelOptimizedRouting", default=False),
    )
    home.channels[channel.sid] = channel
    for worker in home.workers.values():
        worker.channels[channel.sid] = WorkerChannel(channel=channel)
    return Answer(201, channel_json(home, channel))


def list_channels(world: World, request: Request, space: str) -> Answer:
    """GET TaskChannels."""
    home = workspace_of(world, request, space)
    return listing(request, "channels", home.channels.values(), lambda one: one.sid, partial(channel_json, home))


def channel_of(request: Request, home: Workspace, sid: str) -> TaskChannel:
    """The task channel of that sid or unique name; 404 where there is none."""
    channel = home.channel(sid)
    return channel if channel is not None else found(request, home.channels, sid)


def fetch_channel(world: World, request: Request, space: str, sid: str) -> Answer:
    """GET TaskChannels/{Sid or UniqueName}."""
    home = workspace_of(world, request, space)
    return Answer(200, channel_json(home, channel_of(request, home, sid)))


def update_channel(world: World, request: Request, space: str, sid: str) -> Answer:
    """POST TaskChannels/{Sid or UniqueName}."""
    home = workspace_of(world, request, space)
    channel = channel_of(request, home, sid)
    channel.friendly_name = request.get("FriendlyName") or channel.friendly_name
    channel.optimized = flag(request, "ChannelOptimizedRouting", default=channel.optimized)
    channel.updated_at = world.now()
    return Answer(200, channel_json(home, channel))


def delete_channel(world: World, request: Request, space: str, sid: str) -> Answer:
    """DELETE TaskChannels/{Sid or UniqueName}: one without tasks that are not over."""
    home = workspace_of(world, request, space)
    channel = channel_of(request, home, sid)
    if any(task.channel is channel for task in home.tasks.values()):
        raise conflict(f"TaskChannel {channel.sid} has tasks")
    del home.channels[channel.sid]
    for worker in home.workers.values():
        del worker.channels[channel.sid]
    return Answer(204)
