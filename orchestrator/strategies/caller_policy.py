"""What config/caller_ids.toml says: caps and rests of the numbers that calls show."""

from typing import Annotated, Self

from pydantic import Field

from orchestrator.domain.toml_reading import Table, checked, parse_toml

Days = Annotated[int, Field(ge=1, le=365)]
Share = Annotated[float, Field(gt=0, lt=1)]


class Answers(Table):
    """When a number's answer rate has clearly fallen."""

    recent_days: Days = 3
    earlier_days: Days = 25
    least_calls: Annotated[int, Field(ge=30)] = 150
    share: Share = 0.6
    chance: Share = 0.0001


class Rest(Table):
    """How long a number rests."""

    days: Days = 7


class CallerPolicy(Table):
    """The whole file. ``daily_cap`` None: as many calls as are due."""

    daily_cap: Annotated[int, Field(ge=1)] | None = None
    rest: Rest = Rest()
    answers: Answers = Answers()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the file; raises UserError for what cannot be used."""
        return checked(cls, parse_toml(text, "config/caller_ids.toml"), "config/caller_ids.toml")
