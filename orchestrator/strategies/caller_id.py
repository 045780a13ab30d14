"""Which of its numbers a campaign shows to whom."""

from collections.abc import Callable, Collection, Sequence

import phonenumbers

from orchestrator.domain.campaign import VoicePlan

RegionOf = Callable[[str], str | None]


def _no_region(_number: str) -> str | None:
    return None


def choose_caller_id(
    voice: VoicePlan,
    to: str,
    contact_id: int,
    *,
    resting: Collection[str] = (),
    region_of: RegionOf = _no_region,
) -> str | None:
    """The caller id for this contact, the same each time; None where all of them rest.

    A number that rests is never shown: whoever could not be called from another waits until one may be used again.

    With local presence the nearest are preferred: of the same area code, then of the same region as ``region_of``
    knows it, then of the same country. Among equals the contact decides, so that all take their turn.
    """
    usable = [number for number in voice.caller_ids if number not in resting]
    if not usable:
        return None
    if voice.local_presence:
        usable = _nearest(to, usable, region_of)
    return usable[contact_id % len(usable)]


def _nearest(to: str, usable: Sequence[str], region_of: RegionOf) -> list[str]:
    for place_of in (_area, region_of, _country):
        place = place_of(to)
        near = [number for number in usable if place is not None and place_of(number) == place]
        if near:
            return near
    return list(usable)


def _area(number: str) -> str | None:
    parsed = phonenumbers.parse(number)
    length = phonenumbers.length_of_geographical_area_code(parsed)
    national = phonenumbers.national_significant_number(parsed)
    return f"+{parsed.country_code} {national[:length]}" if length else None


def _country(number: str) -> str | None:
    return phonenumbers.region_code_for_number(phonenumbers.parse(number))
