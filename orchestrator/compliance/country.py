"""One country as tables: its regions and cities, and how postal codes and area codes place a contact in it."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeVar

import zipcodes

from orchestrator.compliance.entry import Entry
from orchestrator.compliance.zone import zone
from orchestrator.domain.errors import UserError

Value = TypeVar("Value")

WINTER, SUMMER = datetime(2027, 1, 15), datetime(2027, 7, 15)  # noqa: DTZ001 - wall times of whatever zone

MISSPELT_ZONES = {"Napakiak": "America/Anchorage"}  # one row of the postal table names a town where the zone belongs


@dataclass(frozen=True, slots=True)
class Spot:
    """Regions and zones that a postal code may stand for."""

    regions: tuple[str, ...]
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A city with law of its own, told by postal codes (their first digits) and area codes."""

    code: str
    region: str
    postal_prefixes: tuple[str, ...]
    area_codes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """One country's regions, and how its postal codes and area codes are read.

    ``zones`` are those of the country as a whole. Where ``regions_bind``, regions have law of their own, and a contact
    whose region is not known is asked under all of them.
    """

    code: str
    name: str
    postal: str
    regions: Mapping[str, Spot]
    names: Mapping[str, str]
    zones: tuple[str, ...]
    has_one_clock: bool
    regions_bind: bool = True
    postal_prefixes: Mapping[str, Spot] = field(default_factory=dict)
    area_codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    territories: frozenset[str] = frozenset()
    cities: tuple[City, ...] = ()

    def place(self, postal_code: str) -> Spot | None:
        """Where that postal code is; None where it cannot be placed."""
        text = postal_code.replace(" ", "").upper()
        if self.postal == "zip":
            return place_zip(text[:5])
        if self.postal == "letters":
            return self.postal_prefixes.get(leading_letters(text))
        # In a country of one zone every postal code is placed as well as it need be.
        return longest(self.postal_prefixes, text) or (Spot((), self.zones) if self._is_one_zone else None)

    @property
    def _is_one_zone(self) -> bool:
        return self.postal == "none" and len(self.zones) == 1


def read_countries(name: str, text: str) -> Iterator[Country]:
    """The countries of one file: one with its regions, or a table of many that are told by their zones alone."""
    entry = Entry(name, read_toml(name, text))
    if not entry.has("countries"):
        yield _country(entry)
        return
    table = entry.table("countries")
    for code in table.fields:
        yield _plain(code, table.table(code))
    entry.finish()


def _plain(code: str, entry: Entry) -> Country:
    country = Country(
        code=code,
        name=entry.text("name"),
        postal="none",
        regions={},
        names={},
        zones=entry.texts("zones"),
        has_one_clock=one_clock(entry.texts("zones")),
        regions_bind=False,
    )
    entry.finish()
    return country


def _country(entry: Entry) -> Country:
    regions, cities = entry.table("regions"), entry.table("cities") if entry.has("cities") else None
    spots = {code: Spot((code,), regions.table(code).texts("zones")) for code in regions.fields}
    names = {code: regions.table(code).text("name") for code in regions.fields}
    city_names = {code: cities.table(code).text("name") for code in cities.fields} if cities else {}
    whole = entry.texts("zones") or union(spot.zones for spot in spots.values())
    country = Country(
        code=entry.text("country"),
        name=entry.text("name"),
        postal=entry.one_of("postal", ("zip", "prefix", "letters", "none")),
        names=names | city_names,
        regions=spots,
        zones=whole,
        has_one_clock=one_clock(whole),
        regions_bind=not entry.flag("regions_share_one_law"),
        postal_prefixes=_spots(entry, "postal_prefixes"),
        area_codes=_area_regions(entry),
        territories=frozenset(entry.texts("territories")),
        cities=tuple(_city(code, cities.table(code)) for code in cities.fields) if cities else (),
    )
    entry.finish()
    return country


def _city(code: str, entry: Entry) -> City:
    return City(
        code=code,
        region=entry.text("region"),
        postal_prefixes=entry.texts("postal_prefixes"),
        area_codes=frozenset(entry.texts("area_codes")),
    )


def _spots(entry: Entry, field_name: str) -> dict[str, Spot]:
    if not entry.has(field_name):
        return {}
    table = entry.table(field_name)
    rows = {code: table.table(code) for code in table.fields}
    return {code: Spot(row.texts("regions"), row.texts("zones")) for code, row in rows.items()}


def _area_regions(entry: Entry) -> dict[str, tuple[str, ...]]:
    if not entry.has("area_codes"):
        return {}
    table = entry.table("area_codes")
    return {code: table.texts(code) for code in table.fields}


@lru_cache(maxsize=65_536)
def place_zip(code: str) -> Spot | None:
    """Where a US ZIP code is; None for one that is unknown or belongs to the armed forces."""
    if len(code) != 5 or not (code.isascii() and code.isdecimal()):
        return None
    matching: list[dict[str, str]] = zipcodes.matching(code)  # type: ignore[no-untyped-call]
    rows = [row for row in matching if row["country"] == "US" and row["timezone"]]
    if not rows:
        return None
    zones = {MISSPELT_ZONES.get(row["timezone"], row["timezone"]) for row in rows}
    return Spot(tuple(sorted({row["state"] for row in rows})), tuple(sorted(zones)))


def one_clock(zones: Iterable[str]) -> bool:
    """Whether clocks in all of them show the same, winter and summer."""
    return len({clock_of(name) for name in zones}) == 1


def clock_of(name: str) -> tuple[timedelta | None, timedelta | None]:
    """What clocks there show in winter and in summer, from UTC; UserError where there is no such zone."""
    return zone(name).utcoffset(WINTER), zone(name).utcoffset(SUMMER)


def union(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """All of them once, sorted."""
    return tuple(sorted({item for group in groups for item in group}))


def leading_letters(text: str) -> str:
    """The letters before the first digit."""
    return text[: next((at for at, char in enumerate(text) if not char.isalpha()), len(text))]


def longest(table: Mapping[str, Value], text: str) -> Value | None:
    """The value under the longest key that the text begins with."""
    return next((table[text[:size]] for size in range(len(text), 0, -1) if text[:size] in table), None)


def read_toml(name: str, text: str) -> dict[str, object]:
    """The tables in a file's text; UserError names the file."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{name} is not TOML: {error}.") from error
    except RecursionError:
        raise UserError(f"{name} nests its tables too deep to be read.") from None
