"""Every snapshot there is: what all registries say of a number, to one seller."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from orchestrator.domain.contact_request import RegistryAnswer
from orchestrator.domain.registry_snapshot import Coverage, RegistrySnapshot
from orchestrator.registries.errors import SnapshotDamagedError
from orchestrator.registries.numbering import Numbers, as_integers
from orchestrator.registries.scope import NOTHING, Scope
from orchestrator.registries.snapshot import LISTED, NOT_COVERED, Snapshot, States

FEW = 16  # numbers up to which asking one by one is faster than an array

View = Mapping[str, Sequence[Snapshot]]  # by registry, newest first


class Version(Protocol):
    """A snapshot, opened or not."""

    @property
    def coverage(self) -> Coverage:
        """The numbers that it speaks of."""


C = TypeVar("C", bound=Version)


class Shelf:
    """Opens every snapshot that answers anybody; raises SnapshotDamagedError for one that is missing.

    Those that newer ones cover whole stay closed: checking every bit of all that was ever imported would take longer
    with each import. Shared between threads.

    A seller hears the installation's snapshots and its own. Of each registry the newest that covers the number answers,
    so lists that were bought by area code, or washes of parts, stand beside each other.
    """

    def __init__(self, folder: Path, refs: Sequence[RegistrySnapshot]) -> None:
        self._snapshots = [_opened(folder, ref) for ref in in_force(newest_first(refs))]
        self._views: dict[str | None, View] = {}

    @property
    def is_untouched(self) -> bool:
        """Whether every file is the one that was opened and checked; else the shelf must be made anew."""
        return all(snapshot.is_untouched for snapshot in self._snapshots)

    def answers(self, numbers: Sequence[str], seller_id: str | None) -> list[tuple[RegistryAnswer, ...]]:
        """What each registry that knows the E.164 number says of it; a registry without a word knows nothing."""
        view = self._view(seller_id)
        if len(numbers) <= FEW:
            return [tuple(_told(view, int(number))) for number in numbers]
        integers = as_integers(numbers)
        columns = [_column(snapshots, integers) for snapshots in view.values()]
        if not columns:
            return [()] * len(numbers)
        return [tuple(answer for answer in row if answer is not None) for row in zip(*columns, strict=True)]

    def states(self, numbers: Sequence[str], seller_id: str | None) -> dict[str, States]:
        """For each registry, whether it lists, does not list or does not cover each number."""
        integers = as_integers(numbers)
        return {registry: newest_word(snapshots, integers)[0] for registry, snapshots in self._view(seller_id).items()}

    def on_any(self, numbers: Sequence[str], seller_id: str | None = None) -> list[bool]:
        """Whether any registry lists the number."""
        listed = np.zeros(len(numbers), np.bool_)
        for states in self.states(numbers, seller_id).values():
            listed |= states == LISTED
        return listed.tolist()

    def digests(self, seller_id: str | None) -> dict[str, list[str]]:
        """The versions that answer this seller, by registry, newest first."""
        view = self._view(seller_id)
        return {registry: [snapshot.digest for snapshot in snapshots] for registry, snapshots in view.items()}

    def _view(self, seller_id: str | None) -> View:
        if seller_id not in self._views:
            self._views[seller_id] = self._seen_by(seller_id)
        return self._views[seller_id]

    def _seen_by(self, seller_id: str | None) -> View:
        visible = [snapshot for snapshot in self._snapshots if snapshot.header.seller_id in {None, seller_id}]
        registries = sorted({snapshot.registry for snapshot in visible})
        return {name: needed([snapshot for snapshot in visible if snapshot.registry == name]) for name in registries}


def _opened(folder: Path, ref: RegistrySnapshot) -> Snapshot:
    try:
        return Snapshot.open(folder, ref.digest)
    except SnapshotDamagedError as error:
        raise SnapshotDamagedError(
            f"The version of {ref.registry} of {ref.obtained_at:%Y-%m-%d} is damaged on disk: {error} "
            f"Until a full list of {ref.registry} is imported again, nothing is placed."
        ) from error


def newest_first(refs: Sequence[RegistrySnapshot]) -> list[RegistrySnapshot]:
    """In the order in which versions are asked; of one day's, the last imported comes first."""
    return sorted(refs, key=lambda ref: (ref.obtained_at, ref.imported_at, ref.digest), reverse=True)


def needed(newest_first: Sequence[C]) -> list[C]:
    """Without those that newer ones cover whole: they would never be asked."""
    kept, scope = [], NOTHING
    for version in newest_first:
        own = Scope.of(version.coverage)
        if version.coverage.asked_only or not scope.contains(own):
            kept.append(version)
            scope = scope | own
    return kept


def in_force(newest_first: Sequence[RegistrySnapshot]) -> list[RegistrySnapshot]:
    """Those that answer one seller or another, in the same order."""
    digests = set()
    for seller_id in {None, *(ref.seller_id for ref in newest_first)}:
        visible = [ref for ref in newest_first if ref.seller_id in {None, seller_id}]
        for registry in {ref.registry for ref in visible}:
            digests |= {ref.digest for ref in needed([ref for ref in visible if ref.registry == registry])}
    return [ref for ref in newest_first if ref.digest in digests]


def _told(view: View, number: int) -> Iterator[RegistryAnswer]:
    for snapshots in view.values():
        for snapshot in snapshots:
            answer = snapshot.answer(number)
            if answer is not None:
                yield answer
                break


def newest_word(snapshots: Sequence[Snapshot], numbers: Numbers) -> tuple[States, np.ndarray]:
    """What snapshots, the newest first, say of each number, and the index of the one that said it."""
    states, by = np.zeros(len(numbers), np.int8), np.zeros(len(numbers), np.int64)
    for index, snapshot in enumerate(snapshots):
        open_ = np.flatnonzero(states == NOT_COVERED)
        if not len(open_):
            break
        states[open_], by[open_] = snapshot.states(numbers[open_]), index
    return states, by


def _column(snapshots: Sequence[Snapshot], numbers: Numbers) -> list[RegistryAnswer | None]:
    states, by = newest_word(snapshots, numbers)
    return [snapshots[index].in_words(state) for state, index in zip(states.tolist(), by.tolist(), strict=True)]
