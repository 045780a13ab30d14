"""Picks a second from the due index to the receipt, beside the same writes by hand with nothing decided."""

import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from uuid import uuid4

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.contact_request import AbandonmentCounts, Purpose
from orchestrator.domain.enrollment import Lane
from orchestrator.installation import prove
from orchestrator.law import load_rulebook
from orchestrator.persistence import migrate
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.pipeline.abandonment import Exposure
from orchestrator.settings import Settings
from tests.world import CONFIG, NOON, World

PEOPLE = 3000
BATCH = 20
PLENTY = Exposure(AbandonmentCounts(live_answered=1_000_000, abandoned=0))
AREAS = ("212", "315", "516", "518", "585", "607", "631", "646", "716", "718", "845", "914", "917", "347", "332")


def measure() -> list[tuple[str, float, str]]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as folder:
        ours, of_cpu = picks_a_second(Path(folder) / "ours.sqlite3")
        plain = _plain(Path(folder) / "plain.sqlite3")
    return [
        ("the whole rulebook asked, an informational call", ours, "picks/s"),
        ("the same, by CPU time (a busy machine changes it less)", of_cpu, "picks/CPU s"),
        ("the same rows by hand, no decision", plain, "picks/s"),
        ("share of the baseline", ours / plain, "ratio"),
    ]


def _numbers() -> list[str]:
    """Numbers of the United States that nobody is called on: the carrier is in memory."""
    return [f"+1{AREAS[n % len(AREAS)]}555{n // len(AREAS):04d}" for n in range(PEOPLE)]


def picks_a_second(
    path: Path, beside: Callable[[Store], AbstractContextManager[None]] = lambda _: nullcontext()
) -> tuple[float, float]:
    """Picks a second, and a second of CPU; ``beside``: what goes on in the same database meanwhile."""
    engine = open_engine(f"sqlite:///{path}")
    migrate.upgrade(engine)
    store = prove(Store(engine, Keyring.parse(Keyring.generate())), Settings())
    carrier = InProcessCarrier(now=lambda: NOON)
    world = World(store, carrier, calls_per_second=1e6, rulebook=load_rulebook(CONFIG))
    campaign_id = world.a_campaign(purpose=Purpose.INFORMATIONAL)
    world.dispatcher.abandonment.exposure = lambda *_: PLENTY  # type: ignore[method-assign]
    world.enrol(campaign_id, *[world.a_contact([number]) for number in _numbers()])
    began, cpu_began = time.perf_counter(), time.process_time()
    with beside(store):
        planned = _dispatched(world, campaign_id)
    seconds, of_cpu = time.perf_counter() - began, time.process_time() - cpu_began
    world.close()
    engine.dispose()
    return planned / seconds, planned / of_cpu


def _dispatched(world: World, campaign_id: int) -> int:
    planned = world.dispatch(campaign_id, Lane.PREDICTIVE, PEOPLE)
    while planned < PEOPLE:
        more = world.dispatch(campaign_id, Lane.PREDICTIVE, PEOPLE)
        assert more, f"only {planned} of {PEOPLE} were picked"
        planned += more
    return planned


def _plain(path: Path) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE due (id INTEGER PRIMARY KEY, stage TEXT, at INTEGER);"
        "CREATE INDEX ix ON due (at) WHERE stage = 'due';"
        "CREATE TABLE attempts (id TEXT PRIMARY KEY, due_id INTEGER, stage TEXT, sid TEXT);"
    )
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO due VALUES (?, 'due', ?)", [(n, n) for n in range(PEOPLE)])
    connection.execute("COMMIT")
    began = time.perf_counter()
    for _ in range(PEOPLE // BATCH):
        connection.execute("BEGIN IMMEDIATE")
        rows = connection.execute("SELECT id FROM due WHERE stage = 'due' ORDER BY at LIMIT ?", (BATCH,)).fetchall()
        attempts = [(str(uuid4()), due_id) for (due_id,) in rows]
        connection.executemany("UPDATE due SET stage = 'in_flight' WHERE id = ?", rows)
        connection.executemany("INSERT INTO attempts VALUES (?, ?, 'planned', NULL)", attempts)
        connection.execute("COMMIT")
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "UPDATE attempts SET stage = 'queued', sid = ? WHERE id = ?", [(key, key) for key, _ in attempts]
        )
        connection.execute("COMMIT")
    return PEOPLE / (time.perf_counter() - began)
