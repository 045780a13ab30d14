"""Everything that a call may have been: what is not known of it, read in each way that it can be."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from orchestrator.compliance.jurisdiction import Place
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.contact_request import Channel, ContactFacts, ContactRequest, LineType, Mode

Reading = tuple[ContactRequest, Place]


def readings_of(rulebook: Rulebook, request: ContactRequest, place: Place) -> list[Reading]:
    """Every line type, mode and place that the call may have had; one reading where all is known."""
    return list(_readings(rulebook, request, place))


def open_question(readings: Sequence[Reading]) -> str:
    """What would settle it."""
    what: dict[str, set[object]] = {
        "the line type": {request.contact.line_type for request, _ in readings},
        "the mode of the call": {request.attempt.mode for request, _ in readings},
        "where the person is": {place.zone_names + place.jurisdictions for _, place in readings},
    }
    return " and ".join(words for words, values in what.items() if len(values) > 1)


def _readings(rulebook: Rulebook, request: ContactRequest, place: Place) -> Iterator[Reading]:
    """Everything that the call may have been, as far as is known."""
    contact, attempt = request.contact, request.attempt
    unknown_line = contact.line_type is LineType.UNKNOWN
    lines = (LineType.LANDLINE, LineType.MOBILE) if unknown_line else (contact.line_type,)
    unknown_mode = attempt.channel is Channel.VOICE and attempt.mode is None
    modes = (Mode.MANUAL, Mode.PREDICTIVE) if unknown_mode else (attempt.mode,)
    for line, mode, where in product(lines, modes, _places(rulebook, contact, place)):
        yield (
            replace(request, contact=replace(contact, line_type=line), attempt=replace(attempt, mode=mode)),
            where,
        )


def _places(rulebook: Rulebook, contact: ContactFacts, place: Place) -> tuple[Place, ...]:
    """Every single place that the person may be in; the union alone where the list says it."""
    regions = [name for name in place.jurisdictions if "-" in name]
    said = contact.time_zone or (contact.postal_code and not place.guessed)
    if said or (len(place.zones) < 2 and len(regions) < 2):
        return (place,)
    alone = [_alone(rulebook, place, region) for region in regions] or [place]
    return tuple(
        replace(one, zones=(zone,), zone_names=(zone.key,)) for one in alone for zone in one.zones or place.zones
    )


def _alone(rulebook: Rulebook, place: Place, jurisdiction: str) -> Place:
    """The place if the person is in that region, with those of its zones that are in question."""
    country, _, region = jurisdiction.partition("-")
    spot = rulebook.numbering.countries[country].regions.get(region)
    zones = tuple(zone for zone in place.zones if spot is None or zone.key in spot.zones)
    return replace(place, jurisdictions=(country, jurisdiction), zones=zones or place.zones)
