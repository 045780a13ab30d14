"""What config/senders.toml says: the rates of each type of sender, when its day begins, and how long it rests."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from orchestrator.domain.errors import UserError
from orchestrator.domain.text_sender import SenderType, TextSender
from orchestrator.domain.toml_reading import OneOf, Several, Table, checked, parse_toml

FILE = "config/senders.toml"
Rate = Annotated[float, Field(ge=0.01, le=1000)]
Hours = Annotated[int, Field(ge=1, le=24 * 90)]


class Day(Table):
    """Where the day of every cap begins."""

    zone: str = "America/Los_Angeles"

    @field_validator("zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # the last for a folder of zones
            raise ValueError("must be a time zone, as in America/Los_Angeles") from None
        return name

    def of(self, now: datetime) -> date:
        """The day whose caps count at that moment."""
        return now.astimezone(ZoneInfo(self.zone)).date()

    def ends(self, now: datetime) -> datetime:
        """When the next day begins."""
        where = ZoneInfo(self.zone)
        return datetime.combine(self.of(now) + timedelta(days=1), datetime.min.time(), where).astimezone(now.tzinfo)


class Rests(Table):
    """How long a sender rests, and after how many texts that carriers filtered."""

    rate_minutes: Annotated[int, Field(ge=1, le=1440)] = 1
    filtered_after: Annotated[int, Field(ge=1)] = 3
    filtered_within_hours: Hours = 24
    filtered_hours: Hours = 24


class Verified(Table):
    """How the figures were read."""

    on: date
    how: Literal["read", "read-2nd", "recalled"]


class TypeRate(Table):
    """What one sender of a type may send, and whether people can reply to it."""

    name: OneOf[SenderType]
    segments_per_second: Rate
    answers: bool
    source: Annotated[str, Field(min_length=1)]
    verified: Verified


class Links(Table):
    """Hosts whose short links carriers filter."""

    shorteners: Several[str] = ()


class SenderPolicy(Table):
    """The whole file."""

    day: Day = Day()
    rests: Rests = Rests()
    links: Links = Links()
    type: Several[TypeRate] = ()

    @model_validator(mode="after")
    def _each_type_once(self) -> Self:
        names = [entry.name for entry in self.type]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise ValueError(f"names the type '{twice[0]}' twice")
        return self

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the file; raises UserError for what cannot be used, or a type of sender that it leaves out."""
        found = checked(cls, parse_toml(text, FILE), FILE)
        missing = sorted(set(SenderType) - {entry.name for entry in found.type})
        if missing:
            raise UserError(f"{FILE}: it says nothing of '{missing[0]}'; add a [[type]] of that name.")
        return found

    def rate_of(self, sender: TextSender, fallback: float) -> float:
        """Segments a second: the sender's own, else its type's, else ``fallback`` where no type was ever said."""
        if sender.segments_per_second is not None:
            return sender.segments_per_second
        rates = {entry.name: entry.segments_per_second for entry in self.type}
        return fallback if sender.type is None else rates.get(sender.type, fallback)

    def answers(self, type_: SenderType) -> bool:
        """Whether people can reply to a sender of that type."""
        return all(entry.answers for entry in self.type if entry.name is type_)
