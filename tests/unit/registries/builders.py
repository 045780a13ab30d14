"""Registry files and snapshots that name only what matters."""

from datetime import UTC, datetime
from pathlib import Path

from orchestrator.domain.registry_snapshot import Coverage
from orchestrator.registries import profiles
from orchestrator.registries.builder import Origin, SnapshotFile, build
from orchestrator.registries.shelf import Shelf

CONFIG = Path(__file__).parents[3] / "config" / "registries"
PROFILES = profiles.load(CONFIG)
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
IMPORTED = datetime(2026, 11, 20, tzinfo=UTC)


def a_snapshot_file(
    folder: Path,
    content: str | bytes,
    registry: str = "us-national",
    *,
    obtained_at: datetime = NOVEMBER,
    seller_id: str | None = None,
    coverage: Coverage | None = None,
    profile: str | None = None,
) -> SnapshotFile:
    """The snapshot of a file with this content."""
    file = folder / "registry.txt"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    origin = Origin(registry=registry, obtained_at=obtained_at, seller_id=seller_id, coverage=coverage)
    return build([file], profiles.choose(PROFILES, registry, profile), folder / "registries", origin)


def a_shelf(folder: Path, *files: SnapshotFile) -> Shelf:
    """A shelf of these snapshots."""
    return Shelf(folder / "registries", [file.at(IMPORTED) for file in files])


def listed(shelf: Shelf, number: str, seller_id: str | None = None) -> dict[str, bool]:
    """What each registry that knows the number says of it."""
    (answers,) = shelf.answers([number], seller_id)
    return {answer.registry: answer.listed for answer in answers}
