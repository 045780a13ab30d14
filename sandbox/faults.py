"""Faults on request: each with a probability, seeded, and perhaps a number of times."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from sandbox.errors import SandboxError


class FaultKind(StrEnum):
    """What can go wrong. ``seconds`` are of the world, but for slow-answer, whose are real."""

    CALLBACK_LATE = "callback-late"
    CALLBACK_DOUBLED = "callback-doubled"
    CALLBACK_LOST = "callback-lost"
    CALLBACK_REORDERED = "callback-reordered"
    CREATE_BUSY = "create-busy"
    CREATE_ERROR_AFTER_ACCEPTING = "create-error-after-accepting"
    CREATE_RESET_AFTER_ACCEPTING = "create-reset-after-accepting"
    SLOW_ANSWER = "slow-answer"
    LOOKUP_FAILING = "lookup-failing"
    LISTING_LAG = "listing-lag"


RESOURCES = frozenset({
    "calls", "messages", "amd", "conferences", "inbound", "participants", "lookups", "tasks", "taskrouter",
    "assignments",
})  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong; ``times`` None is for ever, ``resource`` None is everything but inbound deliveries."""

    kind: FaultKind
    probability: float = 1.0
    times: int | None = None
    seconds: float = 10.0
    resource: str | None = None
    to: str | None = None

    def concerns(self, kind: FaultKind, resource: str, to: str | None) -> bool:
        """Whether this fault could strike here."""
        mine = resource != "inbound" if self.resource is None else self.resource == resource
        return self.kind is kind and mine and self.to in {None, to} and self.times != 0


class Faults:
    """The faults that were asked for."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.clear()

    def clear(self) -> None:
        """Nothing goes wrong from now on, and the dice begin anew."""
        self.asked: list[Fault] = []
        self._dice = random.Random(f"{self._seed}:faults")

    def add(self, wishes: Mapping[str, Any]) -> None:
        """Ask for one more; SandboxError for one that cannot be."""
        self.asked.append(_fault(wishes))

    def strikes(self, kind: FaultKind, resource: str, to: str | None = None) -> Fault | None:
        """The fault that happens here and now, if one does; it has then been used once."""
        for fault in self.asked:
            if fault.concerns(kind, resource, to) and self._dice.random() < fault.probability:
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    def lag_seconds(self, resource: str) -> float:
        """How long something new stays out of listings."""
        lags = [fault.seconds for fault in self.asked if fault.concerns(FaultKind.LISTING_LAG, resource, None)]
        return max(lags, default=0.0)


def _fault(wishes: Mapping[str, Any]) -> Fault:
    unknown = wishes.keys() - {item.name for item in fields(Fault)}
    if unknown:
        raise SandboxError(f"A fault has no '{min(unknown)}'; it has {', '.join(i.name for i in fields(Fault))}.")
    try:
        kind = FaultKind(wishes.get("kind", ""))
    except ValueError as error:
        raise SandboxError(f"A fault's kind must be one of {', '.join(FaultKind)}.") from error
    fault = Fault(**{**wishes, "kind": kind})
    if not _is_number(fault.probability) or fault.probability > 1:
        raise SandboxError("A fault's probability must be a number between 0 and 1.")
    if not _is_number(fault.seconds):
        raise SandboxError("A fault's seconds must be a number that is not negative.")
    if fault.times is not None and not (isinstance(fault.times, int) and fault.times > 0):
        raise SandboxError("A fault's times must be a whole number above 0, or absent.")
    if fault.resource is not None and fault.resource not in RESOURCES:
        raise SandboxError(f"A fault's resource must be one of {', '.join(sorted(RESOURCES))}.")
    return fault


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
