"""What the pacer has learnt of the calls that it placed: running means that forget slowly."""

from collections.abc import Mapping, Sequence
from typing import Self

from orchestrator.pacing.policy import Beliefs
from orchestrator.pacing.snapshot import PacingEvent

DIALLED_ENDS = frozenset({"human", "machine", "no_answer", "failed"})
DETECTED_ENDS = frozenset({"human", "machine"})


class RunningMean:
    """A mean that starts from a belief of some weight, and never counts more than ``memory`` samples."""

    def __init__(self, mean: float, weight: float, memory: float) -> None:
        self.mean = mean
        self.weight = weight
        self.memory = memory

    def add(self, sample: float) -> None:
        """Move towards the sample."""
        self.weight = min(self.weight + 1, self.memory)
        self.mean += (sample - self.mean) / self.weight


class Learning:
    """The rates and durations that the look-ahead needs."""

    def __init__(self, beliefs: Beliefs) -> None:
        weight, memory = beliefs.weight_calls, beliefs.memory_calls
        self._means = {
            name: RunningMean(getattr(beliefs, name), weight, memory)
            for name in ("live_rate", "detected_live", "answer_seconds", "talk_seconds", "wrap_seconds")
        }

    def hear(self, events: Sequence[PacingEvent]) -> None:
        """Take in what happened since the last decision."""
        for event in events:
            if event.kind in DIALLED_ENDS:
                self._means["live_rate"].add(float(event.kind == "human"))
            if event.kind in DETECTED_ENDS:
                self._means["detected_live"].add(float(event.kind == "human"))
            if event.kind == "human":
                self._means["answer_seconds"].add(event.value + event.value2)
            if event.kind in {"talk_end", "wrap_end"}:
                self._means[event.kind.replace("end", "seconds")].add(event.value)

    def __getitem__(self, name: str) -> float:
        """The mean as it stands."""
        return self._means[name].mean

    def state(self) -> dict[str, list[float]]:
        """Plain JSON that ``restored`` takes back."""
        return {name: [mean.mean, mean.weight] for name, mean in self._means.items()}

    @classmethod
    def restored(cls, beliefs: Beliefs, state: Mapping[str, Sequence[float]]) -> Self:
        """What was learnt before a restart; a mean that the state does not know starts from its belief."""
        learning = cls(beliefs)
        for name, (mean, weight) in state.items():
            if name in learning._means:
                learning._means[name] = RunningMean(mean, weight, beliefs.memory_calls)
        return learning
