"""Number plans and postal codes as tables: what a number or an address says about country, region and time zone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import phonenumbers
from phonenumbers import timezone as prefix_zones

from orchestrator.compliance.country import Country, clock_of, longest, read_countries, read_toml
from orchestrator.compliance.entry import Entry
from orchestrator.domain.errors import UserError

E164 = re.compile(r"\+[1-9][0-9]{5,14}")
NANP_FILE = "numbering/nanp.toml"
SHARED = "+1"  # the key of toll-free and personal numbers, which the United States and Canada share
REMEMBERED_PLANS = 4  # one command reads them for several rulebooks, and they are half of what a rulebook takes


@dataclass(frozen=True, slots=True)
class Origin:
    """What a number says by itself: no country where it is not valid, no regions where it is not geographic."""

    key: str
    country: str | None = None
    regions: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()


@dataclass(frozen=True)
class Numbering:
    """Every number plan that the rulebook knows."""

    countries: Mapping[str, Country]
    area_codes: Mapping[str, Origin]
    sparse: frozenset[str]
    territories: Mapping[str, str]

    @classmethod
    def parse(cls, files: Mapping[str, str]) -> "Numbering":
        """Read the files under numbering/; UserError names the file and the field that is wrong."""
        return _read(tuple(sorted(part for part in files.items() if part[0].startswith("numbering/"))))

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
        if country is None or found.key == SHARED:
            return found
        if not found.key:  # a mobile says where it is as far as its country has one clock
            zones = country.zones[:1] if country.has_one_clock else ()
            return Origin("|".join((country.code, *zones)), found.country, (), zones)
        regions = longest(country.area_codes, found.key) or ()
        return Origin("|".join((country.code, *regions, *found.zones)), found.country, regions, found.zones)

    @cached_property
    def jurisdictions(self) -> frozenset[str]:
        """Every country, region and city that a rule may bind."""
        countries = self.countries.values()
        regions = (f"{country.code}-{region}" for country in countries for region in country.regions)
        cities = (f"{country.code}-{city.code}" for country in countries for city in country.cities)
        return frozenset((*self.countries, *regions, *cities))

    def label(self, jurisdiction: str) -> str:
        """Its name for people, as in Texas."""
        code, _, region = jurisdiction.partition("-")
        country = self.countries.get(code)
        if country is None:
            return jurisdiction
        return country.names.get(region, jurisdiction) if region else country.name


@lru_cache(maxsize=REMEMBERED_PLANS)
def _read(files: tuple[tuple[str, str], ...]) -> Numbering:
    parts = dict(files)
    if NANP_FILE not in parts:
        raise UserError(f"The configuration has no {NANP_FILE}.")
    countries = [country for name, text in files if name != NANP_FILE for country in read_countries(name, text)]
    known = {country.code: country for country in countries}
    codes, sparse = _area_codes(parts[NANP_FILE], known)
    return Numbering(
        countries=known,
        area_codes=codes,
        sparse=sparse,
        territories={region: country.code for country in countries for region in country.territories},
    )


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


def _area_codes(text: str, countries: Mapping[str, Country]) -> tuple[dict[str, Origin], frozenset[str]]:
    file = Entry(NANP_FILE, read_toml(NANP_FILE, text))
    table = file.table("area_codes")
    file.finish()
    rows = {code: table.table(code) for code in table.fields}
    origins = {code: _area_code(code, row, countries) for code, row in rows.items()}
    sparse = frozenset(code for code, row in rows.items() if row.flag("sparse"))
    for row in rows.values():
        row.finish()
    return origins, sparse


def _area_code(code: str, row: Entry, countries: Mapping[str, Country]) -> Origin:
    """An area code, of a country and regions that are known, in zones of that country."""
    found = Origin(f"+1{code}", row.text("country"), row.texts("regions"), row.texts("zones"))
    home = next(
        (plan for plan in countries.values() if found.country == plan.code or found.country in plan.territories), None
    )
    if home is None:
        raise row.wrong("country", f"'{found.country}' has no file in numbering/")
    if not home.regions.keys() >= set(found.regions):
        raise row.wrong("regions", f"are not all of {home.name}")
    clocks = {clock_of(name) for spot in home.regions.values() for name in spot.zones}
    if not clocks >= {clock_of(name) for name in found.zones}:
        raise row.wrong("zones", f"show times that no place in {home.name} has")
    return found
