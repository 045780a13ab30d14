"""How long calls ring, detection listens, and agents talk and wrap up: tables that start from beliefs and learn.

A table counts endings by half a second. It begins with the weight of some 270 calls and forgets by halves, so that a
list of another kind takes over within hours.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from orchestrator.pacing.policy import Beliefs
from orchestrator.pacing.snapshot import PacingEvent

Table = NDArray[np.float64]
BIN_SECONDS = 0.5
RING_BINS, DETECTION_BINS, WRAP_BINS = 64, 48, 120
HEAVIEST = 6000.0  # calls, or wrap-ups, that a table remembers
BELIEVED_PEOPLE, BELIEVED_MACHINES, BELIEVED_FAILURES, BELIEVED_SILENCE, BELIEVED_WRAPS = 60.0, 80.0, 12.0, 120.0, 20.0
QUICKEST_ANSWER_SECONDS = 1.5
TABLES = ("person_rings", "machine_rings", "failure_rings", "person_detected", "machine_detected", "wraps")
COUNTED_IN: Mapping[str, tuple[str, ...]] = {
    "human": ("person_rings", "person_detected"),
    "machine": ("machine_rings", "machine_detected"),
    "failed": ("failure_rings",),
    "wrap_end": ("wraps",),
}


class Timings:
    """What the pacer has seen of durations, in counts of calls by half a second.

    ``silent``: calls that nobody answered, for which only their number counts.
    """

    def __init__(self, beliefs: Beliefs) -> None:
        ring, detection, wrap = (_middles(bins) for bins in (RING_BINS, DETECTION_BINS, WRAP_BINS))
        weight = beliefs.weight
        after = np.maximum(ring - QUICKEST_ANSWER_SECONDS, 0.0)
        scale = (beliefs.person_rings_seconds - QUICKEST_ANSWER_SECONDS) / 2.2
        self.person_rings = _weighing(weight * BELIEVED_PEOPLE, after**1.2 * np.exp(-after / scale) + 1e-4)
        off = (ring - beliefs.machine_rings_seconds) / 4.0
        self.machine_rings = _weighing(weight * BELIEVED_MACHINES, np.exp(-0.5 * off * off) + 0.02)
        self.failure_rings = _weighing(weight * BELIEVED_FAILURES, np.exp(-ring / 3.0) + 1e-3)
        self.silent = weight * BELIEVED_SILENCE
        self.person_detected = _weighing(
            weight * BELIEVED_PEOPLE, _gamma(detection, 5, beliefs.person_detected_seconds)
        )
        self.machine_detected = _weighing(
            weight * BELIEVED_MACHINES, _gamma(detection, 7, beliefs.machine_detected_seconds)
        )
        self.wraps = _weighing(BELIEVED_WRAPS, _gamma(wrap, 2, beliefs.wrap_seconds) + 1e-5)
        self.talk_seconds, self._talks = beliefs.talk_seconds, BELIEVED_WRAPS
        self.patience_seconds, self._waits = beliefs.patience_seconds, 2.0

    def hear(self, events: Sequence[PacingEvent]) -> None:
        """Take in what happened since the last decision."""
        for event in events:
            for name, value in zip(COUNTED_IN.get(event.kind, ()), (event.value, event.value2), strict=False):
                _count(getattr(self, name), value)
            self.silent += event.kind == "no_answer"
            if event.kind == "talk_end":
                self.talk_seconds, self._talks = _towards(self.talk_seconds, event.value, self._talks, 300.0)
            if event.kind == "abandoned":
                self.patience_seconds, self._waits = _towards(self.patience_seconds, event.value, self._waits, 30.0)

    def forget(self) -> None:
        """Halve what has grown too heavy for news to count."""
        unreached = (self.machine_rings, self.machine_detected, self.failure_rings)
        if self.silent + float(self.machine_rings.sum() + self.failure_rings.sum()) > HEAVIEST:
            self.silent /= 2.0
            for table in unreached:
                table *= 0.5
        for table in (self.person_rings, self.person_detected, self.wraps):
            if float(table.sum()) > HEAVIEST:
                table *= 0.5

    def state(self) -> dict[str, Any]:
        """Plain JSON that ``restored`` takes back."""
        tables = {name: [float(value) for value in getattr(self, name)] for name in TABLES}
        return {
            **tables,
            "silent": self.silent,
            "talk": [self.talk_seconds, self._talks],
            "patience": [self.patience_seconds, self._waits],
        }

    @classmethod
    def restored(cls, beliefs: Beliefs, state: Mapping[str, Any]) -> Self:
        """What was learnt before a restart; a table of another shape starts from its belief."""
        timings = cls(beliefs)
        for name in TABLES:
            table, known = getattr(timings, name), state.get(name, ())
            if len(known) == len(table):
                table[:] = known
        timings.silent = float(state.get("silent", timings.silent))
        timings.talk_seconds, timings._talks = state.get("talk", (timings.talk_seconds, timings._talks))
        timings.patience_seconds, timings._waits = state.get("patience", (timings.patience_seconds, timings._waits))
        return timings


def bins_of(seconds: NDArray[np.float64], bins: int) -> NDArray[np.intp]:
    """The half second in which each moment lies; the last one for whatever is later."""
    return np.clip((seconds / BIN_SECONDS).astype(np.intp), 0, bins)


def _count(table: Table, seconds: float) -> None:
    table[max(0, min(len(table) - 1, int(seconds / BIN_SECONDS)))] += 1.0


def _towards(mean: float, sample: float, weight: float, heaviest: float) -> tuple[float, float]:
    """The mean with one more sample in it, and its weight, which never exceeds ``heaviest``."""
    weight = min(weight + 1.0, heaviest)
    return mean + (sample - mean) / weight, weight


def _middles(bins: int) -> Table:
    return (np.arange(bins, dtype=np.float64) + 0.5) * BIN_SECONDS


def _gamma(seconds: Table, shape: int, mean: float) -> Table:
    density: Table = seconds ** (shape - 1) * np.exp(-seconds * shape / mean)
    return density


def _weighing(weight: float, density: Table) -> Table:
    return density * (weight / float(density.sum()))
