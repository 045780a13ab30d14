"""Why a pacer placed so many calls, as numbers and as a sentence for a supervisor."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PacingReason:
    """One decision. ``risk``: people who are expected to reach nobody, ``allowed``: how many are borne.

    Both None where the pacer did not say. ``tokens``: live calls that may still be lost in the window. ``limit``: what
    kept it from placing more, in a word or two.
    """

    calls: int
    ready: int
    ringing: int
    detecting: int
    waiting: int
    risk: float | None
    allowed: float | None
    tokens: float
    limit: str

    def words(self) -> str:
        """As in: 2 calls: 5 agents ready, 3 ringing, risk 0.4 of 0.9, 12.3 may be lost; limited by the agents."""
        seen = [f"{_counted(self.ready, 'agent')} ready", f"{self.ringing} ringing"]
        seen += [
            f"{count} {what}" for count, what in ((self.detecting, "detecting"), (self.waiting, "waiting")) if count
        ]
        if self.risk is not None and self.allowed is not None:
            seen.append(f"risk {self.risk:.2g} of {self.allowed:.2g}")
        seen.append(f"{self.tokens:.1f} may be lost")
        limited = f"; limited by {self.limit}" if self.limit else ""
        return f"{_counted(self.calls, 'call')}: {', '.join(seen)}{limited}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
