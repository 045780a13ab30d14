"""Hold a list or a campaign against the registries and our own suppressions, and keep how, when and against what."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import ColumnElement, Engine, exists, or_, select

from orchestrator.persistence import registry_snapshots, scrubs
from orchestrator.persistence.dossiers import NUMBER
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.lists import list_rows
from orchestrator.persistence.tables.people import contact_points, number_facts, suppressions
from orchestrator.registries.shelf import Shelf
from orchestrator.registries.snapshot import LISTED, NOT_COVERED, NOT_LISTED

PAGE_ROWS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryCounts:
    """What one registry said of the numbers; where it does not cover one, that is no leave to call."""

    listed: int = 0
    not_listed: int = 0
    not_covered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubReport:
    """One scrub as it is recorded. Numbers count once each; ``on_any`` are on at least one registry.

    ``snapshots`` names by registry the versions that answered, newest first.
    """

    id: int
    seller_id: str
    list_id: int | None
    campaign_id: int | None
    by: str
    at: datetime
    snapshots: Mapping[str, Sequence[str]]
    registries: Mapping[str, RegistryCounts]
    numbers: int
    on_any: int
    suppressed: int
    dead: int


_shelves: "WeakKeyDictionary[Engine, dict[Path, tuple[object, Shelf]]]" = WeakKeyDictionary()
_shelves_lock = Lock()


def load_shelf(store: Store, folder: Path) -> Shelf:
    """The registries as they stand now; opened again after an import, or where a file is not what it was.

    Raises SnapshotDamagedError.
    """
    with store.read() as tx:
        stamp = registry_snapshots.stamp(tx)
        with _shelves_lock:
            kept = _shelves.setdefault(store.engine, {}).get(folder)
        if kept is not None and kept[0] == stamp and kept[1].is_untouched:
            return kept[1]
        refs = registry_snapshots.every(tx)
    shelf = Shelf(folder, refs)
    with _shelves_lock:
        _shelves[store.engine][folder] = (stamp, shelf)
    return shelf


def scrub_list(store: Store, shelf: Shelf, seller_id: str, list_id: int, by: str, now: datetime) -> ScrubReport:
    """Scrub every number of the list and record it."""
    return _scrub(store, shelf, on_list(list_id), _Head(seller_id, list_id, None, by, now))


def scrub_campaign(store: Store, shelf: Shelf, seller_id: str, campaign_id: int, by: str, now: datetime) -> ScrubReport:
    """Scrub every number of the people enrolled in the campaign and record it."""
    return _scrub(store, shelf, in_campaign(campaign_id), _Head(seller_id, None, campaign_id, by, now))


def on_list(list_id: int) -> ColumnElement[bool]:
    """The contact points of everybody on the list.

    Each is looked up: the set of them all, as IN makes it, would be made anew for every page.
    """
    return exists().where(list_rows.c.list_id == list_id, list_rows.c.contact_id == contact_points.c.contact_id)


def in_campaign(campaign_id: int) -> ColumnElement[bool]:
    """The contact points of everybody enrolled."""
    theirs = enrollments.c.contact_id == contact_points.c.contact_id
    return exists().where(enrollments.c.campaign_id == campaign_id, theirs)


@dataclass(frozen=True, slots=True)
class _Head:
    seller_id: str
    list_id: int | None
    campaign_id: int | None
    by: str
    now: datetime


def _scrub(store: Store, shelf: Shelf, people: ColumnElement[bool], head: _Head) -> ScrubReport:
    """The record is begun first: a scrub that a crash ended is seen, by its missing end."""
    snapshots = shelf.digests(head.seller_id)
    with store.write() as tx:
        scrub_id = scrubs.begin(
            tx,
            seller_id=head.seller_id,
            list_id=head.list_id,
            campaign_id=head.campaign_id,
            by=head.by,
            at=head.now,
            snapshots=snapshots,
        )
    tally = count(store, shelf, people, head.seller_id, head.now)
    with store.write() as tx:
        scrubs.finish(tx, scrub_id, head.now, tally.as_dict(), tally.digest())
    return ScrubReport(
        id=scrub_id,
        seller_id=head.seller_id,
        list_id=head.list_id,
        campaign_id=head.campaign_id,
        by=head.by,
        at=head.now,
        snapshots=snapshots,
        registries=tally.registries(),
        numbers=tally.totals["numbers"],
        on_any=tally.totals["on_any"],
        suppressed=tally.totals["suppressed"],
        dead=tally.totals["dead"],
    )


def count(store: Store, shelf: Shelf, people: ColumnElement[bool], seller_id: str, as_of: datetime) -> "Tally":
    """Ask the shelf about the numbers of these people; refusals and dead numbers count as they stood at that moment."""
    tally = Tally(shelf.digests(seller_id))
    for page in _pages(store, people, seller_id, as_of):
        numbers = [store.keyring.open(row.number_sealed, NUMBER) for row in page]
        tally.add(page, shelf.states(numbers, seller_id))
    return tally


def _pages(store: Store, people: ColumnElement[bool], seller_id: str, as_of: datetime) -> Iterator[Sequence[Record]]:
    """The numbers in the order of their keys, a page a transaction; a number that several people share comes once."""
    points = contact_points.c
    suppressed = exists().where(
        suppressions.c.seller_id == seller_id,
        suppressions.c.number_key == points.number_key,
        suppressions.c.at <= as_of,
        or_(suppressions.c.lifted_at.is_(None), suppressions.c.lifted_at > as_of),
    )
    dead = exists().where(number_facts.c.number_key == points.number_key, number_facts.c.dead_at <= as_of)
    query = (
        select(points.number_key, points.number_sealed, suppressed.label("suppressed"), dead.label("dead"))
        .where(points.seller_id == seller_id, people)
        .order_by(points.number_key)
        .limit(PAGE_ROWS)
    )
    last = b""
    while True:
        with store.read() as tx:
            rows = tx.execute(query.where(points.number_key > last)).all()
        if not rows:
            return
        last = bytes(rows[-1].number_key)
        yield list({bytes(row.number_key): row for row in rows}.values())


class Tally:
    """Counts as pages come in, in the order of the numbers' keys, and a digest over every single answer."""

    def __init__(self, registries: Mapping[str, object]) -> None:
        self.totals: Counter[str] = Counter(numbers=0, on_any=0, suppressed=0, dead=0)
        self._by_registry = {registry: np.zeros(3, np.int64) for registry in registries}
        self._answers = hashlib.sha256(json.dumps(sorted(registries)).encode())

    def add(self, page: Sequence[Record], states: Mapping[str, Any]) -> None:
        """Count a page; ``states`` by registry, a state for each row."""
        listed = np.zeros(len(page), np.bool_)
        for registry, said in states.items():
            self._by_registry[registry] += np.bincount(said, minlength=3)
            listed |= said == LISTED
        self._seal(page, states)
        self.totals["numbers"] += len(page)
        self.totals["on_any"] += int(listed.sum())
        self.totals["suppressed"] += sum(bool(row.suppressed) for row in page)
        self.totals["dead"] += sum(bool(row.dead) for row in page)

    def _seal(self, page: Sequence[Record], states: Mapping[str, Any]) -> None:
        """Row by row, so that the size of pages leaves no trace."""
        keys = np.frombuffer(b"".join(bytes(row.number_key) for row in page), np.uint8).reshape(len(page), -1)
        said = [np.asarray(states[registry], np.uint8) for registry in sorted(states)]
        self._answers.update(np.column_stack([keys, *said]).tobytes())

    def digest(self) -> str:
        """The same where every number is the same and every registry says the same of it."""
        return self._answers.hexdigest()

    def registries(self) -> dict[str, RegistryCounts]:
        """What each registry said how often."""
        return {
            registry: RegistryCounts(
                listed=int(counts[LISTED]),
                not_listed=int(counts[NOT_LISTED]),
                not_covered=int(counts[NOT_COVERED]),
            )
            for registry, counts in self._by_registry.items()
        }

    def as_dict(self) -> dict[str, Any]:
        """The form that the record keeps."""
        registries = {
            name: {"listed": said.listed, "not_listed": said.not_listed, "not_covered": said.not_covered}
            for name, said in self.registries().items()
        }
        return {**self.totals, "registries": registries}
