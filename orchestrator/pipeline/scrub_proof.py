"""Answer again what a scrub was answered, from its record: the very versions it used, whatever was imported since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select

from orchestrator.domain.contact_request import RegistryAnswer
from orchestrator.domain.errors import UserError
from orchestrator.persistence import registry_snapshots, scrubs
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.lists import imports, list_rows
from orchestrator.persistence.tables.people import contact_points
from orchestrator.pipeline.scrub import count, in_campaign
from orchestrator.registries import snapshot_file
from orchestrator.registries.errors import SnapshotDamagedError
from orchestrator.registries.shelf import Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A scrub done again from its record. ``same_answers``: every number got the very answers that it got then."""

    record: Record
    counts: Mapping[str, Any]
    same_answers: bool

    @property
    def same_counts(self) -> bool:
        """Whether all is counted as it was."""
        return bool(self.counts == self.record.counts)


def answers_of(store: Store, folder: Path, scrub_id: int, numbers: Sequence[str]) -> list[tuple[RegistryAnswer, ...]]:
    """What that scrub heard of these numbers, from the very versions that it used, every bit of them verified.

    Raises UserError where there is no such scrub, SnapshotDamagedError where a version is no longer what it was.
    """
    record, shelf = _reopened(store, folder, scrub_id)
    return shelf.answers(numbers, record.seller_id)


def absent(store: Store, scrub_id: int, numbers: Sequence[str]) -> list[str]:
    """Those of the numbers that were not in the scrub, so that it is evidence of nothing about them."""
    keys = {store.keyring.number_key(number): number for number in numbers}
    points = contact_points.c
    with store.read() as tx:
        record = scrubs.require(tx, scrub_id)
        query = select(points.number_key).where(
            points.seller_id == record.seller_id, points.number_key.in_(keys), _people_then(record)
        )
        there = {bytes(key) for key in tx.execute(query).scalars()}
    return [number for key, number in keys.items() if key not in there]


def registries_of(store: Store, scrub_id: int) -> list[str]:
    """The registries that it asked."""
    with store.read() as tx:
        return sorted(scrubs.require(tx, scrub_id).snapshots)


def prove(store: Store, folder: Path, scrub_id: int) -> Proof:
    """Do the scrub again as of its moment; raises UserError for one that never ended, SnapshotDamagedError as above.

    People who were erased since cannot be asked about, and then neither answers nor counts are the same.
    """
    record, shelf = _reopened(store, folder, scrub_id)
    if record.finished_at is None:
        raise UserError(f"Scrub {scrub_id} was cut off, so there is nothing to prove; scrub again.")
    tally = count(store, shelf, _people_then(record), record.seller_id, record.started_at)
    return Proof(record=record, counts=tally.as_dict(), same_answers=tally.digest() == record.answers_digest)


def _reopened(store: Store, folder: Path, scrub_id: int) -> tuple[Record, Shelf]:
    with store.read() as tx:
        record = scrubs.require(tx, scrub_id)
        digests = {digest for versions in record.snapshots.values() for digest in versions}
        refs = registry_snapshots.of_digests(tx, digests)
    if len(refs) < len(digests):
        raise SnapshotDamagedError(f"Scrub {scrub_id} used a registry version that is no longer recorded.")
    for digest in digests:
        snapshot_file.verify(snapshot_file.file_of(folder, digest))
    return record, Shelf(folder, refs)


def _people_then(record: Record) -> ColumnElement[bool]:
    """Whoever was on the list, or in the campaign, with the numbers that they had then."""
    if record.list_id is None:
        return and_(in_campaign(record.campaign_id), contact_points.c.created_at <= record.started_at)
    row = list_rows.c
    imported = exists().where(imports.c.id == row.import_id, imports.c.started_at <= record.started_at)
    listed = select(row.contact_id).where(row.list_id == record.list_id, imported)
    return and_(contact_points.c.contact_id.in_(listed), contact_points.c.created_at <= record.started_at)
