"""The clock of a rehearsal: it stands until whoever plays the day sets it on."""

from datetime import UTC, datetime

from orchestrator.clock import Clock


class VirtualClock(Clock):
    """The world's clock, moved by hand."""

    _moment: datetime

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.set_to(moment)

    def set_to(self, moment: datetime) -> None:
        """Show this moment from now on."""
        object.__setattr__(self, "_moment", moment.astimezone(UTC))  # a clock is frozen for everybody else

    def now(self) -> datetime:
        """The moment that was set last."""
        return self._moment
