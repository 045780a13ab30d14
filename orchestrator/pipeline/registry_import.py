"""Import a registry: the file first, then the row that speaks of it, then what waited for it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
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
from orchestrator.registries.profiles import Profile
from orchestrator.registries.reading import Progress
from orchestrator.registries.shelf import needed, newest_first

REGISTRY_ID = re.compile(r"[a-z]{2}-[a-z0-9][a-z0-9-]{0,28}|litigators")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did. ``is_new`` False: this very version was there; ``is_newest`` False: a newer one answers.

    ``base`` and ``changes`` of a change list alone: the digests of what it was applied to, and what it changed.
    """

    snapshot: RegistrySnapshot
    records: int
    is_new: bool
    is_newest: bool
    reopened: int
    base: Sequence[str] = ()
    changes: ChangeCounts | None = None


def import_registry(
    store: Store,
    folder: Path,
    profile: Profile,
    files: Sequence[Path],
    origin: Origin,
    now: datetime,
    progress: Progress = lambda _records: None,
    asked: Sequence[Path] = (),
) -> ImportReport:
    """Make a snapshot of the files and use it from now on; raises UserError, and then nothing has changed.

    A crash leaves at worst a file that no row speaks of, and the same import again completes it. ``asked``: what was
    sent to a wash that came back without the listed numbers.
    """
    _check(store, profile, origin, now)
    return _use(store, build(files, profile, folder, origin, progress, asked), now)


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
        own = [ref for ref in registry_snapshots.every(tx) if _same(ref, origin.registry, origin.seller_id)]
    full = [ref for ref in newest_first(own) if not ref.coverage.asked_only]
    digests = [ref.digest for ref in needed(full)]
    return _use(store, changes.apply(files, profile, folder, digests, origin, progress), now)


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
        raise UserError(f"'{origin.registry}' is no registry's id; it reads like us-national or za-optout.")
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
