"""Which numbers a coverage speaks of."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
import numpy.typing as npt

from orchestrator.domain.errors import UserError
from orchestrator.domain.registry_snapshot import WORLD, Coverage
from orchestrator.registries.numbering import (
    AREA,
    AREA_CODES,
    NANP,
    NANP_END,
    NANP_FIRST,
    Numbers,
    area_codes,
    area_codes_of,
    calling_code_of,
    country_by_area_code,
    with_calling_code,
)

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scope:
    """A coverage as numbers have it: area codes of calling code 1, and the other calling codes."""

    area_codes: frozenset[int]
    prefixes: tuple[str, ...]  # an empty one begins every number

    @classmethod
    def of(cls, coverage: Coverage) -> Self:
        """The scope of a coverage; raises UserError for a country that is none."""
        if WORLD in coverage.countries:
            return cls.everywhere()
        codes = {country: calling_code_of(country) for country in coverage.countries}
        inside = {area for country, code in codes.items() if code == NANP for area in area_codes_of(country)}
        others = sorted({str(code) for code in codes.values() if code != NANP})
        return cls(frozenset(inside | set(map(int, coverage.area_codes))), tuple(others))

    @classmethod
    def everywhere(cls) -> Self:
        """The scope of every number."""
        return cls(frozenset(AREA_CODES), ("",))

    def contains(self, other: "Scope") -> bool:
        """Whether it leaves nothing of the other out."""
        return other.area_codes <= self.area_codes and (
            "" in self.prefixes or set(other.prefixes) <= set(self.prefixes)
        )

    def __or__(self, other: "Scope") -> "Scope":
        """Both together."""
        prefixes = sorted({*self.prefixes, *other.prefixes})
        return Scope(self.area_codes | other.area_codes, tuple(prefixes))

    def __sub__(self, other: "Scope") -> "Scope":
        """What the other leaves."""
        prefixes = () if "" in other.prefixes else tuple(p for p in self.prefixes if p not in other.prefixes)
        return Scope(self.area_codes - other.area_codes, prefixes)

    def __and__(self, other: "Scope") -> "Scope":
        """What both speak of."""
        return self - (self - other)

    def __bool__(self) -> bool:
        """Whether it speaks of anything."""
        return bool(self.area_codes or self.prefixes)

    def covers_one(self, number: int) -> bool:
        """Whether it speaks of this number."""
        if NANP_FIRST <= number < NANP_END:
            return number // AREA - 1000 in self.area_codes
        return str(number).startswith(self.prefixes)

    def covers(self, numbers: Numbers) -> Mask:
        """Of which of the numbers it speaks."""
        if "" in self.prefixes:
            return np.ones(len(numbers), np.bool_)
        matches = _table(self.area_codes)[area_codes(numbers)]
        for prefix in self.prefixes:
            matches |= with_calling_code(numbers, int(prefix))
        return matches

    def admits(self, numbers: Numbers) -> Mask:
        """Which numbers a file of this scope may hold: of area codes that are nobody's or shared, too."""
        nobodys = frozenset(code for code in AREA_CODES if code not in country_by_area_code())
        return self.covers(numbers) | _table(nobodys)[area_codes(numbers)]

    def admits_area(self, area_code: int) -> bool:
        """Whether it may hold numbers of an area code of calling code 1."""
        return area_code in self.area_codes or area_code not in country_by_area_code()


NOTHING = Scope(frozenset(), ())


def parse(text: str) -> Coverage:
    """Read ``US,GB`` or ``212,315``; raises UserError that names the part that is neither."""
    parts = [part.strip().upper() for part in text.split(",") if part.strip()]
    areas = [part for part in parts if part.isascii() and part.isdigit()]
    for part in areas:
        if len(part) != 3 or int(part) not in AREA_CODES:
            raise UserError(f"--coverage: '{part}' is no area code; it has three digits, as in 504.")
    countries = [part for part in parts if part not in areas]
    for part in countries:
        if len(part) != 2 or not part.isalpha():
            forms = "a country (two letters, as in US) nor an area code (three digits, as in 504)"
            raise UserError(f"--coverage: '{part}' is neither {forms}.")
    if not parts:
        raise UserError("--coverage is empty; give countries or area codes, as in US or 212,315.")
    coverage = Coverage(countries=tuple(sorted(set(countries))), area_codes=tuple(sorted(set(areas))))
    Scope.of(coverage)
    return coverage


@lru_cache(maxsize=64)
def _table(codes: frozenset[int]) -> Mask:
    table = np.zeros(1000, np.bool_)
    table[list(codes)] = True
    table.flags.writeable = False
    return table
