"""Whom a declared emergency meets, and re-opening them when it is over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.contact_request import ContactFacts
from orchestrator.domain.emergency import Emergency
from orchestrator.persistence import emergencies as stored
from orchestrator.persistence import enrollment_cures
from orchestrator.persistence.store import Store
from orchestrator.pipeline.emergency_area import county_of, plain_county

MARK = "declared_emergency"


@dataclass(frozen=True, slots=True)
class Emergencies:
    """The emergencies in force at one moment."""

    active: Sequence[Emergency] = ()

    def marked(self, contact: ContactFacts, rulebook: Rulebook) -> ContactFacts:
        """The contact with the mark, where one of them may meet them."""
        if not self.active:
            return contact
        places = rulebook.places.find(contact).jurisdictions
        near = [emergency for emergency in self.active if emergency.jurisdiction in places]
        if not any(_in_area(emergency, contact, rulebook) for emergency in near):
            return contact
        return replace(contact, declared_emergency=True)


def in_force(tx: Connection, now: datetime) -> Emergencies:
    """The emergencies of this moment, by command and by feed."""
    return Emergencies(stored.in_force(tx, now))


def meets(emergency: Emergency, contact: ContactFacts, rulebook: Rulebook) -> bool:
    """Whether the contact may be there. What cannot be told, for want of an address, counts as there."""
    places = rulebook.places.find(contact).jurisdictions
    return emergency.jurisdiction in places and _in_area(emergency, contact, rulebook)


def _in_area(emergency: Emergency, contact: ContactFacts, rulebook: Rulebook) -> bool:
    told = list(_told(emergency, contact, rulebook))
    return not told or any(word is not False for word in told)


def _told(emergency: Emergency, contact: ContactFacts, rulebook: Rulebook) -> Iterator[bool | None]:
    """What each kind of evidence says; None where it cannot tell."""
    if emergency.postal_codes or emergency.counties:
        yield _by_address(emergency, contact.postal_code or "", rulebook)
    if emergency.area_codes:
        yield _by_area_code(emergency, contact.number, rulebook)


def _by_address(emergency: Emergency, postal_code: str, rulebook: Rulebook) -> bool | None:
    """None without a postal code of that jurisdiction: the number alone may put the person there."""
    country, _, region = emergency.jurisdiction.partition("-")
    spot = rulebook.numbering.countries[country].place(postal_code) if postal_code else None
    if spot is None or (region and region not in spot.regions):
        return None
    county = county_of(postal_code[:5]) if emergency.counties else None
    if emergency.counties and county is None:
        return None
    in_county = county in {plain_county(name) for name in emergency.counties}
    return in_county or postal_code.startswith(emergency.postal_codes)


def _by_area_code(emergency: Emergency, number: str, rulebook: Rulebook) -> bool | None:
    country, _, region = emergency.jurisdiction.partition("-")
    origin = rulebook.numbering.origin(number)
    at_home = region in origin.regions if region else country == origin.country
    return number[2:5] in emergency.area_codes if at_home else None


def rules_that_ask(rulebook: Rulebook) -> dict[str, frozenset[str]]:
    """The rules that bind in a declared emergency, with their jurisdictions."""
    marked = (rule for rule in rulebook.rules if getattr(rule.check, "mark", None) == MARK)
    return {rule.id: rule.heading.applies.jurisdictions for rule in marked}


def rules_asking(rulebook: Rulebook, place: str) -> list[str]:
    """The rules that bind in an emergency in that place; none where it would hold nobody."""
    around = {place, place.partition("-")[0]}
    return sorted(rule for rule, where in rules_that_ask(rulebook).items() if around & where)


def reopen(store: Store, rulebook: Rulebook, now: datetime) -> int:
    """Make due whoever was blocked by an emergency that is over; how many."""
    with store.read() as tx:
        over = stored.over(tx, now)
    if not over:
        return 0
    opened = enrollment_cures.reopen_refused_by(store, tuple(rules_that_ask(rulebook)), now)
    with store.write() as tx:
        stored.mark_reopened(tx, over, now)
    return opened
