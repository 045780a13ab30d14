"""Which of our numbers are near a person's: of the same area code, else region, else country."""

from collections.abc import Callable, Sequence

import phonenumbers

PlaceOf = Callable[[str], str | None]


def nearest(to: str, addresses: Sequence[str], region_of: PlaceOf) -> list[str]:
    """Those of the person's area code, else region, else country; all of them where none is near."""
    for place_of in (area, region_of, country):
        place = place_of(to)
        near = [address for address in addresses if place is not None and place_of(address) == place]
        if near:
            return near
    return list(addresses)


def area(number: str) -> str | None:
    """The country and area code of a number; None where it has none, as a short code or a name."""
    if not number.startswith("+"):
        return None
    parsed = phonenumbers.parse(number)
    length = phonenumbers.length_of_geographical_area_code(parsed)
    return f"+{parsed.country_code} {phonenumbers.national_significant_number(parsed)[:length]}" if length else None


def country(number: str) -> str | None:
    """The country of a number, None for anything else."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(number)) if number.startswith("+") else None
