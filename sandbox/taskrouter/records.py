"""What TaskRouter remembers: a workspace, and everything that lives in it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.agenda import Entry
from sandbox.records import new_sid

ACTIVE = frozenset({"pending", "accepted", "wrapping"})
OVER = frozenset({"completed", "canceled"})
DEFAULT_CHANNELS = ("default", "voice", "chat", "sms", "video", "email")
DEFAULT_ACTIVITIES = (("Offline", False), ("Available", True), ("Unavailable", False))
RESERVATION_TIMEOUT_SECONDS = 120
TASK_TIMEOUT_SECONDS = 86_400


@dataclass(slots=True, kw_only=True, eq=False)
class Activity:
    """What a worker may be doing; only an available one brings tasks."""

    friendly_name: str
    available: bool
    created_at: float
    updated_at: float = 0.0
    sid: str = field(default_factory=lambda: new_sid("WA"))


@dataclass(slots=True, kw_only=True, eq=False)
class TaskChannel:
    """A kind of task, of which each worker has a capacity of their own."""

    friendly_name: str
    unique_name: str
    created_at: float
    updated_at: float = 0.0
    optimized: bool = False
    sid: str = field(default_factory=lambda: new_sid("TC"))


@dataclass(slots=True, kw_only=True, eq=False)
class TaskQueue:
    """Where tasks wait for workers whose attributes fit ``target_workers``."""

    friendly_name: str
    created_at: float
    updated_at: float = 0.0
    target_workers: str = "1==1"
    max_reserved_workers: int = 1
    task_order: str = "FIFO"
    reservation_activity: str | None = None
    assignment_activity: str | None = None
    sid: str = field(default_factory=lambda: new_sid("WQ"))


@dataclass(slots=True, kw_only=True, eq=False)
class Workflow:
    """Which queue a task comes to; ``configuration`` is the JSON text that says so."""

    friendly_name: str
    configuration: str
    created_at: float
    updated_at: float = 0.0
    assignment_url: str | None = None
    fallback_url: str | None = None
    reservation_timeout: int = RESERVATION_TIMEOUT_SECONDS
    sid: str = field(default_factory=lambda: new_sid("WW"))


@dataclass(slots=True, kw_only=True, eq=False)
class WorkerChannel:
    """How many tasks of one channel a worker takes at once."""

    channel: TaskChannel
    capacity: int = 1
    available: bool = True
    updated_at: float = 0.0
    sid: str = field(default_factory=lambda: new_sid("WC"))


@dataclass(slots=True, kw_only=True, eq=False)
class Worker:
    """Somebody who takes tasks. ``version`` is what If-Match is compared with."""

    friendly_name: str
    attributes: dict[str, Any]
    activity: Activity
    created_at: float
    updated_at: float = 0.0
    status_changed_at: float = 0.0
    version: int = 0
    last_reserved_at: float = 0.0
    channels: dict[str, WorkerChannel] = field(default_factory=dict)
    sid: str = field(default_factory=lambda: new_sid("WK"))


@dataclass(slots=True, kw_only=True, eq=False)
class Step:
    """One target of a workflow: a queue, who of it may be asked, and for how long. Seconds."""

    queue_sid: str
    timeout: float | None = None
    priority: int | None = None
    expression: str | None = None
    skip_if: str | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Task:
    """Work that waits for a worker, or is being done."""

    workflow: Workflow | None
    channel: TaskChannel
    attributes: dict[str, Any]
    created_at: float
    updated_at: float = 0.0
    entered_at: float = 0.0
    virtual_start_at: float | None = None
    status: str = "pending"
    priority: int = 0
    timeout: int = TASK_TIMEOUT_SECONDS
    reason: str | None = None
    routing_target: str | None = None
    ignore_capacity: bool = False
    version: int = 0
    queue: TaskQueue | None = None
    steps: list[Step] = field(default_factory=list)
    step_timer: Entry | None = None
    life_timer: Entry | None = None
    rejections: dict[str, int] = field(default_factory=dict)
    sid: str = field(default_factory=lambda: new_sid("WT"))


@dataclass(slots=True, kw_only=True, eq=False)
class Reservation:
    """A task held for one worker."""

    task: Task
    worker: Worker
    queue: TaskQueue
    created_at: float
    updated_at: float = 0.0
    status: str = "pending"
    version: int = 0
    timer: Entry | None = None
    sid: str = field(default_factory=lambda: new_sid("WR"))


@dataclass(slots=True, kw_only=True, eq=False)
class Event:
    """One thing that happened, as the Events resource keeps it and as it is told."""

    kind: str
    at: float
    description: str
    resource_type: str
    resource_sid: str
    data: dict[str, str]
    sid: str = field(default_factory=lambda: new_sid("EV"))


@dataclass(slots=True, kw_only=True, eq=False)
class Workspace:
    """One workspace; everything in it is found by sid. ``watchers`` are told of every new reservation."""

    friendly_name: str
    account_sid: str
    created_at: float
    updated_at: float = 0.0
    event_url: str | None = None
    events_filter: frozenset[str] = frozenset()
    multi_task: bool = True
    prioritize: str = "FIFO"
    default_activity: str = ""
    timeout_activity: str = ""
    sid: str = field(default_factory=lambda: new_sid("WS"))
    activities: dict[str, Activity] = field(default_factory=dict)
    channels: dict[str, TaskChannel] = field(default_factory=dict)
    queues: dict[str, TaskQueue] = field(default_factory=dict)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    workers: dict[str, Worker] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    reservations: dict[str, Reservation] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    watchers: list[Callable[[Reservation], None]] = field(default_factory=list)

    def channel(self, sid_or_name: str) -> TaskChannel | None:
        """The task channel of that sid or unique name."""
        named = (one for one in self.channels.values() if one.unique_name == sid_or_name)
        return self.channels.get(sid_or_name) or next(named, None)

    def reservations_of(self, task: Task) -> list[Reservation]:
        """Every reservation of the task, the oldest first."""
        return [one for one in self.reservations.values() if one.task is task]

    def load(self, worker: Worker, channel: TaskChannel) -> int:
        """How many tasks of the channel the worker holds or is offered."""
        held = (one for one in self.reservations.values() if one.worker is worker and one.status in ACTIVE)
        return sum(one.task.channel is channel for one in held)
