"""Where a contact may be: every jurisdiction whose rules bind and every time zone that must agree.

Evidence is united, never overridden: a person with a Florida number and an Oregon address is asked under both, and an
attempt is in time only where it is in time in every zone.
"""

from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from orchestrator.compliance.numbering import SHARED, Country, Numbering, Origin, Spot, union
from orchestrator.compliance.zone import zone
from orchestrator.domain.contact_request import ContactFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Jurisdictions and zones that a contact may be in; ``guessed`` says in words what was not known."""

    number_is_valid: bool
    countries: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    zone_names: tuple[str, ...]
    zones: tuple[ZoneInfo, ...]
    guessed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What the contact's address says, as far as it bears on one country."""

    region: str | None = None
    unread: bool = False  # a region is stated that the country does not have
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
        names = union([*(zones for _, zones, _ in found), (time_zone,) if time_zone else ()])
        return Place(
            number_is_valid=origin.country is not None,
            countries=countries,
            jurisdictions=union(jurisdictions for jurisdictions, _, _ in found),
            zone_names=names,
            zones=tuple(zone(name) for name in names),
            guessed=" ".join(words for _, _, words in found if words),
        )

    def _canonical(self, country: str | None) -> str | None:
        """A territory's own code becomes the country whose law it shares."""
        return self.numbering.territories.get(country, country) if country else None

    def _home(self, origin: Origin, stated: str | None, region: str | None) -> tuple[str | None, str | None]:
        """The country and region of the address; the number's country where no other is stated."""
        if stated and stated in self.numbering.territories:
            return self.numbering.territories[stated], stated
        return stated or self._canonical(origin.country), region

    def _address(self, home: str | None, region: str | None, postal_code: str | None, time_zone: str | None) -> Address:
        country = self.numbering.countries.get(home or "")
        if country is None:
            return Address(placed=time_zone is not None)
        spot = country.place(postal_code) if postal_code else None
        named = region.removeprefix(f"{country.code}-") if region else None
        unread = named is not None and named not in country.regions
        return Address(region=None if unread else named, unread=unread, spot=spot, placed=bool(spot or time_zone))

    def _in_country(self, code: str, origin: Origin, address: Address) -> tuple[tuple[str, ...], tuple[str, ...], str]:
        country = self.numbering.countries.get(code)
        if country is None:
            return (code,), (), ""
        own = self._canonical(origin.country) == code
        regions = union(
            (
                (address.region,) if address.region else (),
                address.spot.regions if address.spot else (),
                self._number_regions(origin) if own else (),
            )
        )
        zones = _zones(country, address, origin.zones if own else ())
        known = regions and not address.unread
        asked = regions if known else tuple(sorted(country.regions))
        words = "" if known else f"Where in {country.name} the contact is is not known, so every part of it is asked."
        return (code, *(f"{code}-{region}" for region in asked)), zones, words

    def _number_regions(self, origin: Origin) -> tuple[str, ...]:
        territory = origin.country in self.numbering.territories
        return (origin.country,) if territory and origin.country else origin.regions


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
