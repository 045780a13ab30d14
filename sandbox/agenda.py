"""What will happen when: one thread, one heap on the world's clock, one lock over all state."""

import heapq
import itertools
import logging
import threading
from collections.abc import Callable

from sandbox.clock import WorldClock

log = logging.getLogger(__name__)
_COMPACT_FROM = 1000


class Entry:
    """Something that will be done once, unless it is cancelled first."""

    __slots__ = ("_agenda", "do")

    def __init__(self, agenda: "Agenda", do: Callable[[], None]) -> None:
        self._agenda = agenda
        self.do: Callable[[], None] | None = do

    def cancel(self) -> None:
        """Never do it; harmless when it was done already."""
        if self.do is not None:
            self.do = None
            self._agenda.forget_one()


class Agenda:
    """Runs entries in the order of their moments, each while holding ``lock``."""

    def __init__(self, clock: WorldClock) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)
        self._heap: list[tuple[float, int, Entry]] = []
        self._ordinals = itertools.count()
        self._cancelled = 0
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="sandbox-agenda", daemon=True)

    def start(self) -> None:
        """Begin to run entries."""
        self._thread.start()

    def stop(self) -> None:
        """Run nothing more; returns when the thread has ended."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join(timeout=5)

    def later(self, seconds: float, do: Callable[[], None]) -> Entry:
        """Do it ``seconds`` of world time from now."""
        entry = Entry(self, do)
        with self._changed:
            due_at = self.clock.now() + max(0.0, seconds)
            heapq.heappush(self._heap, (due_at, next(self._ordinals), entry))
            if self._heap[0][2] is entry:
                self._changed.notify_all()
        return entry

    def clear(self) -> None:
        """Forget every entry."""
        with self._changed:
            self._heap.clear()
            self._cancelled = 0

    def waiting(self) -> int:
        """How many entries are held, cancelled ones that were not dropped yet included."""
        return len(self._heap)

    def forget_one(self) -> None:
        """Count a cancelled entry, and drop them all once they are the greater part of the heap."""
        with self._changed:
            self._cancelled += 1
            if self._cancelled > _COMPACT_FROM and self._cancelled * 2 > len(self._heap):
                self._heap = [item for item in self._heap if item[2].do is not None]
                heapq.heapify(self._heap)
                self._cancelled = 0

    def _run(self) -> None:
        while True:
            # The lock is left between two entries, so that requests are not starved by a backlog.
            with self._changed:
                if self._stopped:
                    return
                entry = self._take_or_wait()
                if entry is not None:
                    _perform(entry)

    def _take_or_wait(self) -> Entry | None:
        if not self._heap:
            self._changed.wait()
            return None
        seconds = self.clock.real_seconds_until(self._heap[0][0])
        if seconds > 0:
            self._changed.wait(min(seconds, threading.TIMEOUT_MAX))
            return None
        return heapq.heappop(self._heap)[2]


def _perform(entry: Entry) -> None:
    do, entry.do = entry.do, None
    if do is None:
        return
    try:
        do()
    except Exception:  # one entry that fails must not stop the clock for the others
        log.exception("sandbox.agenda.entry_failed")
