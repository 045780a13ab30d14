"""Rows that all have their digits in the same places, read a block at a time: a national list has 250 million."""

import numpy as np
import numpy.typing as npt

from orchestrator.registries.numbering import NANP, NANP_FIRST, Numbers

ZERO = ord("0")
NATIONAL_DIGITS = 10


def read(block: bytes, first: int) -> Numbers | None:
    """The numbers of a block whose rows are shaped as its first, which is ``first``; None where one is not.

    For calling code 1 alone, where a row's digits are its national number.
    """
    row_bytes = block.find(b"\n") + 1
    if row_bytes == 0 or len(block) % row_bytes or str(first)[0] != str(NANP):
        return None
    table = np.frombuffer(block, np.uint8).reshape(-1, row_bytes)
    places = _digit_places(table)
    if places is None or len(places) != NATIONAL_DIGITS:
        return None
    numbers = _national(table, places) + np.uint64(NANP_FIRST)
    areas_exist = bool((table[:, places[0]] >= ZERO + 2).all())
    return numbers if areas_exist and int(numbers[0]) == first else None


def _digit_places(table: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64] | None:
    """Where the digits stand, when they and everything between them stand alike in every row."""
    is_digit = (table - ZERO) <= 9  # below zero wraps round and is no digit
    if not (is_digit == is_digit[0]).all():
        return None
    between = ~is_digit[0]
    if not (table[:, between] == table[0, between]).all():
        return None
    return np.flatnonzero(is_digit[0])


def _national(table: npt.NDArray[np.uint8], places: npt.NDArray[np.int64]) -> Numbers:
    numbers = np.zeros(len(table), np.uint64)
    for place in places:
        numbers *= np.uint64(10)
        numbers += table[:, place] - ZERO
    return numbers
