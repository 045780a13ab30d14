"""From a registry's files to a snapshot: every row checked, then one file written whole, or nothing at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from orchestrator.domain.registry_snapshot import Coverage, RegistrySnapshot
from orchestrator.registries import rows, snapshot_file
from orchestrator.registries.errors import FileRefusedError
from orchestrator.registries.gathering import Gathering
from orchestrator.registries.numbering import Numbers
from orchestrator.registries.profiles import Profile
from orchestrator.registries.scope import Scope
from orchestrator.registries.sources import sha256_of, streams, undamaged

LONGEST_SOURCE = 200  # characters of the names that people see; the header holds them all


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Which registry, obtained when, for whom: the installation (None) or one seller.

    ``coverage`` None: as the profile says.
    """

    registry: str
    obtained_at: datetime
    seller_id: str | None = None
    coverage: Coverage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotFile:
    """A snapshot on disk. ``records`` counts rows, ``numbers`` distinct listed ones; ``asked`` is of a wash alone."""

    digest: str
    path: Path
    origin: Origin
    source: str
    records: int
    numbers: int
    asked: int
    coverage: Coverage

    def at(self, imported_at: datetime) -> RegistrySnapshot:
        """What is kept of it in the database."""
        return RegistrySnapshot(
            digest=self.digest,
            registry=self.origin.registry,
            seller_id=self.origin.seller_id,
            obtained_at=self.origin.obtained_at,
            imported_at=imported_at,
            source=self.source,
            numbers=self.numbers,
            coverage=self.coverage,
        )


def build(
    files: Sequence[Path],
    profile: Profile,
    folder: Path,
    origin: Origin,
    progress: Callable[[int], None] = lambda _records: None,
) -> SnapshotFile:
    """Read the files into one snapshot in the folder; raises FileRefusedError, and then nothing is there.

    The same files with the same origin make the same digest. ``progress`` hears how many records were read since.
    """
    sources = [(path.name, sha256_of(path)) for path in files]
    gathering = Gathering()
    admitted = Scope.of(_admitted(profile, origin))
    for path in files:
        with undamaged(path):
            _read(path, profile, admitted, gathering, progress)
    coverage = _coverage(profile, origin, gathering)
    payload = gathering.payload()
    header = _header(profile, origin, coverage, payload, sources)
    digest = snapshot_file.write(folder, header, payload)
    return SnapshotFile(
        digest=digest,
        path=snapshot_file.file_of(folder, digest),
        origin=origin,
        source=_names(files),
        records=gathering.records,
        numbers=header.numbers,
        asked=header.asked,
        coverage=coverage,
    )


def _header(
    profile: Profile,
    origin: Origin,
    coverage: Coverage,
    payload: snapshot_file.Payload,
    sources: Sequence[tuple[str, str]],
) -> snapshot_file.Header:
    return snapshot_file.Header(
        registry=origin.registry,
        seller_id=origin.seller_id,
        kind=profile.kind,
        obtained_at=origin.obtained_at.astimezone(UTC).isoformat(),
        numbers=payload.listed_count(),
        coverage=coverage.as_dict(),
        sources=sources,
        dense=sorted(payload.dense),
        sparse=len(payload.sparse),
        asked=len(payload.asked),
        payload_sha256=payload.sha256(),
    )


def _read(path: Path, profile: Profile, admitted: Scope, gathering: Gathering, progress: Callable[[int], None]) -> None:
    before_file = gathering.records
    for label, stream in streams(path):
        before = gathering.records
        for batch in rows.read(stream, profile, label):
            _refuse_strangers(batch, admitted, profile, label)
            gathering.add(batch.numbers, batch.listed, profile.kind == "wash")
            progress(len(batch.numbers))
        if gathering.records == before:
            raise FileRefusedError(f"{label} holds no number; nothing was imported.")
    if gathering.records == before_file:
        raise FileRefusedError(f"{path.name} holds no file; nothing was imported.")


def _refuse_strangers(batch: rows.Rows, admitted: Scope, profile: Profile, label: str) -> None:
    """A number of another country or area code than this registry's: it is another registry's file."""
    strange = ~admitted.admits(batch.numbers)
    if strange.any():
        first = int(np.argmax(strange))
        raise FileRefusedError(
            f"{label} line {batch.lines[first]} holds a number of {_whereabouts(batch.numbers[first : first + 1])}, "
            f"which is outside of what this import of {profile.name} covers; if it is the right file, widen --coverage."
        )


def _whereabouts(number: Numbers) -> str:
    text = str(int(number[0]))
    return f"area code {text[1:4]}" if text.startswith("1") else f"+{text[:2]}…"


def _admitted(profile: Profile, origin: Origin) -> Coverage:
    """What the files may hold."""
    if origin.coverage is not None and profile.kind == "wash":
        raise FileRefusedError(f"A wash covers the numbers that were asked: leave --coverage out for {profile.name}.")
    if origin.coverage is not None:
        return origin.coverage
    if profile.coverage != "registry":
        return Coverage(countries=profile.countries)
    country = origin.registry.partition("-")[0].upper()
    return Coverage(countries=("GB" if country == "UK" else country,))


def _coverage(profile: Profile, origin: Origin, gathering: Gathering) -> Coverage:
    """What the snapshot may speak of."""
    if profile.kind == "wash":
        return Coverage(asked_only=True)
    if origin.coverage is None and profile.coverage == "area-codes":
        return Coverage(area_codes=tuple(map(str, sorted(gathering.area_codes))))
    return _admitted(profile, origin)


def _names(files: Sequence[Path]) -> str:
    text = ", ".join(path.name for path in files)
    return text if len(text) <= LONGEST_SOURCE else f"{text[: LONGEST_SOURCE - 1]}…"
