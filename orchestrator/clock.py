"""The world's clock: the system's, or for rehearsal and demo one that starts elsewhere and runs faster.

Law, windows, cadences, rings, talk and send slots run on it. Leases, timeouts and sessions run on real time.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from orchestrator.domain.errors import SettingError

FORM = re.compile(r"(?P<start>\S+) x(?P<speed>\d+(?:\.\d+)?) @(?P<anchor>\S+)")
FASTEST_TRUE_SPEED = 30.0


@dataclass(frozen=True, slots=True)
class Clock:
    """At the real moment ``anchor`` it shows ``start`` and runs ``speed`` times as fast; before that it stands."""

    start: datetime | None = None
    speed: float = 1.0
    anchor: datetime | None = None

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """Read ``START xSPEED @ANCHOR``; None is the system's clock. Raises SettingError with the form to use."""
        if not text:
            return cls()
        match = FORM.fullmatch(text.strip())
        try:
            if match is not None and float(match["speed"]) > 0:
                return cls(_moment(match["start"]), float(match["speed"]), _moment(match["anchor"]))
        except ValueError:
            match = None
        raise SettingError(
            'ORCHESTRATOR_CLOCK must read "START xSPEED @ANCHOR", as in '
            '"2026-11-23T15:00:00Z x30 @2026-11-22T02:00:00Z", with both moments in UTC or with their offset.'
        )

    def now(self) -> datetime:
        """The world's moment, in UTC."""
        real = datetime.now(UTC)
        if self.start is None or self.anchor is None:
            return real
        passed = max(timedelta(0), real - self.anchor)
        return self.start + passed * self.speed

    def real_seconds(self, world_seconds: float) -> float:
        """How long to wait really for so many seconds of the world."""
        return world_seconds / self.speed

    def __str__(self) -> str:
        """The text that ``parse`` reads; empty for the system's clock."""
        if self.start is None or self.anchor is None:
            return ""
        return f"{_text(self.start)} x{self.speed:g} @{_text(self.anchor)}"


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
