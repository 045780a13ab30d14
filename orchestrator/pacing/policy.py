"""What config/pacing.toml says: beliefs before the first call, and how the budget becomes risk."""

from dataclasses import dataclass, field
from typing import Annotated, Self

from pydantic import Field

from orchestrator.domain.toml_reading import Table, checked, parse_toml

Share = Annotated[float, Field(gt=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


@dataclass(frozen=True)
class PacingConfig:
    """What one pacer serves. ``shift_seconds`` None: open-ended; ``agents`` are planned, not logged in."""

    target_abandonment: float
    calls_per_second: float
    ring_timeout_seconds: float
    tick_seconds: float = 1.0
    agents: int = 0
    shift_seconds: float | None = None
    max_lines: int = 15000


class Beliefs(Table):
    """What is assumed until calls have been seen; durations are means in seconds."""

    live_rate: Share = 0.22
    live_rate_weight: Positive = 100.0
    weight: Positive = 1.0
    person_rings_seconds: Annotated[float, Field(gt=2)] = 9.4
    machine_rings_seconds: Positive = 19.0
    person_detected_seconds: Positive = 3.0
    machine_detected_seconds: Positive = 4.2
    talk_seconds: Positive = 100.0
    wrap_seconds: Positive = 15.0
    patience_seconds: Positive = 1.3


class Tracking(Table):
    """How the answer rate is followed."""

    memory_people: Annotated[float, Field(ge=2)] = 60.0
    first_weight: Annotated[float, Field(ge=1)] = 6.0
    return_seconds: Annotated[float, Field(ge=60)] = 1800.0
    return_weight: Positive = 4.0


class Risk(Table):
    """How the budget that is left becomes the risk taken with one more call."""

    first: Share = 0.0042
    reserve_calls: Positive = 3.0
    reserve_an_hour: Positive = 2.0
    reserve_at_the_end: Positive = 1.5
    least_reserve: Positive = 0.5
    last_calls: Annotated[float, Field(ge=0)] = 2.0
    last_calls_an_agent: Annotated[float, Field(ge=0)] = 0.05
    fastest: Annotated[float, Field(ge=1)] = 1.8
    steepness: Positive = 1.2
    correction: Positive = 0.02
    doubt: Annotated[float, Field(ge=0)] = 2.0
    lead: Annotated[float, Field(ge=0)] = 1.7
    continuity: Annotated[float, Field(ge=0, le=1)] = 0.0


class _PacingTable(Table):
    tick_seconds: Positive
    max_lines: Annotated[int, Field(ge=1)]
    target_abandonment: Share
    beliefs: Beliefs
    tracking: Tracking
    risk: Risk


@dataclass(frozen=True)
class PacingPolicy:
    """The whole file."""

    tick_seconds: float = 1.0
    max_lines: int = 15000
    target_abandonment: float = 0.03
    beliefs: Beliefs = field(default_factory=Beliefs)
    tracking: Tracking = field(default_factory=Tracking)
    risk: Risk = field(default_factory=Risk)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read config/pacing.toml; raises UserError that names what to change."""
        table = checked(_PacingTable, parse_toml(text, "pacing.toml"), "pacing.toml")
        return cls(**dict(table))

    def config(
        self,
        *,
        calls_per_second: float,
        ring_timeout_seconds: float,
        agents: int,
        shift_seconds: float | None = None,
        limits: tuple[float | None, ...] = (),
    ) -> PacingConfig:
        """The config of one campaign's pacer; of the law's and the campaign's ``limits`` the lowest counts."""
        return PacingConfig(
            target_abandonment=min([self.target_abandonment, *(limit for limit in limits if limit is not None)]),
            calls_per_second=calls_per_second,
            ring_timeout_seconds=ring_timeout_seconds,
            tick_seconds=self.tick_seconds,
            agents=agents,
            shift_seconds=shift_seconds,
            max_lines=self.max_lines,
        )
