"""A task router in memory: it keeps what it was told, and does nothing by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from orchestrator.domain.carrier import Receipt
from orchestrator.domain.errors import CarrierError
from orchestrator.domain.task_routing import Post, TaskOrder, TaskOverError, TaskRecord, WorkerLegOrder, WorkerRecord

HELD, OPEN = {"assigned", "wrapping"}, {"pending", "reserved"}


@dataclass
class RouterInMemory:
    """Errors in ``next_errors`` are raised once each, of a creation after it was made."""

    crew: dict[str, WorkerRecord] = field(default_factory=dict)
    capacity: dict[str, int] = field(default_factory=dict)
    orders: dict[str, TaskOrder] = field(default_factory=dict)
    tasks: dict[str, TaskRecord] = field(default_factory=dict)
    notes: dict[str, Mapping[str, object]] = field(default_factory=dict)
    legs: list[WorkerLegOrder] = field(default_factory=list)
    posts: list[tuple[str, Post]] = field(default_factory=list)
    next_errors: list[CarrierError] = field(default_factory=list)

    def has(self, worker_sid: str, *, available: bool = True) -> None:
        self.crew[worker_sid] = WorkerRecord(
            sid=worker_sid, name=worker_sid, activity="Available" if available else "Offline", available=available
        )

    def becomes(self, sid: str, status: str) -> None:
        self.tasks[sid] = replace(self.tasks[sid], status=status)

    def create_task(self, order: TaskOrder) -> TaskRecord:
        sid = f"WT{len(self.tasks):032d}"
        self.orders[sid], self.tasks[sid] = order, TaskRecord(sid=sid, status="reserved")
        self._fail()
        return self.tasks[sid]

    def find_task(self, offer_id: int) -> TaskRecord | None:
        return next((self.tasks[sid] for sid, order in self.orders.items() if order.offer_id == offer_id), None)

    def fetch_task(self, sid: str) -> TaskRecord:
        return self._task(sid)

    def cancel_task(self, sid: str, why: str) -> None:
        self._end(sid, OPEN, "canceled", why)

    def wrap_up_task(self, sid: str, why: str) -> None:
        self._end(sid, {"assigned"}, "wrapping", why)

    def complete_task(self, sid: str, why: str) -> None:
        self._end(sid, HELD, "completed", why)

    def note(self, sid: str, card: Mapping[str, object]) -> None:
        self.notes[self._task(sid).sid] = card

    def ring_worker(self, order: WorkerLegOrder) -> Receipt:
        self._fail()
        self.legs.append(order)
        return Receipt(sid=f"CA{len(self.legs):032d}", status="queued")

    def workers(self) -> Sequence[WorkerRecord]:
        return list(self.crew.values())

    def worker(self, sid: str) -> WorkerRecord:
        self._fail()
        if sid not in self.crew:
            raise CarrierError(carrier_code=20404)
        return self.crew[sid]

    def free_capacity(self, worker_sid: str) -> int:
        return self.capacity.get(worker_sid, 1)

    def post(self, worker_sid: str, where: Post) -> None:
        self._fail()
        self.posts.append((worker_sid, where))
        self.has(worker_sid, available=where is Post.AVAILABLE)

    def workers_by_activity(self) -> Mapping[str, int]:
        return {}

    def _task(self, sid: str) -> TaskRecord:
        if sid not in self.tasks:
            raise TaskOverError(carrier_code=20404)
        return self.tasks[sid]

    def _end(self, sid: str, from_statuses: set[str], status: str, why: str) -> None:
        self._fail()
        if self._task(sid).status not in from_statuses:
            raise TaskOverError(carrier_code=20409)
        self.tasks[sid] = replace(self.tasks[sid], status=status, reason=why)

    def _fail(self) -> None:
        if self.next_errors:
            raise self.next_errors.pop(0)
