"""A declared emergency: where it is, how long, and who says so; and the feed file that declares them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from orchestrator.domain.errors import UserError
from orchestrator.domain.toml_reading import Several, Table, checked, parse_toml


def _written(pattern: str, form: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"must be {form}, not '{value}'")
        return value

    return AfterValidator(check)


Jurisdiction = Annotated[str, _written(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", "a jurisdiction as in US-LA")]
Prefix = Annotated[str, _written(r"[0-9]{3,5}", "the first three to five digits of postal codes, as in 122")]
AreaCode = Annotated[str, _written(r"[2-9][0-9]{2}", "an area code as in 518")]
Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """One declaration. Without postal codes (prefixes), area codes and counties it is the whole jurisdiction.

    ``until`` None: until somebody ends it.
    """

    name: str
    jurisdiction: str
    since: datetime
    until: datetime | None
    source: str
    citation: str
    postal_codes: tuple[str, ...] = ()
    area_codes: tuple[str, ...] = ()
    counties: tuple[str, ...] = ()

    @property
    def area(self) -> dict[str, list[str]]:
        """The parts that it is confined to, as plain JSON; empty for all of the jurisdiction."""
        parts = {"postal_codes": self.postal_codes, "area_codes": self.area_codes, "counties": self.counties}
        return {name: list(codes) for name, codes in parts.items() if codes}


class _Row(Table):
    id: Annotated[str, Field(min_length=1, max_length=64)]
    jurisdiction: Jurisdiction
    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime | None = None
    source: Text
    citation: Text
    postal_codes: Several[Prefix] = ()
    area_codes: Several[AreaCode] = ()
    counties: Several[Text] = ()

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until is not None and self.until <= self.since:
            raise ValueError("'until' must be later than 'from'")
        return self


class _Feed(Table):
    emergency: Several[_Row] = ()


def parse_feed(text: str, name: str) -> tuple[Emergency, ...]:
    """The emergencies that the file declares; UserError says what is wrong, and then none of it may be used."""
    feed = checked(_Feed, parse_toml(text, name), name)
    found = tuple(_emergency(row) for row in feed.emergency)
    _refuse_repeated(name, [emergency.name for emergency in found])
    return found


def parse_one(fields: Mapping[str, object], what: str) -> Emergency:
    """One emergency in the feed's own fields; UserError says what is wrong."""
    return _emergency(checked(_Row, fields, what))


def _emergency(row: _Row) -> Emergency:
    return Emergency(
        name=row.id,
        jurisdiction=row.jurisdiction,
        since=row.since,
        until=row.until,
        source=row.source,
        citation=row.citation,
        postal_codes=row.postal_codes,
        area_codes=row.area_codes,
        counties=row.counties,
    )


def _refuse_repeated(file: str, names: list[str]) -> None:
    counts: Mapping[str, int] = {name: names.count(name) for name in names}
    for name, count in counts.items():
        if count > 1:
            raise UserError(f"{file}: the id '{name}' stands {count} times; give each emergency its own.")
