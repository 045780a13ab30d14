"""Import a registry: the file first, then the row that speaks of it, then what waited for it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from orchestrator.domain.decision import Cure
from orchestrator.domain.errors import UserError
from orchestrator.domain.registry_snapshot import RegistrySnapshot
from orchestrator.persistence import registry_snapshots, sellers
from orchestrator.persistence.enrollment_cures import reopen
from orchestrator.persistence.store import Store
from orchestrator.registries import changes
from orchestrator.registries.builder import ChangeCounts, Origin, SnapshotFile, build
from orchestrator.registries.changes import ChangeFiles
from orchestrator.registries.errors import FileRefusedError, SnapshotDamagedError
from orchestrator.registries.plausibility import ANY_HOME, Plausibility
from orchestrator.registries.profiles import Profile
from orchestrator.registries.reading import Progress
from orchestrator.registries.shelf import needed, newest_first
from orchestrator.registries.snapshot import Snapshot

REGISTRY_ID = re.compile(r"[a-z]{2}-[a-z0-9][a-z0-9-]{0,28}|litigators")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did. ``is_new`` False: this very version was there; ``is_newest`` False: a newer one answers.

    ``base`` and ``changes`` of a change list alone: the digests of what it was applied to, and what it changed.
    ``before``: how many numbers were listed where a full list answers from now on, None where nothing answered.
    """

    snapshot: RegistrySnapshot
    records: int
    is_new: bool
    is_newest: bool
    reopened: int
    base: Sequence[str] = ()
    changes: ChangeCounts | None = None
    before: int | None = None


def import_registry(
    store: Store,
    folder: Path,
    profile: Profile,
    files: Sequence[Path],
    origin: Origin,
    now: datetime,
    progress: Progress = lambda _records: None,
    asked: Sequence[Path] = (),
    plausibility: Plausibility = ANY_HOME,
) -> ImportReport:
    """Make a snapshot of the files and use it from now on; raises UserError, and then nothing has changed.

    A crash leaves at worst a file that no row speaks of, and the same import again completes it. ``asked``: what was
    sent to a wash that came back without the listed numbers.
    """
    _check(store, profile, origin, now)
    built = build(files, profile, folder, origin, progress, asked)
    before = None if profile.kind == "wash" else _compared(store, folder, built, plausibility)
    return replace(_use(store, built, now), before=before)


def _compared(store: Store, folder: Path, built: SnapshotFile, plausibility: Plausibility) -> int | None:
    """How many were listed before; raises FileRefusedError for a version that cannot be one, and removes its file."""
    with store.read() as tx:
        every = registry_snapshots.every(tx)
    if built.digest in {ref.digest for ref in every}:
        return None
    older = [ref for ref in _in_force(every, built.origin) if ref.obtained_at <= built.origin.obtained_at]
    try:
        return plausibility.check(Snapshot.open(folder, built.digest), list(_sound(folder, older)))
    except FileRefusedError:
        built.path.unlink()
        raise


def _sound(folder: Path, refs: Sequence[RegistrySnapshot]) -> Iterator[Snapshot]:
    """Those whose files are what they were: a damaged one must not keep out the list that replaces it."""
    for ref in refs:
        with suppress(SnapshotDamagedError):
            yield Snapshot.open(folder, ref.digest)


def import_changes(
    store: Store,
    folder: Path,
    profile: Profile,
    files: ChangeFiles,
    origin: Origin,
    now: datetime,
    progress: Progress = lambda _records: None,
) -> ImportReport:
    """Make a snapshot of the versions in force and a change list, and use it; raises UserError as above.

    Those of the same owner alone: what one seller obtained is not mixed with what all have.
    """
    _check(store, profile, origin, now)
    with store.read() as tx:
        digests = [ref.digest for ref in _in_force(registry_snapshots.every(tx), origin)]
    return _use(store, changes.apply(files, profile, folder, digests, origin, progress), now)


def _in_force(every: Sequence[RegistrySnapshot], origin: Origin) -> list[RegistrySnapshot]:
    """The full versions of the same registry and owner that answer, newest first."""
    own = [ref for ref in every if _same(ref, origin.registry, origin.seller_id)]
    return needed([ref for ref in newest_first(own) if not ref.coverage.asked_only])


def _use(store: Store, built: SnapshotFile, now: datetime) -> ImportReport:
    snapshot, origin = built.at(now), built.origin
    with store.write() as tx:
        is_new = registry_snapshots.add(tx, snapshot)
        rivals = [other for other in registry_snapshots.every(tx) if _answers_instead(other, snapshot)]
    reopened = reopen(store, Cure.REGISTRY, origin.registry, now, origin.seller_id)
    # Whoever was listed waits for a consent; a newer version may list them no more.
    reopened += reopen(store, Cure.CONSENT, origin.registry, now, origin.seller_id)
    return ImportReport(
        snapshot=snapshot,
        records=built.records,
        is_new=is_new,
        is_newest=not rivals,
        reopened=reopened,
        base=built.base,
        changes=built.changes,
    )


def _answers_instead(other: RegistrySnapshot, snapshot: RegistrySnapshot) -> bool:
    return _same(other, snapshot.registry, snapshot.seller_id) and other.obtained_at > snapshot.obtained_at


def _same(ref: RegistrySnapshot, registry: str, seller_id: str | None) -> bool:
    return (ref.registry, ref.seller_id) == (registry, seller_id)


def _check(store: Store, profile: Profile, origin: Origin, now: datetime) -> None:
    if REGISTRY_ID.fullmatch(origin.registry) is None:
        raise UserError(
            f"'{origin.registry}' is no registry's id: it is its country's two letters, a dash and a name, "
            "as in us-national or za-optout."
        )
    if origin.obtained_at > now:
        raise UserError(f"--obtained-at {origin.obtained_at.isoformat()} is in the future; say when the file was got.")
    if profile.owner == "seller" and origin.seller_id is None:
        raise UserError(
            f"{origin.registry} answers one seller, and no other may use what it said: add --seller ID "
            "(`orchestrator sellers list` shows them)."
        )
    with store.read() as tx:
        if origin.seller_id is not None:
            sellers.require(tx, origin.seller_id)
