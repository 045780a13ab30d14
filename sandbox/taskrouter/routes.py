"""The paths of TaskRouter, and which parameters Twilio documents for each."""

from sandbox.taskrouter import (
    history,
    rest_queues,
    rest_reservations,
    rest_statistics,
    rest_tasks,
    rest_workers,
    rest_workspaces,
)
from sandbox.web import Request, route
from sandbox.world import World

PREFIX = "/v1/Workspaces"
_SPACE = f"{PREFIX}/{{space}}"
_WORKER = f"{_SPACE}/Workers/{{sid}}"
_TASK = f"{_SPACE}/Tasks/{{sid}}"
_QUEUE = f"{_SPACE}/TaskQueues/{{sid}}"
_PAGE = ("PageSize", "Page", "PageToken")
_WINDOW = ("StartDate", "EndDate", "Minutes", "TaskChannel", "SplitByWaitTime")
# Paths that are words come before those where a sid may stand.
TASKROUTER_ROUTES = [
    route("POST", PREFIX, "POST Workspaces", rest_workspaces.create_workspace),
    route("GET", PREFIX, "GET Workspaces", rest_workspaces.list_workspaces),
    route("GET", _SPACE, "GET Workspace", rest_workspaces.fetch_workspace),
    route("POST", _SPACE, "POST Workspace", rest_workspaces.update_workspace),
    route("DELETE", _SPACE, "DELETE Workspace", rest_workspaces.delete_workspace),
    route("GET", f"{_SPACE}/RealTimeStatistics", "GET WorkspaceRealTimeStatistics", rest_statistics.workspace_now),
    route("GET", f"{_SPACE}/CumulativeStatistics", "GET WorkspaceCumulativeStatistics", rest_statistics.workspace_then),
    route("POST", f"{_SPACE}/Activities", "POST Activities", rest_workspaces.create_activity),
    route("GET", f"{_SPACE}/Activities", "GET Activities", rest_workspaces.list_activities),
    route("GET", f"{_SPACE}/Activities/{{sid}}", "GET Activity", rest_workspaces.fetch_activity),
    route("POST", f"{_SPACE}/Activities/{{sid}}", "POST Activity", rest_workspaces.update_activity),
    route("DELETE", f"{_SPACE}/Activities/{{sid}}", "DELETE Activity", rest_workspaces.delete_activity),
    route("POST", f"{_SPACE}/TaskChannels", "POST TaskChannels", rest_workspaces.create_channel),
    route("GET", f"{_SPACE}/TaskChannels", "GET TaskChannels", rest_workspaces.list_channels),
    route("GET", f"{_SPACE}/TaskChannels/{{sid}}", "GET TaskChannel", rest_workspaces.fetch_channel),
    route("POST", f"{_SPACE}/TaskChannels/{{sid}}", "POST TaskChannel", rest_workspaces.update_channel),
    route("DELETE", f"{_SPACE}/TaskChannels/{{sid}}", "DELETE TaskChannel", rest_workspaces.delete_channel),
    route("POST", f"{_SPACE}/TaskQueues", "POST TaskQueues", rest_queues.create_queue),
    route("GET", f"{_SPACE}/TaskQueues", "GET TaskQueues", rest_queues.list_queues),
    route("GET", _QUEUE, "GET TaskQueue", rest_queues.fetch_queue),
    route("POST", _QUEUE, "POST TaskQueue", rest_queues.update_queue),
    route("DELETE", _QUEUE, "DELETE TaskQueue", rest_queues.delete_queue),
    route("GET", f"{_QUEUE}/RealTimeStatistics", "GET TaskQueueRealTimeStatistics", rest_statistics.queue_now),
    route("GET", f"{_QUEUE}/CumulativeStatistics", "GET TaskQueueCumulativeStatistics", rest_statistics.queue_then),
    route("POST", f"{_SPACE}/Workflows", "POST Workflows", rest_queues.create_workflow),
    route("GET", f"{_SPACE}/Workflows", "GET Workflows", rest_queues.list_workflows),
    route("GET", f"{_SPACE}/Workflows/{{sid}}", "GET Workflow", rest_queues.fetch_workflow),
    route("POST", f"{_SPACE}/Workflows/{{sid}}", "POST Workflow", rest_queues.update_workflow),
    route("DELETE", f"{_SPACE}/Workflows/{{sid}}", "DELETE Workflow", rest_queues.delete_workflow),
    route("POST", f"{_SPACE}/Workers", "POST Workers", rest_workers.create_worker),
    route("GET", f"{_SPACE}/Workers", "GET Workers", rest_workers.list_workers),
    route("GET", f"{_SPACE}/Workers/RealTimeStatistics", "GET WorkersRealTimeStatistics", rest_statistics.workers_now),
    route(
        "GET",
        f"{_SPACE}/Workers/CumulativeStatistics",
        "GET WorkersCumulativeStatistics",
        rest_statistics.workers_then,
    ),
    route("GET", _WORKER, "GET Worker", rest_workers.fetch_worker),
    route("POST", _WORKER, "POST Worker", rest_workers.update_worker),
    route("DELETE", _WORKER, "DELETE Worker", rest_workers.delete_worker),
    route("GET", f"{_WORKER}/Channels", "GET WorkerChannels", rest_workers.list_worker_channels),
    route("GET", f"{_WORKER}/Channels/{{channel}}", "GET WorkerChannel", rest_workers.fetch_worker_channel),
    route("POST", f"{_WORKER}/Channels/{{channel}}", "POST WorkerChannel", rest_workers.update_worker_channel),
    route("GET", f"{_WORKER}/Reservations", "GET WorkerReservations", rest_reservations.list_of_worker),
    route("GET", f"{_WORKER}/Reservations/{{reservation}}", "GET WorkerReservation", rest_reservations.fetch_of_worker),
    route(
        "POST", f"{_WORKER}/Reservations/{{reservation}}", "POST WorkerReservation", rest_reservations.update_of_worker
    ),
    route("POST", f"{_SPACE}/Tasks", "POST Tasks", rest_tasks.create_task),
    route("GET", f"{_SPACE}/Tasks", "GET Tasks", rest_tasks.list_tasks),
    route("GET", _TASK, "GET Task", rest_tasks.fetch_task),
    route("POST", _TASK, "POST Task", rest_tasks.update_task),
    route("DELETE", _TASK, "DELETE Task", rest_tasks.delete_task),
    route("GET", f"{_TASK}/Reservations", "GET Reservations", rest_reservations.list_of_task),
    route("GET", f"{_TASK}/Reservations/{{reservation}}", "GET Reservation", rest_reservations.fetch_of_task),
    route("POST", f"{_TASK}/Reservations/{{reservation}}", "POST Reservation", rest_reservations.update_of_task),
    route("GET", f"{_SPACE}/Events", "GET Events", history.list_events),
    route("GET", f"{_SPACE}/Events/{{sid}}", "GET Event", history.fetch_event),
]
_WORKSPACE = ("FriendlyName", "EventCallbackUrl", "EventsFilter", "MultiTaskEnabled", "PrioritizeQueueOrder")
_TASK_QUEUE = (
    "FriendlyName", "TargetWorkers", "MaxReservedWorkers", "TaskOrder", "ReservationActivitySid",
    "AssignmentActivitySid",
)  # fmt: skip
_WORKFLOW = (
    "FriendlyName", "Configuration", "AssignmentCallbackUrl", "FallbackAssignmentCallbackUrl", "TaskReservationTimeout",
)  # fmt: skip
_RESERVATION = (
    "ReservationStatus", "WorkerActivitySid", "Instruction", "DequeuePostWorkActivitySid", "DequeueFrom",
    "DequeueRecord", "DequeueTimeout", "DequeueTo", "DequeueStatusCallbackUrl", "DequeueStatusCallbackEvent",
    "CallFrom", "CallRecord", "CallTimeout", "CallTo", "CallUrl", "CallStatusCallbackUrl", "CallAccept",
    "RedirectCallSid", "RedirectAccept", "RedirectUrl", "To", "From", "StatusCallback", "StatusCallbackMethod",
    "StatusCallbackEvent", "Timeout", "Record", "Muted", "Beep", "StartConferenceOnEnter", "EndConferenceOnExit",
    "WaitUrl", "WaitMethod", "EarlyMedia", "MaxParticipants", "ConferenceStatusCallback",
    "ConferenceStatusCallbackMethod", "ConferenceStatusCallbackEvent", "ConferenceRecord", "ConferenceTrim",
    "RecordingChannels", "RecordingStatusCallback", "RecordingStatusCallbackMethod",
    "ConferenceRecordingStatusCallback", "ConferenceRecordingStatusCallbackMethod", "Region", "SipAuthUsername",
    "SipAuthPassword", "PostWorkActivitySid", "SupervisorMode", "Supervisor", "EndConferenceOnCustomerExit",
    "BeepOnCustomerEntrance", "JitterBufferSize",
)  # fmt: skip
DOCUMENTED: dict[str, tuple[str, ...]] = {
    "POST Workspaces": (*_WORKSPACE, "Template"),
    "POST Workspace": (*_WORKSPACE, "DefaultActivitySid", "TimeoutActivitySid"),
    "GET Workspaces": ("FriendlyName", *_PAGE),
    "POST Activities": ("FriendlyName", "Available"),
    # Available is sent by some, and is not documented: it cannot be changed.
    "POST Activity": ("FriendlyName",),
    "GET Activities": ("FriendlyName", "Available", *_PAGE),
    "POST TaskChannels": ("FriendlyName", "UniqueName", "ChannelOptimizedRouting"),
    "POST TaskChannel": ("FriendlyName", "ChannelOptimizedRouting"),
    "GET TaskChannels": _PAGE,
    "POST TaskQueues": _TASK_QUEUE,
    "POST TaskQueue": _TASK_QUEUE,
    "GET TaskQueues": ("FriendlyName", "EvaluateWorkerAttributes", "WorkerSid", "Ordering", *_PAGE),
    "POST Workflows": _WORKFLOW,
    "POST Workflow": (*_WORKFLOW, "ReEvaluateTasks"),
    "GET Workflows": ("FriendlyName", *_PAGE),
    "POST Workers": ("FriendlyName", "ActivitySid", "Attributes"),
    "POST Worker": ("ActivitySid", "Attributes", "FriendlyName", "RejectPendingReservations"),
    "GET Workers": (
        "ActivityName", "ActivitySid", "Available", "FriendlyName", "TargetWorkersExpression", "TaskQueueName",
        "TaskQueueSid", "Ordering", *_PAGE,
    ),
    "POST WorkerChannel": ("Capacity", "Available"),
    "GET WorkerChannels": _PAGE,
    "GET WorkerReservations": ("ReservationStatus", *_PAGE),
    "GET Reservations": ("ReservationStatus", "WorkerSid", *_PAGE),
    "POST Reservation": _RESERVATION,
    "POST WorkerReservation": tuple(name for name in _RESERVATION if not name.startswith("Supervisor")),
    "POST Tasks": (
        "Timeout", "Priority", "TaskChannel", "WorkflowSid", "Attributes", "VirtualStartTime", "RoutingTarget",
        "IgnoreCapacity", "TaskQueueSid",
    ),
    "POST Task": ("Attributes", "AssignmentStatus", "Reason", "Priority", "TaskChannel", "VirtualStartTime"),
    "GET Tasks": (
        "Priority", "AssignmentStatus", "WorkflowSid", "WorkflowName", "TaskQueueSid", "TaskQueueName",
        "EvaluateTaskAttributes", "RoutingTarget", "Ordering", "HasAddons", *_PAGE,
    ),
    "GET Events": (
        "EndDate", "EventType", "Minutes", "ReservationSid", "StartDate", "TaskQueueSid", "TaskSid", "WorkerSid",
        "WorkflowSid", "TaskChannel", "Sid", *_PAGE,
    ),
    "GET WorkersRealTimeStatistics": ("TaskChannel",),
    "GET TaskQueueRealTimeStatistics": ("TaskChannel",),
    "GET WorkspaceRealTimeStatistics": ("TaskChannel",),
    "GET WorkersCumulativeStatistics": ("StartDate", "EndDate", "Minutes", "TaskChannel"),
    "GET TaskQueueCumulativeStatistics": _WINDOW,
    "GET WorkspaceCumulativeStatistics": _WINDOW,
}  # fmt: skip


def warn_of_strangers(world: World, operation: str, request: Request) -> None:
    """Say in the report which parameters Twilio does not document for this; they change nothing."""
    for name in request.fields.keys() - set(DOCUMENTED.get(operation, ())):
        world.warn(f"{operation} has no parameter {name}")
