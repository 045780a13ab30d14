"""A national do-not-call list: built, looked up, and a stored list scrubbed against it, beside plain ways to do so."""

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bench import registry_baselines as baselines
from bench import registry_text
from bench.clock import timed
from orchestrator.domain.registry_snapshot import RegistrySnapshot
from orchestrator.installation import prove
from orchestrator.persistence import migrate, registry_snapshots
from orchestrator.persistence.dossiers import NUMBER, PROFILE
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.persistence.tables.lists import imports, list_rows, lists
from orchestrator.persistence.tables.people import contact_points, contacts
from orchestrator.pipeline.intake.seller_choice import make_default
from orchestrator.pipeline.scrub import scrub_list
from orchestrator.registries import profiles
from orchestrator.registries.builder import Origin, build
from orchestrator.registries.shelf import Shelf
from orchestrator.registries.snapshot import LISTED
from orchestrator.registries.snapshot_file import file_of
from orchestrator.settings import Settings, config_dir

NUMBERS = 250_000_000
ASKED = 1_000_000
LISTED_TO_STORED = 250  # a quarter of a billion listed, a million contacts stored
CHUNK = 20_000
AT = datetime(2026, 11, 20, tzinfo=UTC)

Row = tuple[str, float, str]


def measure(numbers: int = NUMBERS) -> list[Row]:
    """Rows of (what, value, unit); ``numbers`` are as many as the list holds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = registry_text.write(folder, numbers)
        built, build_rows = _build(folder, files, numbers)
        asked = registry_text.asked(ASKED)
        shelf, look_rows = _look_up(folder, built, asked)
        found = int((shelf.states(asked, None)[built.registry] == LISTED).sum())
        scrubbed = _scrub(folder, shelf, built, max(1000, numbers // LISTED_TO_STORED))
        plain = baselines.measure(folder, files, asked, found)
    return [*build_rows, *look_rows, *scrubbed, *plain]


def _build(folder: Path, files: Sequence[Path], numbers: int) -> tuple[RegistrySnapshot, list[Row]]:
    """In a process of its own, whose peak of memory is its own too."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        built, seconds, peak = pool.apply(_built, (folder, files))
    assert built.numbers == numbers
    disk = file_of(folder / "registries", built.digest).stat().st_size
    return built, [
        (f"snapshot of {numbers:,} numbers built from text", seconds, "s"),
        ("most memory while building", peak / 1e6, "MB"),
        ("snapshot on disk", disk / 1e6, "MB"),
    ]


def _built(folder: Path, files: Sequence[Path]) -> tuple[RegistrySnapshot, float, int]:
    profile = profiles.choose(profiles.load(config_dir() / "registries"), "us-national")
    started = time.perf_counter()
    file = build(files, profile, folder / "registries", Origin(registry="us-national", obtained_at=AT))
    seconds = time.perf_counter() - started
    return file.at(AT), seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _look_up(folder: Path, built: RegistrySnapshot, asked: Sequence[str]) -> tuple[Shelf, list[Row]]:
    shelf, opened = timed(lambda: Shelf(folder / "registries", [built]))
    _, looked_up = timed(lambda: shelf.states(asked, None))
    return shelf, [
        ("snapshot opened, every bit verified", opened, "s"),
        (f"{len(asked):,} numbers in memory looked up", looked_up, "s"),
    ]


def _scrub(folder: Path, shelf: Shelf, built: RegistrySnapshot, people: int) -> list[Row]:
    store = _store(folder)
    with store.write() as tx:
        registry_snapshots.add(tx, built)
    list_id = _stored_list(store, registry_text.asked(people))
    report, seconds = timed(lambda: scrub_list(store, shelf, "default", list_id, "bench", AT))
    store.engine.dispose()
    assert report.numbers == people, report
    return [(f"{people:,} stored contacts scrubbed, with its record", seconds, "s")]


def _store(folder: Path) -> Store:
    engine = open_engine(f"sqlite:///{folder / 'scrub.sqlite3'}")
    migrate.upgrade(engine)
    store = prove(Store(engine, Keyring.parse(Keyring.generate())), Settings())
    make_default(store, "default", "US", AT)
    return store


def _stored_list(store: Store, numbers: Sequence[str]) -> int:
    """A list of people with a number each, put in without the import's questions."""
    with store.write() as tx:
        row: dict[str, Any] = {"seller_id": "default", "name": "bench", "created_at": AT}
        list_id: int = tx.execute(insert(lists).values(row).returning(lists.c.id)).scalar_one()
        row = {"list_id": list_id, "file_digest": "0" * 64, "file_name": "bench.csv", "reading": {}, "counts": {}}
        row |= {"state": "finished", "records_done": len(numbers), "started_at": AT}
        import_id: int = tx.execute(insert(imports).values(row).returning(imports.c.id)).scalar_one()
    for start in range(0, len(numbers), CHUNK):
        _store_people(store, list_id, import_id, start, numbers[start : start + CHUNK])
    return list_id


def _store_people(store: Store, list_id: int, import_id: int, start: int, numbers: Sequence[str]) -> None:
    keyring, profile = store.keyring, store.keyring.seal_json({}, PROFILE)
    ids = range(start + 1, start + 1 + len(numbers))
    theirs: dict[str, Any] = {"seller_id": "default", "country": "US", "created_at": AT}
    people = [{**theirs, "id": id_, "profile_sealed": profile, "updated_at": AT} for id_ in ids]
    points = [
        {**theirs, "contact_id": id_, "position": 0, "number_key": keyring.number_key(n), "number_sealed": sealed}
        for id_, n, sealed in zip(ids, numbers, (keyring.seal(n, NUMBER) for n in numbers), strict=True)
    ]
    rows = [
        {"import_id": import_id, "line": id_, "list_id": list_id, "contact_id": id_, "verdict": "accepted"}
        for id_ in ids
    ]
    with store.write() as tx:
        for table, values in ((contacts, people), (contact_points, points), (list_rows, rows)):
            tx.execute(insert(table), values)
