"""Numbers gathered in any order: bitmaps where an area code is dense, sorted arrays where it is not."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from orchestrator.registries.numbering import AREA, NANP_FIRST, Numbers, area_codes, ascending
from orchestrator.registries.scope import Scope
from orchestrator.registries.snapshot import Snapshot
from orchestrator.registries.snapshot_file import BITMAP_BYTES, Bitmap, Payload, count

DENSE = BITMAP_BYTES // 8  # numbers of an area code that take as much room sorted as in a bitmap


class Gathering:
    """What has been read so far. Listed numbers of calling code 1 go into bitmaps at once, whatever their order."""

    def __init__(self) -> None:
        self.records = 0
        self._bitmaps: dict[int, Bitmap] = {}
        self._others: list[Numbers] = []
        self._asked: list[Numbers] = []
        self._removed: list[Numbers] = []

    @property
    def area_codes(self) -> set[int]:
        """Those in which a number is listed."""
        return set(self._bitmaps)

    def add(self, numbers: Numbers, listed: npt.NDArray[np.bool_], wash: bool) -> None:
        """Take a batch; of a wash, remember what was asked too."""
        self.records += len(numbers)
        if wash:
            self._asked.append(numbers)
        self._list(numbers[listed])

    def take(self, snapshot: Snapshot, scope: Scope) -> None:
        """Begin with what a snapshot lists in the scope; area codes that are nobody's belong to every scope."""
        for area, bitmap in snapshot.dense():
            if scope.admits_area(area):
                mine = self._bitmaps.setdefault(area, np.zeros(BITMAP_BYTES, np.uint8))
                mine |= bitmap
        sparse = snapshot.sparse()
        members = sparse[scope.admits(sparse)]
        self._list(members)

    def remove(self, numbers: Numbers) -> None:
        """Take these numbers out; none of them may be added as well."""
        areas = area_codes(numbers)
        self._removed.append(numbers[areas == 0])
        for area, members in _by_area(numbers[areas > 0], areas[areas > 0]):
            if area in self._bitmaps:
                keep = ~np.left_shift(1, members & 7).astype(np.uint8)
                np.bitwise_and.at(self._bitmaps[area], members >> 3, keep)

    def payload(self) -> Payload:
        """Everything, each number once; thin area codes as sorted numbers."""
        dense = {area: bitmap for area, bitmap in self._bitmaps.items() if count(bitmap) > DENSE}
        thin = [_numbers(area, self._bitmaps[area]) for area in sorted(self._bitmaps.keys() - dense.keys())]
        others = np.setdiff1d(ascending(self._others), ascending(self._removed), assume_unique=True)
        return Payload(dense, ascending([*thin, others]), ascending(self._asked))

    def _list(self, found: Numbers) -> None:
        areas = area_codes(found)
        self._others.append(found[areas == 0])
        for area, members in _by_area(found[areas > 0], areas[areas > 0]):
            bitmap = self._bitmaps.setdefault(area, np.zeros(BITMAP_BYTES, np.uint8))
            np.bitwise_or.at(bitmap, members >> 3, np.left_shift(1, members & 7).astype(np.uint8))


def _by_area(numbers: Numbers, areas: npt.NDArray[np.int64]) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Each area code with the numbers inside it, as 0 to 9,999,999."""
    if len(areas) and areas.min() == areas.max():  # as in a national list, which comes by area code
        yield int(areas[0]), (numbers % np.uint64(AREA)).astype(np.int64)
        return
    order = np.argsort(areas.astype(np.uint16), kind="stable")  # 16 bits sort by radix
    inside = (numbers[order] % np.uint64(AREA)).astype(np.int64)
    found, starts = np.unique(areas[order], return_index=True)
    yield from zip(found.tolist(), np.split(inside, starts[1:]), strict=False)


def _numbers(area: int, bitmap: Bitmap) -> Numbers:
    filled = np.flatnonzero(bitmap)  # unpacking the empty bytes of every thin area code would take seconds
    at, bit = np.nonzero(np.unpackbits(bitmap[filled, np.newaxis], axis=1, bitorder="little"))
    return (filled[at] * 8 + bit).astype(np.uint64) + np.uint64(NANP_FIRST + area * AREA)
