"""Where a contact may be: every jurisdiction whose rules bind and every time zone that must agree.

Evidence is united, never overridden: a person with a Florida number and an Oregon address is asked under both, and an
attempt is in time only where it is in time in every zone.
"""

from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from orchestrator.compliance.country import City, Country, Spot, union
from orchestrator.compliance.numbering import SHARED, Numbering, Origin
from orchestrator.compliance.zone import zone
from orchestrator.domain.contact_request import ContactFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Jurisdictions and zones that a contact may be in; ``guessed`` says in words what was not known.

    ``cities`` are those with law of their own, beside the countries and regions of ``jurisdictions``.
    """

    number_is_valid: bool
    countries: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    cities: tuple[str, ...]
    zone_names: tuple[str, ...]
    zones: tuple[ZoneInfo, ...]
    guessed: str = ""

    def is_in_any(self, jurisdictions: frozenset[str]) -> bool:
        """Whether the contact may be in one of them."""
        return not (jurisdictions.isdisjoint(self.jurisdictions) and jurisdictions.isdisjoint(self.cities))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the evidence says of one country."""

    jurisdictions: tuple[str, ...]
    cities: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    guessed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What the contact's address says, as far as it bears on one country."""

    region: str | None = None
    unread: bool = False  # a region is stated that the country does not have
    postal_code: str | None = None
    spot: Spot | None = None
    placed: bool = False  # a zone is stated, or the postal code can be placed, here or in another country


class PlaceFinder:
    """Finds the places that contacts may be in, remembering what it found for the same evidence."""

    def __init__(self, numbering: Numbering) -> None:
        self.numbering = numbering
        self._find = lru_cache(maxsize=65_536)(self._find_anew)

    def find(self, contact: ContactFacts) -> Place:
        """Every place that the contact may be in."""
        origin = self.numbering.origin(contact.number)
        return self._find(origin, contact.country, contact.region, contact.postal_code, contact.time_zone)

    def _find_anew(
        self, origin: Origin, stated: str | None, region: str | None, postal_code: str | None, time_zone: str | None
    ) -> Place:
        home, region = self._home(origin, stated, region)
        own = None if stated and origin.key == SHARED else self._canonical(origin.country)
        countries = tuple(dict.fromkeys(code for code in (own, home) if code))
        at_home = self._address(home, region, postal_code, time_zone)
        away = Address(placed=at_home.placed)
        found = [self._in_country(code, origin, at_home if code == home else away) for code in countries]
        names = union([*(country.zones for country in found), (time_zone,) if time_zone else ()])
        return Place(
            number_is_valid=origin.country is not None,
            countries=countries,
            jurisdictions=union(country.jurisdictions for country in found),
            cities=union(country.cities for country in found),
            zone_names=names,
            zones=tuple(zone(name) for name in names),
            guessed=" ".join(country.guessed for country in found if country.guessed),
        )

    def _canonical(self, country: str | None) -> str | None:
        """A territory's own code becomes the country whose law it shares."""
        return self.numbering.territories.get(country, country) if country else None

    def _home(self, origin: Origin, stated: str | None, region: str | None) -> tuple[str | None, str | None]:
        """The country and region of the address; the number's country, and its territory, where no other is stated."""
        country = stated or origin.country
        if country and country in self.numbering.territories:
            return self.numbering.territories[country], (stated or region or country)
        return country, region

    def _address(self, home: str | None, region: str | None, postal_code: str | None, time_zone: str | None) -> Address:
        country = self.numbering.countries.get(home or "")
        if country is None:
            return Address(placed=time_zone is not None)
        spot = country.place(postal_code) if postal_code else None
        named = region.removeprefix(f"{country.code}-") if region else None
        foreign = named is not None and named not in country.regions
        return Address(
            region=None if foreign else named,
            unread=foreign and country.regions_bind,
            postal_code=postal_code if spot else None,
            spot=spot,
            placed=bool(spot or time_zone),
        )

    def _in_country(self, code: str, origin: Origin, address: Address) -> Found:
        country = self.numbering.countries.get(code)
        if country is None:
            return Found(jurisdictions=(code,))
        own = self._canonical(origin.country) == code
        regions = union(
            (
                (address.region,) if address.region else (),
                address.spot.regions if address.spot else (),
                self._number_regions(origin) if own else (),
            )
        )
        zones = _zones(country, address, origin.zones if own else ())
        known = not country.regions_bind or (regions and not address.unread)
        asked = regions if known else tuple(sorted(country.regions))
        words = (
            "" if known else f"It is not known where in {country.name} the contact is, so every part of it is asked."
        )
        cities = [city.code for city in country.cities if city.region in asked and _may_be_in(city, origin, address)]
        return Found(
            jurisdictions=(code, *(f"{code}-{region}" for region in asked)),
            cities=tuple(f"{code}-{city}" for city in cities),
            zones=zones,
            guessed=words,
        )

    def _number_regions(self, origin: Origin) -> tuple[str, ...]:
        territory = origin.country in self.numbering.territories
        return (origin.country,) if territory and origin.country else origin.regions


def _may_be_in(city: City, origin: Origin, address: Address) -> bool:
    if origin.key.removeprefix("+1") in city.area_codes:
        return True
    if address.postal_code:
        return address.postal_code.startswith(city.postal_prefixes)
    # A region without a postal code says nothing of the city; an area code of the region's other parts alone does.
    return address.region == city.region or city.region not in origin.regions


def _zones(country: Country, address: Address, of_number: tuple[str, ...]) -> tuple[str, ...]:
    """The zones in one country.

    In the United States the region's join where no postal code is placed; elsewhere the region's or the country's join
    where neither a postal code is placed nor a zone stated.
    """
    of_region = country.regions[address.region].zones if address.region else ()
    if address.unread:
        of_region = country.zones
    known = union((address.spot.zones if address.spot else (), of_number))
    if country.code == "US":
        joined = known if address.spot else union((known, of_region))
        return joined or (() if address.placed else country.zones)
    return known if address.placed else union((known, of_region or country.zones))
