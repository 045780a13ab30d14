"""A change list: the versions in force, with its additions and without its deletions, are a version of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from orchestrator.domain.registry_snapshot import Coverage
from orchestrator.registries.builder import ChangeCounts, Origin, SnapshotFile, described, sources_of, write
from orchestrator.registries.errors import FileRefusedError
from orchestrator.registries.gathering import Gathering
from orchestrator.registries.numbering import Numbers, area_codes, ascending
from orchestrator.registries.profiles import Profile
from orchestrator.registries.reading import Progress, batches, whereabouts
from orchestrator.registries.rows import Rows
from orchestrator.registries.scope import NOTHING, Scope
from orchestrator.registries.shelf import newest_word
from orchestrator.registries.snapshot import LISTED, NOT_COVERED, Snapshot

TELLING = 100  # listed numbers from which the whole list can be told from changes to it


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFiles:
    """Files whose rows say added or deleted, files of additions alone, files of deletions alone.

    ``covers_all``: they speak for everything that the versions in force cover, and not only for the area codes named.
    ``may_change_nothing``: a person has said that nothing was added or deleted since.
    """

    flagged: Sequence[Path] = ()
    added: Sequence[Path] = ()
    deleted: Sequence[Path] = ()
    covers_all: bool = False
    may_change_nothing: bool = False


@dataclass(frozen=True, slots=True)
class _List:
    """A change list read: each number once, and none in both. What a list both adds and deletes counts as added."""

    added: Numbers
    deleted: Numbers
    records: int


def apply(
    files: ChangeFiles,
    profile: Profile,
    folder: Path,
    digests: Sequence[str],
    origin: Origin,
    progress: Progress = lambda _records: None,
) -> SnapshotFile:
    """Make the version that the change list leads to; raises FileRefusedError, and then nothing is there.

    ``digests`` are the versions of this registry and owner that are in force, newest first. They stay as they are.
    """
    versions = [Snapshot.open(folder, digest) for digest in digests]
    if profile.kind == "wash" or not versions:
        whose = f" of seller '{origin.seller_id}'" if origin.seller_id is not None else ""
        raise FileRefusedError(f"There is no full list of {origin.registry}{whose} to change; import one first.")
    sources = sources_of([*files.flagged, *files.added, *files.deleted])
    again = _applied_already(folder, versions, origin, sources)
    if again is not None:
        return again
    _refuse_repeated(versions, sources)
    read = _read(files, profile, versions, origin, progress)
    coverage = _coverage(files, profile, origin, versions, read)
    base = _used(versions, coverage)
    _refuse_old(base, origin)
    counts = _counts(read, versions)
    if counts.added == counts.deleted == 0 and not files.may_change_nothing:
        raise FileRefusedError(
            "These files change nothing: what they add is listed already, and the version would only "
            "look fresher. If nothing was added or deleted since, add --no-changes. Nothing was imported."
        )
    gathering = _changed(base, coverage, read)
    made = write(folder, "full", origin, coverage, gathering, sources, [snapshot.digest for snapshot in base])
    return replace(made, records=read.records, changes=counts)


def _applied_already(
    folder: Path, versions: Sequence[Snapshot], origin: Origin, sources: Sequence[tuple[str, str]]
) -> SnapshotFile | None:
    """The version that this very import made."""
    for snapshot in versions:
        same = [tuple(source) for source in snapshot.header.sources] == list(sources)
        if same and snapshot.header.base and snapshot.obtained_at == origin.obtained_at:
            return described(folder, snapshot.digest, snapshot.header, origin, 0)
    return None


def _read(
    files: ChangeFiles, profile: Profile, versions: Sequence[Snapshot], origin: Origin, progress: Progress
) -> _List:
    rows = list(_rows(files, profile, origin, progress))
    added = ascending([batch.numbers[batch.listed] for _, batch in rows])
    deleted = ascending([batch.numbers[~batch.listed] for _, batch in rows])
    for label, batch in rows:
        _refuse_unknown(label, batch, versions, added)
    records = sum(len(batch.numbers) for _, batch in rows)
    return _List(added, np.setdiff1d(deleted, added, assume_unique=True), records)


def _rows(files: ChangeFiles, profile: Profile, origin: Origin, progress: Progress) -> list[tuple[str, Rows]]:
    found: list[tuple[str, Rows]] = []
    admitted = Scope.of(origin.coverage) if origin.coverage else Scope.everywhere()
    if files.flagged:
        form = profile.change_lists
        if form is None:
            raise FileRefusedError(
                f"How change lists of {profile.name} look is not known: give --added FILE and --deleted FILE, describe "
                "them under [changes] in its profile, or import the full list."
            )
        found += batches(files.flagged, form, admitted, progress)
    found += batches(files.added, profile.one_sided, admitted, progress)
    for label, batch in batches(files.deleted, profile.one_sided, admitted, progress):
        found.append((label, replace(batch, listed=~batch.listed)))
    return found


def _refuse_unknown(label: str, batch: Rows, versions: Sequence[Snapshot], added: Numbers) -> None:
    """A number that no version covers, or a deletion of one that is not listed: it changes another version."""
    said = newest_word(versions, batch.numbers)[0]
    outside = said == NOT_COVERED
    if outside.any():
        first = int(np.argmax(outside))
        raise FileRefusedError(
            f"{label} line {batch.lines[first]} changes a number of {whereabouts(batch.numbers[first : first + 1])}, "
            "which no version here covers: import its full list first. Nothing was imported."
        )
    missing = ~batch.listed & (said != LISTED) & np.isin(batch.numbers, added, invert=True)
    if missing.any():
        raise FileRefusedError(
            f"{label} line {batch.lines[int(np.argmax(missing))]} deletes a number that is not listed: it changes "
            "another version than the newest here, so a change list is missing between them, or it is applied already. "
            "Import the full list. Nothing was imported."
        )


def _coverage(
    files: ChangeFiles, profile: Profile, origin: Origin, versions: Sequence[Snapshot], read: _List
) -> Coverage:
    """What the new version speaks of; no area code that it does not name becomes any fresher."""
    all_of_them = _joined([snapshot.coverage for snapshot in versions])
    if origin.coverage is not None:
        beyond = Scope.of(origin.coverage) - Scope.of(all_of_them)
        if beyond:
            raise FileRefusedError(
                "--coverage goes beyond the versions there are: import the full list of the rest first."
            )
        return origin.coverage
    if files.covers_all or profile.coverage != "area-codes":
        return all_of_them
    named = np.unique(area_codes(np.concatenate([read.added, read.deleted])))
    return Coverage(area_codes=tuple(map(str, named.tolist())))


def _joined(coverages: Sequence[Coverage]) -> Coverage:
    countries = sorted({country for coverage in coverages for country in coverage.countries})
    areas = sorted({area for coverage in coverages for area in coverage.area_codes})
    return Coverage(countries=tuple(countries), area_codes=tuple(areas))


def _used(versions: Sequence[Snapshot], coverage: Coverage) -> list[Snapshot]:
    """The versions whose answers the coverage takes over, newest first."""
    used, open_ = [], Scope.of(coverage)
    for snapshot in versions:
        if open_ & snapshot.scope:
            used.append(snapshot)
            open_ = open_ - snapshot.scope
    return used


def _refuse_repeated(versions: Sequence[Snapshot], sources: Sequence[tuple[str, str]]) -> None:
    """Files that a version was made of would change nothing, and a later date would make it look fresher than it is."""
    hashes = {digest for _, digest in sources}
    for snapshot in versions:
        if hashes & {digest for _, digest in snapshot.header.sources}:
            raise FileRefusedError(
                f"These files are in the version of {_shown(snapshot.obtained_at)} already. Nothing was imported."
            )


def _refuse_old(base: Sequence[Snapshot], origin: Origin) -> None:
    newest = max(snapshot.obtained_at for snapshot in base)
    if newest >= origin.obtained_at:
        raise FileRefusedError(
            f"--obtained-at: the version that these changes are for is of {_shown(newest)}, and they must be younger. "
            "Of two files of one day give the time too, as in 2026-11-22T09:00Z."
        )


def _counts(read: _List, versions: Sequence[Snapshot]) -> ChangeCounts:
    again = int((newest_word(versions, read.added)[0] == LISTED).sum())
    listed = sum(snapshot.header.numbers for snapshot in versions)
    for what, count in (("add", again), ("delete", len(read.deleted))):
        if listed >= TELLING and count * 2 > listed:
            raise FileRefusedError(
                f"The changes {what} {count:,} of {listed:,} numbers that are listed already: this looks like the "
                "whole list. Import it without --changes, --added and --deleted."
            )
    return ChangeCounts(added=len(read.added) - again, deleted=len(read.deleted), again=again)


def _changed(base: Sequence[Snapshot], coverage: Coverage, read: _List) -> Gathering:
    gathering, taken, wanted = Gathering(), NOTHING, Scope.of(coverage)
    for snapshot in base:
        gathering.take(snapshot, wanted & snapshot.scope - taken)
        taken = taken | snapshot.scope
    gathering.add(read.added, np.ones(len(read.added), np.bool_), wash=False)
    gathering.remove(read.deleted)
    return gathering


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
