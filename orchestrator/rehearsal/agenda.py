"""What is still to happen in a rehearsal. No two entries share a moment, so that their order is never chance."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

TICK = timedelta(microseconds=1)


@dataclass(order=True)
class Entry:
    """Something that happens at a moment, unless it was called off."""

    at: datetime
    do: Callable[[], None] = field(compare=False)
    called_off: bool = field(default=False, compare=False)


@dataclass
class Agenda:
    """A heap of entries."""

    _heap: list[Entry] = field(default_factory=list)
    _taken: set[datetime] = field(default_factory=set)

    def add(self, at: datetime, do: Callable[[], None]) -> Entry:
        """Have it done at that moment, or a microsecond later for each entry that has the moment already."""
        while at in self._taken:
            at += TICK
        entry = Entry(at, do)
        self._taken.add(at)
        heapq.heappush(self._heap, entry)
        return entry

    @property
    def next_at(self) -> datetime | None:
        """When the next entry is due that was not called off; None where nothing is to come."""
        while self._heap and self._heap[0].called_off:
            self._taken.discard(heapq.heappop(self._heap).at)
        return self._heap[0].at if self._heap else None

    def pop_until(self, until: datetime) -> Entry | None:
        """The next entry that is due by then; None where there is none."""
        next_at = self.next_at
        if next_at is None or next_at > until:
            return None
        entry = heapq.heappop(self._heap)
        self._taken.discard(entry.at)
        return entry
