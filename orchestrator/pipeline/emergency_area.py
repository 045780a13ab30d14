"""The parts of a jurisdiction that an emergency is confined to: those that nobody can be found in are refused."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache

import zipcodes

from orchestrator.compliance.country import Country
from orchestrator.compliance.numbering import Numbering
from orchestrator.domain.emergency import Emergency
from orchestrator.domain.errors import UserError

KINDS = (" county", " parish", " borough", " census area", " municipio", " municipality")
SAINTS: Mapping[str, str] = {"saint": "st", "sainte": "ste"}  # the postal table itself writes St and St.


def require_known(emergency: Emergency, numbering: Numbering, where: str) -> None:
    """Raise UserError for a place, a county, a postal code or an area code that would meet nobody."""
    place = emergency.jurisdiction
    country, _, region = place.partition("-")
    plan = numbering.countries.get(country)
    if plan is None or (region and region not in plan.regions):
        raise UserError(f"{where}: '{place}' is no jurisdiction that anybody is contacted in; write it as in US-LA.")
    wrong = next(_mistaken(emergency, plan, numbering), None)
    if wrong is not None:
        raise UserError(f"{where}: {wrong}")


def _mistaken(emergency: Emergency, plan: Country, numbering: Numbering) -> Iterator[str]:
    place = emergency.jurisdiction
    region = place.partition("-")[2]
    for county in emergency.counties:
        if plan.postal != "zip":
            yield f"counties are known in the United States alone; name postal codes of {place}, or all of it."
        elif plain_county(county) not in counties_of(region):
            yield f"{place} has no county '{county}'; {_nearest(county, region)}"
    for prefix in emergency.postal_codes:
        regions = _regions_of(prefix, plan)
        if plan.postal != "none" and not (region in regions if region else regions):
            yield f"no postal code of {place} begins with {prefix}{_elsewhere(plan.code, regions)}."
    for code in emergency.area_codes:
        origin = numbering.area_codes.get(code)
        if origin is None or origin.country != plan.code or (region and region not in origin.regions):
            found = (origin.country or "", origin.regions) if origin else ("", ())
            yield f"{code} is no area code of {place}{_elsewhere(*found)}."


def _nearest(county: str, region: str) -> str:
    known = counties_of(region)
    close = get_close_matches(plain_county(county), known, n=1)
    return f"did you mean '{known[close[0]]}'?" if close else "name postal codes where it goes by another name."


def _elsewhere(country: str, regions: tuple[str, ...]) -> str:
    return f", but of {', '.join(f'{country}-{region}' for region in regions)}" if regions else ""


def _regions_of(prefix: str, plan: Country) -> tuple[str, ...]:
    """The regions with a postal code that begins so."""
    if plan.postal == "zip":
        return tuple(sorted(_states_by_prefix().get(prefix, ())))
    spots = (spot for key, spot in plan.postal_prefixes.items() if key.startswith(prefix) or prefix.startswith(key))
    return tuple(sorted({region for spot in spots for region in spot.regions}))


@lru_cache(maxsize=1)
def _states_by_prefix() -> Mapping[str, set[str]]:
    """The states of the postal codes by their first three, four and five digits."""
    found: dict[str, set[str]] = {}
    for code, state, _ in _table():
        for size in (3, 4, 5):
            found.setdefault(code[:size], set()).add(state)
    return found


@lru_cache(maxsize=64)
def counties_of(region: str) -> Mapping[str, str]:
    """The counties of a US state, or of all, as the postal table writes them, by their plain name."""
    return {plain_county(county): county for _, state, county in _table() if county and region in {"", state}}


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[str, str, str], ...]:
    """Postal code, state and county of the United States."""
    rows = zipcodes.list_all()  # type: ignore[no-untyped-call]
    return tuple((row["zip_code"], row["state"], row["county"] or "") for row in rows if row["country"] == "US")


@lru_cache(maxsize=65_536)
def county_of(zip_code: str) -> str | None:
    """The plain name of the county of a US postal code; None where the table has none."""
    if not (zip_code.isascii() and zip_code.isdecimal()):
        return None
    found = zipcodes.matching(zip_code)  # type: ignore[no-untyped-call]
    return plain_county(found[0]["county"]) if found and found[0]["county"] else None


def plain_county(name: str) -> str:
    """A county's name for comparing, as in st tammany for Saint Tammany Parish."""
    words = name.casefold().replace(".", "").split()
    plain = " ".join(SAINTS.get(word, word) for word in words)
    kind = next((kind for kind in KINDS if plain.endswith(kind)), "")
    return plain.removesuffix(kind)
