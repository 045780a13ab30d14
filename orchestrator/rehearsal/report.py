"""What a rehearsal tells: plain values, put together from the day's own tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.rehearsal.cost import Bill


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """One hour. Shares are of the time of all agents."""

    begins_at: datetime
    calls: int = 0
    texts: int = 0
    reached: int = 0
    abandoned: int = 0
    talking: float = 0.0
    wrapping: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """Abandoned calls by the number's country: of the day, and in the window that its regime measures, if any."""

    country: str
    live_answered: int
    abandoned: int
    window_began_at: datetime | None = None
    window_live_answered: int = 0
    window_abandoned: int = 0
    limit_percent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotContacted:
    """People whom nobody called or wrote to, why, and until when.

    ``stage``: waiting (held by the rule), not_reached (allowed, and nobody was free), blocked (until the fact that
    ``cure`` names comes), done (for good) or under_way (contacted when the rehearsal was asked for).
    """

    stage: str
    rule: str
    people: int
    cure: str | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything. ``people`` of those who were due are in the copy, each standing for ``factor``.

    What was done is told of the copy; whom nobody contacted, of all the campaign's people, by the factor.
    """

    campaign: str
    start: datetime
    lasts: timedelta
    seed: int
    agents: int
    due: int
    people: int
    factor: int
    finished_at: datetime | None  # None: somebody was still to be contacted at the end
    state: str
    state_reason: str | None
    contacted: int
    reached: int
    outcomes: Mapping[str, Mapping[str, int]]  # by channel, or mode of call
    utilisation: Mapping[str, float]  # by state, shares of the agents' time
    regimes: Sequence[Regime]
    hours: Sequence[Hour]
    not_contacted: Sequence[NotContacted]
    bill: Bill
