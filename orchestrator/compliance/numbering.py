"""Number plans and postal codes as tables: what a number or an address says about country, region and time zone."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

import phonenumbers
import zipcodes
from phonenumbers import timezone as prefix_zones

from orchestrator.compliance.entry import Entry
from orchestrator.domain.errors import UserError

Value = TypeVar("Value")

E164 = re.compile(r"\+[1-9][0-9]{5,14}")
NANP_FILE = "numbering/nanp.toml"
SHARED = "+1"  # the key of toll-free and personal numbers, which the United States and Canada share
MISSPELT_ZONES = {"Napakiak": "America/Anchorage"}  # one row of the postal table names a town where the zone belongs


@dataclass(frozen=True, slots=True)
class Origin:
    """What a number says by itself: no country where it is not valid, no regions where it is not geographic."""

    key: str
    country: str | None = None
    regions: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """Regions and zones that a postal code may stand for."""

    regions: tuple[str, ...]
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """One country's regions, and how its postal codes and area codes are read."""

    code: str
    name: str
    postal: str
    regions: Mapping[str, Spot]
    names: Mapping[str, str]
    postal_prefixes: Mapping[str, Spot] = field(default_factory=dict)
    area_codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    territories: frozenset[str] = frozenset()

    @property
    def zones(self) -> tuple[str, ...]:
        """Every zone of the country as a whole."""
        return union(spot.zones for spot in self.regions.values())

    def place(self, postal_code: str) -> Spot | None:
        """Where that postal code is; None where it cannot be placed."""
        text = postal_code.replace(" ", "").upper()
        if self.postal == "zip":
            return place_zip(text[:5])
        if self.postal == "letters":
            return self.postal_prefixes.get(leading_letters(text))
        return longest(self.postal_prefixes, text)


@dataclass(frozen=True, slots=True)
class Numbering:
    """Every number plan that the rulebook knows."""

    countries: Mapping[str, Country]
    area_codes: Mapping[str, Origin]
    sparse: frozenset[str]
    territories: Mapping[str, str]

    @classmethod
    def parse(cls, files: Mapping[str, str]) -> "Numbering":
        """Read the files under numbering/; UserError names the file and the field that is wrong."""
        parts = {name: text for name, text in files.items() if name.startswith("numbering/")}
        if NANP_FILE not in parts:
            raise UserError(f"The configuration has no {NANP_FILE}.")
        countries = [_country(name, text) for name, text in sorted(parts.items()) if name != NANP_FILE]
        codes, sparse = _area_codes(parts[NANP_FILE])
        return cls(
            countries={country.code: country for country in countries},
            area_codes=codes,
            sparse=sparse,
            territories={region: country.code for country in countries for region in country.territories},
        )

    def origin(self, number: str) -> Origin:
        """What the number says by itself."""
        code = number[2:5]
        known = self.area_codes.get(code)
        if known and number[:2] == "+1" and len(number) == 12 and number.isascii() and number[1:].isdecimal():
            # A code in full use has every number from 200-0000 up: nothing is left to ask the library.
            return known if number[5] >= "2" and code not in self.sparse else self._sparse(number, known)
        return self._foreign(number)

    def _sparse(self, number: str, known: Origin) -> Origin:
        return known if read_number(number).country else Origin(key="")

    def _foreign(self, number: str) -> Origin:
        found = read_number(number)
        country = self.countries.get(found.country or "")
        if country is None or found.key in {"", SHARED}:
            return found
        regions = longest(country.area_codes, found.key) or ()
        return Origin("|".join((country.code, *regions, *found.zones)), found.country, regions, found.zones)

    def label(self, jurisdiction: str) -> str:
        """Its name for people, as in Texas."""
        code, _, region = jurisdiction.partition("-")
        country = self.countries.get(code)
        if country is None:
            return jurisdiction
        return country.names.get(region, jurisdiction) if region else country.name


@lru_cache(maxsize=262_144)
def read_number(number: str) -> Origin:
    """What libphonenumber says of it; ``key`` is the national number of a geographic one, else empty."""
    if not E164.fullmatch(number):
        return Origin(key="")
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return Origin(key="")
    if not phonenumbers.is_valid_number(parsed):
        return Origin(key="")
    country = phonenumbers.region_code_for_number(parsed)
    if not phonenumbers.is_number_geographical(parsed):
        return Origin(SHARED if parsed.country_code == 1 and country in {"US", "CA"} else "", country)
    zones = tuple(sorted(prefix_zones.time_zones_for_geographical_number(parsed)))
    known = () if zones == (prefix_zones.UNKNOWN_TIMEZONE,) else zones
    return Origin(phonenumbers.national_significant_number(parsed), country, (), known)


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


def _country(name: str, text: str) -> Country:
    entry = Entry(name, read_toml(name, text))
    regions = entry.table("regions")
    country = Country(
        code=entry.text("country"),
        name=entry.text("name"),
        postal=entry.one_of("postal", ("zip", "prefix", "letters")),
        names={code: regions.table(code).text("name") for code in regions.fields},
        regions={code: Spot((code,), regions.table(code).texts("zones")) for code in regions.fields},
        postal_prefixes=_spots(entry, "postal_prefixes"),
        area_codes=_area_regions(entry),
        territories=frozenset(entry.texts("territories")),
    )
    entry.finish()
    return country


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


def _area_codes(text: str) -> tuple[dict[str, Origin], frozenset[str]]:
    table = Entry(NANP_FILE, read_toml(NANP_FILE, text)).table("area_codes")
    rows = {code: table.table(code) for code in table.fields}
    origins = {
        code: Origin(f"+1{code}", row.text("country"), row.texts("regions"), row.texts("zones"))
        for code, row in rows.items()
    }
    return origins, frozenset(code for code, row in rows.items() if row.flag("sparse"))
