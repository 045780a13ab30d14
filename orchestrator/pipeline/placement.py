"""Write before you speak: committed attempts go to the carrier from a pool of threads; receipts return in batches."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from orchestrator.clock import Clock
from orchestrator.domain.carrier import CallOrder, Carrier, MessageOrder, Receipt
from orchestrator.domain.errors import CarrierError, DispatchUncertainError
from orchestrator.log import log
from orchestrator.persistence.store import Store
from orchestrator.pipeline import receipts
from orchestrator.pipeline.engine import Waits
from orchestrator.pipeline.planning import Planned
from orchestrator.pipeline.stop_watch import stops_since

RECEIPTS_AT_ONCE = 50
LOOK_AGAIN_SECONDS = 0.05  # an order that waited for a thread longer than this looks for stops once more


@dataclass(frozen=True, slots=True)
class Dropped:
    """The carrier was not asked: too late under the lease, or the person said stop in between."""

    reason: str


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of one order."""

    planned: Planned
    result: Receipt | CarrierError | Dropped


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of an order when it is handed over; moments of the monotonic clock."""

    committed_at: float
    looked_at: float
    stopped: bool


def in_time(planned: Planned, now: datetime) -> CallOrder | MessageOrder | None:
    """The order as it may leave now: a message that has waited is good for less. None where its window is over."""
    left = int((planned.valid_until - now).total_seconds())
    order = planned.order
    if isinstance(order, MessageOrder):
        return replace(order, validity_seconds=min(order.validity_seconds, left)) if left >= 1 else None
    return order if now < planned.valid_until else None


class Placing(Protocol):
    """Whoever takes committed attempts to the carrier and writes what it answered."""

    @property
    def open(self) -> int:
        """How many orders have no receipt yet."""

    def submit(self, planned: Sequence[Planned]) -> None:
        """Hand over attempts that have just been committed."""

    def close(self) -> None:
        """Finish what was handed over, then stop."""


class Placer:
    """A pool of threads that ask the carrier, and one thread that writes what it answered."""

    def __init__(self, store: Store, carrier: Callable[[], Carrier], clock: Clock, waits: Waits, threads: int) -> None:
        self._store, self._carrier, self._clock, self._waits = store, carrier, clock, waits
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="place")
        self._results: queue.SimpleQueue[Placed | None] = queue.SimpleQueue()
        self._open = 0
        self._idle = threading.Condition()
        self._writer = threading.Thread(target=self._write_receipts, name="receipts", daemon=True)
        self._writer.start()

    @property
    def open(self) -> int:
        """How many orders have no receipt yet."""
        return self._open

    def submit(self, planned: Sequence[Planned]) -> None:
        """Hand over attempts that have just been committed."""
        if not planned:
            return
        committed_at = time.monotonic()
        with self._idle:
            self._open += len(planned)
        stopped = self._stopped(planned)
        looked_at = time.monotonic()
        for one in planned:
            self._pool.submit(self._place, one, _Known(committed_at, looked_at, one.attempt_id in stopped))

    def drain(self, timeout_seconds: float | None = None) -> bool:
        """Wait until every order has its receipt written; False where time ran out."""
        with self._idle:
            return self._idle.wait_for(lambda: self._open == 0, timeout_seconds)

    def close(self) -> None:
        """Finish what was handed over, then stop."""
        self._pool.shutdown(wait=True)
        self._results.put(None)
        self._writer.join()

    def _place(self, planned: Planned, known: _Known) -> None:
        self._results.put(Placed(planned, self._ask(planned, known)))

    def _ask(self, planned: Planned, known: _Known) -> Receipt | CarrierError | Dropped:
        """One POST at most. A fate that cannot be told is uncertain, and is never asked for again here."""
        waited = time.monotonic() - known.looked_at
        if known.stopped or (waited > LOOK_AGAIN_SECONDS and self._stopped([planned])):
            return Dropped("stop")
        if time.monotonic() - known.committed_at > self._waits.lease / 2:
            return Dropped("late")
        order = in_time(planned, self._clock.now())
        if order is None:
            return Dropped("window over")
        try:
            return self._send(order)
        except CarrierError as error:
            return error
        except Exception as error:  # noqa: BLE001 - whatever it was, the carrier may have been asked
            log.error("attempt.unknown_error", attempt=str(planned.attempt_id), error=repr(error))
            return DispatchUncertainError(repr(error))

    def _send(self, order: CallOrder | MessageOrder) -> Receipt:
        carrier = self._carrier()
        return carrier.send_message(order) if isinstance(order, MessageOrder) else carrier.place_call(order)

    def _stopped(self, planned: Sequence[Planned]) -> set[UUID]:
        """Those to whom a stop came after the gate looked; all of them where that cannot be read.

        It looks in a transaction of its own, after the attempts were committed.
        """
        try:
            with self._store.read() as tx:
                return set(stops_since(tx, planned))
        except SQLAlchemyError as error:
            log.warning("attempts.not_checked", attempts=len(planned), error=type(error).__name__)
            return {one.attempt_id for one in planned}

    def _write_receipts(self) -> None:
        while (batch := self._next_batch()) is not None:
            self._write(batch)
            with self._idle:
                self._open -= len(batch)
                self._idle.notify_all()

    def _next_batch(self) -> list[Placed] | None:
        first = self._results.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < RECEIPTS_AT_ONCE and not self._results.empty():
            following = self._results.get()
            if following is None:
                self._results.put(None)
                break
            batch.append(following)
        return batch

    def _write(self, batch: Sequence[Placed]) -> None:
        """Write the receipts; what cannot be written stays planned, and rescue will ask the carrier."""
        try:
            receipts.write(self._store, batch, self._clock.now(), self._waits)
        except Exception as error:  # noqa: BLE001 - this thread must outlive whatever one batch holds
            log.error("receipts.not_written", attempts=len(batch), error=repr(error))
