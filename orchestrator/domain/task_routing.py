"""Tasks that are laid before workers by the carrier's router of tasks, and what the engine asks of it.

The engine alone decides who is offered whom: a task names its one worker, and the router carries it to their screen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from orchestrator.domain.carrier import Receipt
from orchestrator.domain.errors import CarrierError

TASK_QUEUE_PREFIX = "task:"


class TaskStage(StrEnum):
    """Where the task of one offer stands."""

    PLANNED = "planned"  # written down; the router may have been asked
    PLACED = "placed"  # the router has it
    TAKEN = "taken"  # the worker said yes
    RUNG = "rung"  # the worker's own leg into the conference was asked for
    JOINED = "joined"  # the worker waits in the conference: the gate may be asked, and the person rung
    WRAPPING = "wrapping"  # the conversation is over; the router holds their capacity until the wrap-up ends
    OVER = "over"


class Post(StrEnum):
    """Where a worker is put: the router's activities in our words."""

    AVAILABLE = "available"
    OUTBOUND = "outbound"  # an activity of ours that takes no tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOrder:
    """A task for one worker; it ends by itself after ``lasts_seconds``. ``card`` is what the worker is shown."""

    offer_id: int
    worker_sid: str
    lasts_seconds: int
    card: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLegOrder:
    """A call that brings a worker into the conference ``room``; news of it is told under the offer's id."""

    offer_id: int
    address: str  # E.164, client:… or sip:…
    from_: str
    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRecord:
    """A task as the router knows it; ``status`` is its own word."""

    sid: str
    status: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRecord:
    """A worker as the router knows them."""

    sid: str
    name: str
    activity: str
    available: bool


class TaskOverError(CarrierError):
    """The task is gone, or no longer in a state to be changed; an expected race."""


class TaskRouter(Protocol):
    """A router of tasks. Raises what a Carrier raises, TaskOverError where news overtook the question."""

    def create_task(self, order: TaskOrder) -> TaskRecord:
        """Lay the task before its worker; DispatchUncertainError where it may have been made all the same."""

    def find_task(self, offer_id: int) -> TaskRecord | None:
        """The task that was made for the offer, if one was and is not deleted yet."""

    def fetch_task(self, sid: str) -> TaskRecord:
        """The task; TaskOverError where it has been deleted."""

    def cancel_task(self, sid: str, why: str) -> None:
        """Take back a task that nobody has taken."""

    def wrap_up_task(self, sid: str, why: str) -> None:
        """The conversation is over, the wrap-up is not."""

    def complete_task(self, sid: str, why: str) -> None:
        """End a task that a worker has taken."""

    def note(self, sid: str, card: Mapping[str, object]) -> None:
        """Show the worker this card from now on."""

    def ring_worker(self, order: WorkerLegOrder) -> Receipt:
        """Ring a worker into a conference; DispatchUncertainError where they may have been rung all the same."""

    def workers(self) -> Sequence[WorkerRecord]:
        """Everybody."""

    def worker(self, sid: str) -> WorkerRecord:
        """One of them."""

    def free_capacity(self, worker_sid: str) -> int:
        """How many more calls the worker could take: capacity of the voice channel less tasks and reservations."""

    def post(self, worker_sid: str, where: Post) -> None:
        """Put the worker there."""

    def workers_by_activity(self) -> Mapping[str, int]:
        """How many workers are in each activity now."""


def task_queue(queue: str) -> str:
    """The queue in which an agent stands while the router of tasks offers them people.

    Under another name than the queue of those who wait in a conference: whoever claims one of these to join them with
    a person must never find somebody who is in no conference.
    """
    return queue if queue.startswith(TASK_QUEUE_PREFIX) else f"{TASK_QUEUE_PREFIX}{queue}"


def call_queue(queue: str) -> str:
    """The queue in which the same agent stands while they wait in a conference."""
    return queue.removeprefix(TASK_QUEUE_PREFIX)
