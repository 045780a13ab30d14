"""What was asked of the API: how often, with which parameters, and for enumerations with which values."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

# Parameters whose values are words of Twilio's, never personal data: their values are counted too.
ENUMERATIONS = frozenset({
    "AssignmentStatus", "AsyncAmd", "AsyncAmdStatusCallbackMethod", "Beep", "EarlyMedia", "EndConferenceOnExit",
    "FallbackMethod", "Fields", "Hold", "Instruction", "MachineDetection", "MachineDetectionTimeout", "Method",
    "Muted", "Record", "RecordingChannels", "RecordingTrack", "ReservationStatus", "RiskCheck", "ScheduleType",
    "StartConferenceOnEnter", "Status", "StatusCallbackEvent", "StatusCallbackMethod", "TaskChannel", "TimeLimit",
    "Timeout", "Trim", "ValidityPeriod",
})  # fmt: skip


class RequestLog:
    """Counts per operation, such as ``POST Calls``."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self._parameters: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._values: defaultdict[str, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))

    def note(self, operation: str, fields: Mapping[str, Sequence[str]]) -> None:
        """Count one request."""
        self.requests[operation] += 1
        names = self._parameters[operation]
        for name, values in fields.items():
            names[name] += 1
            if name in ENUMERATIONS:
                self._values[operation][name].update(values)

    def answered(self, operation: str, status: int) -> None:
        """Count one answer."""
        self.statuses[f"{operation} {status}"] += 1

    def parameters_seen(self) -> dict[str, dict[str, int]]:
        """Per operation, how many requests carried each parameter."""
        return {operation: dict(names) for operation, names in self._parameters.items()}

    def values_seen(self) -> dict[str, dict[str, dict[str, int]]]:
        """Per operation and enumeration, how often each value was sent."""
        return {
            operation: {name: dict(values) for name, values in parameters.items()}
            for operation, parameters in self._values.items()
        }
