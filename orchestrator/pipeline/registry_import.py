"""Import a registry: the file first, then the row that speaks of it, then what waited for it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from orchestrator.domain.decision import Cure
from orchestrator.domain.errors import UserError
from orchestrator.domain.registry_snapshot import RegistrySnapshot
from orchestrator.persistence import registry_snapshots, sellers
from orchestrator.persistence.enrollment_cures import reopen
from orchestrator.persistence.store import Store
from orchestrator.registries.builder import Origin, build
from orchestrator.registries.profiles import Profile

REGISTRY_ID = re.compile(r"[a-z]{2}-[a-z0-9][a-z0-9-]{0,28}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did. ``is_new`` False: this very version was there; ``is_newest`` False: a newer one answers."""

    snapshot: RegistrySnapshot
    records: int
    is_new: bool
    is_newest: bool
    reopened: int


def import_registry(
    store: Store,
    folder: Path,
    profile: Profile,
    files: Sequence[Path],
    origin: Origin,
    now: datetime,
    progress: Callable[[int], None] = lambda _records: None,
) -> ImportReport:
    """Make a snapshot of the files and use it from now on; raises UserError, and then nothing has changed.

    A crash leaves at worst a file that no row speaks of, and the same import again completes it.
    """
    _check(store, origin, now)
    built = build(files, profile, folder, origin, progress)
    snapshot = built.at(now)
    with store.write() as tx:
        is_new = registry_snapshots.add(tx, snapshot)
        rivals = [other for other in registry_snapshots.every(tx) if _answers_instead(other, snapshot)]
    reopened = reopen(store, Cure.REGISTRY, origin.registry, now, origin.seller_id)
    # Whoever was listed waits for a consent; a newer version may list them no more.
    reopened += reopen(store, Cure.CONSENT, origin.registry, now, origin.seller_id)
    return ImportReport(
        snapshot=snapshot, records=built.records, is_new=is_new, is_newest=not rivals, reopened=reopened
    )


def _answers_instead(other: RegistrySnapshot, snapshot: RegistrySnapshot) -> bool:
    same = (other.registry, other.seller_id) == (snapshot.registry, snapshot.seller_id)
    return same and other.obtained_at > snapshot.obtained_at


def _check(store: Store, origin: Origin, now: datetime) -> None:
    if REGISTRY_ID.fullmatch(origin.registry) is None:
        raise UserError(f"'{origin.registry}' is no registry's id; it reads like us-national or za-optout.")
    if origin.obtained_at > now:
        raise UserError(f"--obtained-at {origin.obtained_at.isoformat()} is in the future; say when the file was got.")
    with store.read() as tx:
        if origin.seller_id is not None:
            sellers.require(tx, origin.seller_id)
