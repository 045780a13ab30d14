"""A do-not-call registry as it stood at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

WORLD = "001"  # among countries, as the United Nations number it


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The numbers that a snapshot can speak about; outside them nothing is known.

    ``countries`` are ISO codes or WORLD, ``area_codes`` those of calling code 1. ``asked_only``: the answer of a wash,
    which knows the numbers that it was asked about and no others.
    """

    countries: tuple[str, ...] = ()
    area_codes: tuple[str, ...] = ()
    asked_only: bool = False

    def as_dict(self) -> dict[str, Any]:
        """A JSON form that ``from_dict`` reads."""
        return {
            "countries": list(self.countries),
            "area_codes": list(self.area_codes),
            "asked_only": self.asked_only,
        }

    @classmethod
    def from_dict(cls, form: Mapping[str, Any]) -> Self:
        """Read what ``as_dict`` wrote."""
        return cls(
            countries=tuple(form["countries"]),
            area_codes=tuple(form["area_codes"]),
            asked_only=bool(form["asked_only"]),
        )

    def __str__(self) -> str:
        """In words, for a person."""
        if self.asked_only:
            return "the numbers asked about"
        if WORLD in self.countries:
            return "every country"
        codes = f"{len(self.area_codes)} area code{'s' if len(self.area_codes) != 1 else ''}"
        parts = [", ".join(self.countries), codes if self.area_codes else ""]
        return " and ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySnapshot:
    """One version: whose (``seller_id`` None: the installation's), from when, of how many listed numbers.

    ``digest`` names the immutable file that holds it.
    """

    digest: str
    registry: str
    seller_id: str | None
    obtained_at: datetime
    imported_at: datetime
    source: str
    numbers: int
    coverage: Coverage
