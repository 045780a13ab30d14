"""Ten thousand texts over real HTTP under every fault of the sandbox, beside a plain loop that posts them."""

import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import phonenumbers
import requests

from orchestrator.installation import prove
from orchestrator.persistence import migrate
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.settings import Settings
from tests.conftest import KEYS
from tests.journeys.stage import ACCOUNT, TOKEN, Stage, staged
from tests.journeys.test_faults import fail_in_every_way
from tests.journeys.texting import (
    POOL,
    POPULATION,
    ask_about_delivery_now,
    check_texts,
    kill_workers,
    people_to_text,
    planned,
)
from tests.world import NOON

PEOPLE, KILLS, POSTS = 10_000, 5, 1_000
WAITS = "lease=3,doubt=0.2,silence=0.5,http=0.5"
PATIENCE_SECONDS = 1800.0


def measure() -> list[tuple[str, float, str]]:
    """The rows of the table."""
    folder = Path(tempfile.mkdtemp())
    try:
        ours, whole, texts = _ours(folder / "ours")
        plain = _plain(folder / "plain")
    finally:
        shutil.rmtree(folder)
    return [
        ("people texted, each once by the carrier's own record", texts, "texts"),
        (f"decided, written, sent, receipt written; every fault on, {KILLS} workers killed", ours, "texts/s"),
        ("a plain loop that posts and writes nothing; no fault", plain, "texts/s"),
        ("share of the baseline", ours / plain, "ratio"),
        ("until the end of every text is known", whole, "s"),
    ]


def _ours(folder: Path) -> tuple[float, float, int]:
    """Texts a second until each was handed over once, and the seconds until each had come to its end."""
    to = _numbers(PEOPLE)
    with staged(folder, _store(folder), POPULATION) as stage:
        stage.environment["ORCHESTRATOR_WAITS"] = WAITS
        stage.environment["ORCHESTRATOR_SEGMENTS_PER_SECOND"] = "100"  # the senders' rates are not what is measured
        with stage.building() as world:
            people_to_text(world, to)
        stage.open()
        fail_in_every_way(stage)
        kill_workers(stage, KILLS, 100, random.Random(20261122))
        before, began = planned(stage, NOON), time.perf_counter()
        stage.start_worker()
        stage.until(lambda: planned(stage, NOON) >= PEOPLE, "a plan for each", PATIENCE_SECONDS)
        seconds = time.perf_counter() - began
        ask_about_delivery_now(stage)
        stage.until_quiet(PATIENCE_SECONDS)
        whole = time.perf_counter() - began
        case = check_texts(stage, to)
    return (PEOPLE - before) / seconds, whole, len(case.outbound)


def _plain(folder: Path) -> float:
    with staged(folder, _store(folder), POPULATION) as stage:
        stage.open()
        return POSTS / _posting(stage, _numbers(POSTS))


def _posting(stage: Stage, to: Sequence[str]) -> float:
    session = requests.Session()
    session.trust_env = False
    session.auth = (ACCOUNT, TOKEN)
    address = f"{stage.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    began = time.perf_counter()
    for at, number in enumerate(to):
        form = {"To": number, "From": POOL[at % len(POOL)], "Body": "Acme Roofing: hello. Reply STOP to opt out."}
        session.post(address, data=form, timeout=10).raise_for_status()
    return time.perf_counter() - began


def _store(folder: Path) -> Store:
    folder.mkdir()
    engine = open_engine(f"sqlite:///{folder / 'bench.sqlite3'}")
    migrate.upgrade(engine)
    return prove(Store(engine, Keyring.parse(KEYS)), Settings())


def _numbers(count: int) -> list[str]:
    """Fictional numbers, a hundred an area code, of area codes all over the United States."""
    found: list[str] = []
    for area in range(201, 990):
        hundred = [f"+1{area}55501{n:02d}" for n in range(100)]
        if phonenumbers.region_code_for_number(phonenumbers.parse(hundred[0])) == "US":
            found += hundred
        if len(found) >= count:
            return found[:count]
    raise AssertionError(f"only {len(found)} fictional numbers")
