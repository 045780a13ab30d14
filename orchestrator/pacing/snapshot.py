"""What a pacer sees: agents and calls as they are at one moment, and what happened since the last."""

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import NDArray

AGENT_AWAY, AGENT_READY, AGENT_CONNECTING, AGENT_TALKING, AGENT_WRAPPING = -1, 0, 1, 2, 3
CALL_QUEUED, CALL_RINGING, CALL_DETECTING, CALL_WAITING = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class PacingTotals:
    """Counts since the window began; ``machine_disposition``: connected calls that the agent marked as a machine."""

    placed: int = 0
    failed: int = 0
    no_answer: int = 0
    machine: int = 0
    human: int = 0
    abandoned: int = 0
    connected: int = 0
    machine_disposition: int = 0


@dataclass(frozen=True, slots=True)
class PacingEvent:
    """Something that happened since the last decision; the values are seconds.

    ``answered`` (ring, 0), ``human`` and ``machine`` (ring, detection), ``no_answer`` and ``failed`` (seconds, 0),
    ``abandoned`` (waited, 0), ``connected`` (how long the agent was ready, 0), ``talk_end`` and ``wrap_end``
    (duration, 0), ``machine_disposition`` (0, 0).
    """

    kind: str
    value: float = 0.0
    value2: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class PacingSnapshot:
    """One moment. Agents: -1 away or paused, 0 ready, 1 being connected, 2 talking, 3 wrapping up.

    Calls in flight: 0 queued (ours or the carrier's), 1 dialling or ringing, 2 answered and detection pending,
    3 declared human and waiting for an agent. ``call_seconds`` count from the start of dialling, 0 while queued.
    """

    agent_state: NDArray[np.int8]
    agent_seconds: NDArray[np.float64]
    call_stage: NDArray[np.int8]
    call_seconds: NDArray[np.float64]
    call_stage_seconds: NDArray[np.float64]
    totals: PacingTotals
    events: tuple[PacingEvent, ...] = ()


def require_seconds(now: object) -> None:
    """Raise ValueError for a moment that is no finite number: a pacer that took it in would never be right again."""
    if not isinstance(now, Real) or not math.isfinite(now):
        raise ValueError(f"'now' is {now!r}; give the seconds since the shift began as a finite number.")
