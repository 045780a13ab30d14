"""From a registry's files to a snapshot: every row checked, then one file written whole, or nothing at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestrator.domain.registry_snapshot import WORLD, Coverage, RegistrySnapshot
from orchestrator.registries import snapshot_file, washes
from orchestrator.registries.errors import FileRefusedError
from orchestrator.registries.gathering import Gathering
from orchestrator.registries.profiles import Profile
from orchestrator.registries.reading import Progress, batches
from orchestrator.registries.scope import Scope
from orchestrator.registries.sources import sha256_of

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


@dataclass(frozen=True, slots=True)
class ChangeCounts:
    """How many numbers a change list added and deleted, and how many it named that were listed ``again``."""

    added: int
    deleted: int
    again: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotFile:
    """A snapshot on disk. ``records`` counts rows, ``numbers`` distinct listed ones; ``asked`` is of a wash alone.

    ``base`` and ``changes``: of a change list alone, the versions that it was applied to and what it changed.
    """

    digest: str
    path: Path
    origin: Origin
    source: str
    records: int
    numbers: int
    asked: int
    coverage: Coverage
    base: Sequence[str] = ()
    changes: ChangeCounts | None = None

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
    progress: Progress = lambda _records: None,
    asked: Sequence[Path] = (),
) -> SnapshotFile:
    """Read the files into one snapshot in the folder; raises FileRefusedError, and then nothing is there.

    The same files with the same origin make the same digest. ``asked``: what was sent to a wash that came back without
    the listed numbers.
    """
    sources = sources_of([*files, *asked])
    admitted = Scope.of(_admitted(profile, origin))
    if asked:
        gathering = washes.gather(files, asked, profile, admitted, progress)
    else:
        gathering = _gather(files, profile, admitted, progress)
    return write(folder, profile.kind, origin, _coverage(profile, origin, gathering), gathering, sources)


def write(
    folder: Path,
    kind: str,
    origin: Origin,
    coverage: Coverage,
    gathering: Gathering,
    sources: Sequence[tuple[str, str]],
    base: Sequence[str] = (),
) -> SnapshotFile:
    """Put what was gathered into one file; raises UserError where the folder cannot be written."""
    payload = gathering.payload()
    header = snapshot_file.Header(
        registry=origin.registry,
        seller_id=origin.seller_id,
        kind=kind,
        obtained_at=origin.obtained_at.astimezone(UTC).isoformat(),
        numbers=payload.listed_count(),
        coverage=coverage.as_dict(),
        sources=sources,
        dense=sorted(payload.dense),
        sparse=len(payload.sparse),
        asked=len(payload.asked),
        payload_sha256=payload.sha256(),
        base=base,
    )
    digest = snapshot_file.write(folder, header, payload)
    return described(folder, digest, header, origin, gathering.records)


def described(folder: Path, digest: str, header: snapshot_file.Header, origin: Origin, records: int) -> SnapshotFile:
    """What an import tells of a snapshot in the folder."""
    onto = f" onto {', '.join(base[:12] for base in header.base)}" if header.base else ""
    return SnapshotFile(
        digest=digest,
        path=snapshot_file.file_of(folder, digest),
        origin=origin,
        source=_short(", ".join(name for name, _ in header.sources) + onto),
        records=records,
        numbers=header.numbers,
        asked=header.asked,
        coverage=Coverage.from_dict(header.coverage),
        base=header.base,
    )


def sources_of(files: Sequence[Path]) -> list[tuple[str, str]]:
    """Name and hash of each file; raises FileRefusedError where one cannot be read."""
    return [(path.name, sha256_of(path)) for path in files]


def _gather(files: Sequence[Path], profile: Profile, admitted: Scope, progress: Progress) -> Gathering:
    gathering = Gathering()
    for _, batch in batches(files, profile, admitted, progress):
        gathering.add(batch.numbers, batch.listed, profile.kind == "wash")
    return gathering


def _admitted(profile: Profile, origin: Origin) -> Coverage:
    """What the files may hold."""
    if origin.coverage is not None and profile.kind == "wash":
        raise FileRefusedError(f"A wash covers the numbers that were asked: leave --coverage out for {profile.name}.")
    if origin.coverage is not None:
        return origin.coverage
    if profile.coverage == "everywhere":
        return Coverage(countries=(WORLD,))
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


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SOURCE else f"{text[: LONGEST_SOURCE - 1]}…"
