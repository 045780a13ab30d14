"""Dispositions as TOML tables, of a campaign and of config/dispositions.toml."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from orchestrator.domain.attempt import MARKABLE, Outcome
from orchestrator.domain.disposition import NO_PERSON, AfterCall, Disposition
from orchestrator.domain.toml_reading import OneOf, Table, checked, parse_toml

LONGEST_REST_HOURS = 24 * 365
NEEDS_A_PERSON = frozenset({AfterCall.CALLBACK, AfterCall.DO_NOT_CALL, AfterCall.WRONG_NUMBER})


class DispositionTable(Table):
    """``[dispositions.<id>]``."""

    label: Annotated[str, Field(min_length=1, max_length=80)]
    outcome: OneOf[Outcome] | None = None
    next: OneOf[AfterCall]
    rest_hours: Annotated[float, Field(ge=0, le=LONGEST_REST_HOURS)] | None = None
    default: bool = False

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.outcome is not None and self.outcome not in MARKABLE:
            raise ValueError(f"outcome must be one of {', '.join(MARKABLE)}: an agent was on the line")
        if self.outcome in NO_PERSON and self.next in NEEDS_A_PERSON:
            raise ValueError(f"cannot be '{self.outcome}' and go on with '{self.next}': nobody was there to say so")
        if self.default and self.next in NEEDS_A_PERSON:
            raise ValueError(f"cannot be the default and go on with '{self.next}', which only an agent can say")
        return self

    def disposition(self, name: str) -> Disposition:
        """The table under its id."""
        return Disposition(
            id=name,
            label=self.label,
            outcome=self.outcome,
            next_step=self.next,
            rest_seconds=None if self.rest_hours is None else round(self.rest_hours * 3600),
            default=self.default,
        )


class _File(Table):
    dispositions: dict[str, DispositionTable]

    @model_validator(mode="after")
    def _one_default(self) -> Self:
        require_one_default(self.dispositions)
        return self


def require_one_default(tables: Mapping[str, DispositionTable]) -> None:
    """Raise ValueError where several claim to apply when nothing is said."""
    named = [name for name, table in tables.items() if table.default]
    if len(named) > 1:
        raise ValueError(f"dispositions '{named[0]}' and '{named[1]}' are both the default; there is one")


def parse_dispositions(text: str) -> dict[str, Disposition]:
    """The default set by id; raises UserError that names what to change."""
    form = checked(_File, parse_toml(text, "dispositions.toml"), "dispositions.toml")
    return {name: table.disposition(name) for name, table in form.dispositions.items()}
