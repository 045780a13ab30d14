"""A declared emergency: where it is, how long, and who says so; and the feed file that declares them."""

import re
from collections import Counter
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
FIRST_YEAR, LAST_YEAR = 1900, 2199  # beyond the ends of the calendar a moment cannot be told in UTC
MOST = 2000  # each is asked about every contact
NONE = "emergency = []"


def _of_our_time(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"must lie in the years {FIRST_YEAR} to {LAST_YEAR}, not {moment.year}")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_of_our_time)]


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
    since: Moment = Field(alias="from")
    until: Moment | None = None
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
    tables = parse_toml(text, name)
    _refuse_what_says_nothing_or_too_much(tables, name)
    feed = checked(_Feed, tables, name)
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


def _refuse_what_says_nothing_or_too_much(tables: Mapping[str, object], file: str) -> None:
    """A file that was cut short must not be taken for the news that every emergency is over."""
    if not tables:
        raise UserError(f"{file} says nothing; where no emergency is declared, write: {NONE}")
    rows = tables.get("emergency")
    if isinstance(rows, list) and len(rows) > MOST:
        raise UserError(
            f"{file} declares {len(rows):,} emergencies, and at most {MOST:,} are followed: put the postal codes, "
            "counties and area codes of one declaration into one entry."
        )


def _refuse_repeated(file: str, names: list[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise UserError(f"{file}: the id '{name}' stands {count} times; give each emergency its own.")
