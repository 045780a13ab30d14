"""A national do-not-call list that nobody wrote: as flat text, an area code a file, numbers ascending."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from orchestrator.registries.numbering import AREA, area_codes_of

Inside = npt.NDArray[np.int64]  # numbers of an area code, 0 to 9,999,999
SEED = 20261122


def write(folder: Path, numbers: int) -> list[Path]:
    """Files of so many numbers in all, ``AAA,NNNNNNN`` a line, over every area code of the United States."""
    return [_write_one(folder, area, inside) for area, inside in areas(numbers)]


def areas(numbers: int) -> Iterator[tuple[int, Inside]]:
    """Each area code with its share of the numbers: the same at every call."""
    codes = sorted(area_codes_of("US"))
    for index, area in enumerate(codes):
        share = numbers // len(codes) + (index < numbers % len(codes))
        yield area, chosen(area, share)


def chosen(area: int, share: int) -> Inside:
    """So many different numbers of an area code, ascending."""
    chance = np.random.default_rng(SEED + area)
    picked = np.zeros(AREA, np.bool_)
    missing = share
    while missing:
        picked[chance.integers(0, AREA, missing)] = True
        missing = share - int(picked.sum())
    return np.flatnonzero(picked)


def asked(count: int) -> list[str]:
    """So many different numbers to ask about, of which some are listed."""
    chance, codes = np.random.default_rng(SEED), np.array(sorted(area_codes_of("US")))
    numbers = np.unique(chance.choice(codes, count * 2) * AREA + chance.integers(0, AREA, count * 2))
    return [f"+1{number}" for number in chance.permutation(numbers)[:count].tolist()]


def _write_one(folder: Path, area: int, inside: Inside) -> Path:
    rows = np.empty((len(inside), len("AAA,NNNNNNN\n")), np.uint8)
    rows[:, :4] = np.frombuffer(f"{area},".encode(), np.uint8)
    rest = inside.copy()
    for place in range(10, 3, -1):
        rest, digit = np.divmod(rest, 10)
        rows[:, place] = digit + ord("0")
    rows[:, -1] = ord("\n")
    path = folder / f"{area}.txt"
    path.write_bytes(rows.tobytes())
    return path
