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
    """What is assumed until calls have been seen."""

    live_rate: Share = 0.3
    detected_live: Share = 0.6
    answer_seconds: Positive = 12.0
    talk_seconds: Positive = 90.0
    wrap_seconds: Positive = 15.0
    weight_calls: Positive = 60.0
    memory_calls: Annotated[float, Field(ge=1)] = 400.0


class Risk(Table):
    """How the budget that is left becomes the risk taken with one more call."""

    balanced_tokens: Positive = 2.0
    highest: Share = 0.3
    share_of_tokens: Share = 0.25


class _PacingTable(Table):
    tick_seconds: Positive
    max_lines: Annotated[int, Field(ge=1)]
    target_abandonment: Share
    beliefs: Beliefs
    risk: Risk


@dataclass(frozen=True)
class PacingPolicy:
    """The whole file."""

    tick_seconds: float = 1.0
    max_lines: int = 15000
    target_abandonment: float = 0.03
    beliefs: Beliefs = field(default_factory=Beliefs)
    risk: Risk = field(default_factory=Risk)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read config/pacing.toml; raises UserError that names what to change."""
        table = checked(_PacingTable, parse_toml(text, "pacing.toml"), "pacing.toml")
        return cls(table.tick_seconds, table.max_lines, table.target_abandonment, table.beliefs, table.risk)

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
