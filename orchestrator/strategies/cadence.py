"""How often a person is tried, how long they rest in between, and which hours of a day are preferred."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.campaign import Hours
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.errors import UserError
from orchestrator.domain.local_hours import parse_hours
from orchestrator.domain.toml_reading import OneOf, SetOf, Several, Table, checked, nearest, parse_toml
from orchestrator.strategies.hours import next_start_that_day

UNIT_SECONDS = {"hours": 3600.0, "minutes": 60.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """Caps and rests. ``final`` outcomes end a number on their channel; ``patience_seconds`` None: the strategy's."""

    name: str
    per_number: Mapping[Channel, int]
    per_contact: int
    between: timedelta
    rests: Mapping[Outcome, Sequence[timedelta]]
    final: frozenset[Outcome]
    patience_seconds: float | None = None
    best_hours: Hours | None = None

    @staticmethod
    def parse(text: str, name: str = "default") -> "Cadence":
        """The table ``name`` of cadences.toml; raises UserError that names what to change."""
        tables = parse_toml(text, "cadences.toml")
        if name not in tables:
            raise UserError(f"cadences.toml has no cadence '{name}'; {nearest(name, sorted(tables))}")
        if not isinstance(tables[name], dict):
            raise UserError(f"cadences.toml: '{name}' stands outside of any table; put it under its cadence's [name].")
        return checked(_CadenceTable, tables[name], f"cadences.toml, [{name}]").cadence(name)

    @staticmethod
    def parse_all(text: str) -> "dict[str, Cadence]":
        """Every table of cadences.toml by its name; raises UserError that names what to change."""
        return {name: Cadence.parse(text, name) for name in parse_toml(text, "cadences.toml")}

    def rest_after(self, outcome: Outcome, attempts_so_far: int, ended_at: datetime) -> datetime:
        """When the number may be tried again; ``attempts_so_far`` counts this one. Final outcomes rest longest."""
        rests = self.rests.get(outcome) or (self._longest_rest,)
        return ended_at + rests[min(max(attempts_so_far, 1), len(rests)) - 1]

    @property
    def _longest_rest(self) -> timedelta:
        return max(rest for rests in self.rests.values() for rest in rests)

    def preferred(self, moment: datetime, zones: Sequence[str]) -> datetime:
        """``moment``, or the start of the best hours where they begin later on that same day; never another day."""
        if self.best_hours is None or not zones:
            return moment
        starts = [next_start_that_day(self.best_hours, moment, ZoneInfo(zone)) for zone in zones]
        return max(starts)


class _Caps(Table):
    voice: int = Field(ge=1)
    sms: int = Field(ge=1)


Duration = Annotated[float, Field(ge=0)]


class _CadenceTable(Table):
    unit: Literal["hours", "minutes"]
    per_number: _Caps
    per_contact: int = Field(ge=1)
    between: Duration
    patience: Duration | None = None
    final: SetOf[Outcome]
    rests: dict[OneOf[Outcome], Annotated[Several[Duration], Field(min_length=1)]]
    best_hours: Annotated[Hours, Field(strict=False), BeforeValidator(parse_hours)] | None = None

    @model_validator(mode="after")
    def _every_outcome_once(self) -> Self:
        silent = [outcome for outcome in Outcome if (outcome in self.rests) == (outcome in self.final)]
        if silent:
            raise ValueError(f"must give '{silent[0]}' either a rest or a place among the final outcomes")
        return self

    def cadence(self, name: str) -> Cadence:
        return Cadence(
            name=name,
            per_number={Channel.VOICE: self.per_number.voice, Channel.SMS: self.per_number.sms},
            per_contact=self.per_contact,
            between=self._duration(self.between),
            rests={outcome: tuple(map(self._duration, rests)) for outcome, rests in self.rests.items()},
            final=self.final,
            patience_seconds=None if self.patience is None else self._duration(self.patience).total_seconds(),
            best_hours=self.best_hours,
        )

    def _duration(self, units: float) -> timedelta:
        return timedelta(seconds=units * UNIT_SECONDS[self.unit])
