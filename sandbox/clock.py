"""The world's clock: system time, or a moment that runs faster from an anchor on."""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from sandbox.errors import SandboxError

CLOCK_VARIABLE = "ORCHESTRATOR_CLOCK"
_SHAPE = re.compile(r"(?P<start>\S+)\s+x(?P<speed>\d+(?:\.\d+)?)\s+@(?P<anchor>\S+)")


@dataclass(frozen=True, slots=True)
class WorldClock:
    """Shows ``start`` at the real moment ``anchor`` and runs ``speed`` times as fast; all in epoch seconds.

    Before the anchor it stands. The default is the system's own time.
    """

    start: float = 0.0
    speed: float = 1.0
    anchor: float = 0.0

    def now(self) -> float:
        """Epoch seconds in the world."""
        return self.start + max(0.0, time.time() - self.anchor) * self.speed

    def real_seconds_until(self, moment: float) -> float:
        """How long a thread must wait, in real seconds, until the world shows ``moment``."""
        return max(0.0, self.anchor + (moment - self.start) / self.speed - time.time())


def parse_clock(text: str | None) -> WorldClock:
    """The clock that ``START xSPEED @ANCHOR`` describes; system time for none; SandboxError where it cannot be read."""
    if not text or not text.strip():
        return WorldClock()
    match = _SHAPE.fullmatch(text.strip())
    if match is None or float(match["speed"]) == 0:
        raise SandboxError(
            f"{CLOCK_VARIABLE} must read 'START xSPEED @ANCHOR', "
            "as in '2026-11-23T15:00:00Z x30 @2026-11-22T02:00:00Z'."
        )
    return WorldClock(_moment(match["start"]), float(match["speed"]), _moment(match["anchor"]))


def _moment(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise SandboxError(f"{CLOCK_VARIABLE} holds '{text}', which is no ISO 8601 date and time.") from error
    if moment.tzinfo is None:
        raise SandboxError(f"{CLOCK_VARIABLE} holds '{text}', which needs an offset or a Z at its end.")
    return moment.timestamp()


def rfc2822(moment: float | None) -> str | None:
    """The moment as Twilio writes it, ``Mon, 23 Nov 2026 15:00:00 +0000``; None stays None."""
    return None if moment is None else format_datetime(datetime.fromtimestamp(int(moment), UTC))


def iso(moment: float | None) -> str | None:
    """The moment in ISO 8601 with milliseconds, for the report; None stays None."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
