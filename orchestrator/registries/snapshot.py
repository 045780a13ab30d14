"""A snapshot opened: what it says of numbers, straight from the mapped file, shared between threads and processes."""

import mmap
from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from orchestrator.domain.contact_request import RegistryAnswer
from orchestrator.domain.registry_snapshot import Coverage
from orchestrator.registries.numbering import AREA, NANP_END, NANP_FIRST, Numbers, area_codes
from orchestrator.registries.scope import Scope
from orchestrator.registries.snapshot_file import (
    BITMAP_BYTES,
    NUMBER_BYTES,
    Bitmap,
    Header,
    State,
    file_of,
    read_header,
    state_of,
    verify,
)

NOT_COVERED, NOT_LISTED, LISTED = 0, 1, 2
States = npt.NDArray[np.int8]  # one of the three for each number


class Snapshot:
    """Immutable after opening, so that any number of threads may ask it."""

    def __init__(self, digest: str, header: Header, view: memoryview) -> None:
        self.digest, self.header = digest, header
        self._file: tuple[Path, State | None] | None = None
        self.coverage = Coverage.from_dict(header.coverage)
        self.scope = Scope.of(self.coverage)
        self._slots = np.full(1000, -1, np.int64)  # where in the bitmaps an area code lies
        self._slots[list(header.dense)] = np.arange(len(header.dense))
        self._slot_by_area = {code: slot for slot, code in enumerate(header.dense)}
        end = len(header.dense) * BITMAP_BYTES
        middle = end + header.sparse * NUMBER_BYTES
        self._bits, self._bitmaps = view[:end], np.frombuffer(view[:end], np.uint8)
        self._sparse, self._asked = view[end:middle].cast("Q"), view[middle:].cast("Q")
        self._answers = self._answer(False), self._answer(True)

    @classmethod
    def open(cls, folder: Path, digest: str) -> Self:
        """Map the file, once every bit of it has been checked; raises SnapshotDamagedError.

        A changed bit would make a listed number look unlisted; checking costs a second for half a gigabyte, once a
        process and version.
        """
        path = file_of(folder, digest)
        state = state_of(path)  # before it is read: a change while it is read is seen afterwards
        verify(path)
        header, start = read_header(path)
        view = memoryview(b"")
        if header.payload_bytes:
            with path.open("rb") as file:
                view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))[start:]
        opened = cls(digest, header, view)
        opened._file = path, state
        return opened

    @property
    def is_untouched(self) -> bool:
        """Whether nobody wrote to its file since. To read one that was cut off meanwhile ends the process."""
        return self._file is None or state_of(self._file[0]) == self._file[1]

    @property
    def registry(self) -> str:
        """Which registry it is of."""
        return self.header.registry

    @property
    def obtained_at(self) -> datetime:
        """When its files were got."""
        return datetime.fromisoformat(self.header.obtained_at)

    def answer(self, number: int) -> RegistryAnswer | None:
        """What it says of one number, None where it does not speak of it."""
        if self._lists(number):
            return self._answers[1]
        return self._answers[0] if self._knows(number) else None

    def states(self, numbers: Numbers) -> States:
        """What it says of each number."""
        known = _contains(self._asked, numbers) if self.coverage.asked_only else self.scope.covers(numbers)
        states = known.astype(np.int8)  # NOT_COVERED or NOT_LISTED
        states[self._listed(numbers)] = LISTED
        return states

    def in_words(self, state: int) -> RegistryAnswer | None:
        """The answer that a state stands for."""
        return None if state == NOT_COVERED else self._answers[state == LISTED]

    def dense(self) -> Iterator[tuple[int, Bitmap]]:
        """Area codes of which it holds a bitmap, read-only."""
        for area, slot in self._slot_by_area.items():
            yield area, self._bitmaps[slot * BITMAP_BYTES : (slot + 1) * BITMAP_BYTES]

    def sparse(self) -> Numbers:
        """The listed numbers of all other area codes and countries, ascending, read-only."""
        return np.frombuffer(self._sparse, "<u8")

    def _answer(self, listed: bool) -> RegistryAnswer:
        return RegistryAnswer(registry=self.header.registry, obtained_at=self.obtained_at, listed=listed)

    def _knows(self, number: int) -> bool:
        return _holds(self._asked, number) if self.coverage.asked_only else self.scope.covers_one(number)

    def _lists(self, number: int) -> bool:
        if NANP_FIRST <= number < NANP_END:
            slot = self._slot_by_area.get(number // AREA - 1000)
            if slot is not None:
                bit = number % AREA
                return bool(self._bits[slot * BITMAP_BYTES + (bit >> 3)] >> (bit & 7) & 1)
        return _holds(self._sparse, number)

    def _listed(self, numbers: Numbers) -> npt.NDArray[np.bool_]:
        listed = _contains(self._sparse, numbers)
        slots = self._slots[area_codes(numbers)]
        dense = slots >= 0
        bits = (numbers[dense] % np.uint64(AREA)).astype(np.int64)
        found = self._bitmaps[slots[dense] * BITMAP_BYTES + (bits >> 3)] >> (bits & 7).astype(np.uint8)
        listed[dense] = (found & 1).astype(np.bool_)
        return listed


def _holds(ascending: "memoryview[Any]", number: int) -> bool:
    at = bisect_left(ascending, number)
    return at < len(ascending) and ascending[at] == number


def _contains(ascending: "memoryview[Any]", numbers: Numbers) -> npt.NDArray[np.bool_]:
    if len(ascending) == 0:
        return np.zeros(len(numbers), np.bool_)
    held, found = np.frombuffer(ascending, "<u8"), np.zeros(len(numbers), np.bool_)
    order = np.argsort(numbers)  # in order they are found twenty times as fast: neighbours share their memory pages
    wanted = numbers[order]
    found[order] = held[np.minimum(np.searchsorted(held, wanted), len(held) - 1)] == wanted
    return found
