"""Entries sealed and verified a second, beside a plain read and a hash chain of the same rows; and who waits for it."""

import json
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from bench.picks import picks_a_second
from orchestrator.installation import prove
from orchestrator.persistence import migrate
from orchestrator.persistence.bulk_insert import bulk_insert
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.store import Store, open_engine
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import decisions
from orchestrator.persistence.tables.people import consents
from orchestrator.pipeline.sealing import sealer
from orchestrator.pipeline.sealing.verifying import verify
from orchestrator.scheduler.metronome import SEALS_EVERY
from orchestrator.settings import Settings
from tests.world import NOON, World, numbers

PEOPLE = 20_000  # each with a decision, a call and a consent: five entries
ALL = 10_000_000
FACTS = {"numbers": numbers(40), "words": "as many as a question to the gate has" * 20}
Row = tuple[str, float, str]


def measure() -> list[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sealed.sqlite3"
        store = _history(path)
        idle = _waits(store, lambda: time.sleep(2))
        sealing, beside = _sealed(store)
        verifying, of_cpu, entries = _verified(store)
        read, chained = _plain(path)
        store.engine.dispose()
        alone, _ = picks_a_second(Path(folder) / "alone.sqlite3")
        watched, _ = picks_a_second(Path(folder) / "watched.sqlite3", _sealing)
    return [
        ("sealed: committed, entered, marked, synced", sealing, "entries/s"),
        ("verified: every row, every entry, the tree", verifying, "entries/s"),
        ("the same, by CPU time (a busy machine changes it less)", of_cpu, "entries/CPU s"),
        ("the same rows read and nothing done with them", entries / read, "entries/CPU s"),
        ("the same rows read into a chain of SHA-256", entries / chained, "entries/CPU s"),
        ("a one-row write of others, nothing sealed, 99th percentile", idle, "ms"),
        ("a one-row write of others beside the sealing, 99th percentile", beside, "ms"),
        ("picks end to end, nothing sealed", alone, "picks/s"),
        ("picks end to end, a worker seals every five seconds", watched, "picks/s"),
    ]


def _history(path: Path) -> Store:
    engine = open_engine(f"sqlite:///{path}")
    migrate.upgrade(engine)
    store = prove(Store(engine, Keyring.parse(Keyring.generate())), Settings())
    World(store, None).a_seller()  # type: ignore[arg-type]
    for start in range(0, PEOPLE, 2000):
        some = range(start, start + 2000)
        with store.write() as tx:
            bulk_insert(tx, decisions, [_decision(store, n) for n in some])
            bulk_insert(tx, attempts, [_attempt(n) for n in some])
            bulk_insert(tx, consents, [_consent(store, n) for n in some])
    return store


def _named(n: int) -> dict[str, object]:
    return {"seller_id": "acme", "campaign_id": 1, "enrollment_id": n, "contact_id": n, "number_key": os.urandom(16)}


def _decision(store: Store, n: int) -> dict[str, object]:
    at = NOON + timedelta(milliseconds=n)
    none: list[str] = []
    ruled = {"channel": "voice", "mode": "predictive", "verdict": "allow", "rules": none, "until": None}
    facts = store.keyring.seal(json.dumps({**FACTS, "n": n}), "decisions.facts")
    rest = {"rulebook": "d" * 64, "facts_sealed": facts, "times": 1, "decided_at": at, "last_at": at}
    return {"id": new_id(at), **_named(n), "attempt_id": new_id(at), **ruled, **rest}


def _attempt(n: int) -> dict[str, object]:
    at = NOON + timedelta(milliseconds=n)
    sent = {"channel": "voice", "mode": "predictive", "stage": "ended", "outcome": "no_answer", "sid": f"CA{n:032x}"}
    ends = {"planned_at": at, "ringing_at": at, "ended_at": at, "followed_up": True, "rescue_tries": 0}
    where = {"ordinal": 1, "to_sealed": b"", "country": "US", "from_address": "+12125550100", "marked_machine": False}
    return {"id": new_id(at), **_named(n), **where, **sent, **ends, "decision_id": UUID(int=n)}


def _consent(store: Store, n: int) -> dict[str, object]:
    given = {"event": "given", "channel": "voice", "level": "express_written", "source": "own_form"}
    flags = {"automated": True, "states_period": False, "to_caller": True, "happened_at": NOON, "recorded_at": NOON}
    evidence = store.keyring.seal(f"the form, page {n}", "consents.evidence")
    return {"seller_id": "acme", "number_key": os.urandom(16), **given, **flags, "evidence_sealed": evidence}


def _sealed(store: Store) -> tuple[float, float]:
    """Rows entered a second, and what others waited meanwhile, in milliseconds."""
    rates: list[float] = []

    def run() -> None:
        began = time.perf_counter()
        sealer.run_once(store, NOON + timedelta(hours=1), ALL)
        rates.append(time.perf_counter() - began)

    waited = _waits(store, run)
    return 5 * PEOPLE / rates[0], waited


@contextmanager
def _sealing(store: Store) -> Iterator[None]:
    """A worker's ring, as often as it comes."""
    over = threading.Event()

    def ring() -> None:
        while not over.wait(SEALS_EVERY):
            sealer.run_once(store, NOON)

    ringing = threading.Thread(target=ring)
    ringing.start()
    yield
    over.set()
    ringing.join()


def _waits(store: Store, meanwhile: Callable[[], None]) -> float:
    """The 99th percentile of one-row writes of somebody else, in milliseconds, while that goes on."""
    busy = threading.Thread(target=meanwhile)
    busy.start()
    took = []
    while busy.is_alive():
        began = time.perf_counter()
        with store.write() as tx:
            tx.exec_driver_sql("UPDATE sellers SET name = name WHERE id = 'acme'")
        took.append(time.perf_counter() - began)
        time.sleep(0.01)
    return sorted(took)[int(len(took) * 0.99)] * 1000


def _verified(store: Store) -> tuple[float, float, int]:
    """Entries verified a second, and a second of CPU, in one process."""
    cpu = time.process_time()
    report = verify(store, NOON + timedelta(hours=2))
    of_cpu = time.process_time() - cpu
    assert report.is_sound, report.findings
    assert report.entries == 5 * PEOPLE
    return report.entries / report.seconds, report.entries / of_cpu, report.entries


def _plain(path: Path) -> tuple[float, float]:
    """Seconds of CPU to read the rows, and to read them into a chain of hashes."""
    connection = sqlite3.connect(path)
    took = []
    for hashing in (False, True):
        began, link = time.process_time(), b""
        for table in ("decisions", "attempts", "consents"):
            for row in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608 - three words of ours
                link = sha256(link + repr(row).encode()).digest() if hashing else link
        took.append(time.process_time() - began)
    connection.close()
    return took[0], took[1]
