"""The whole product on loopback: sandbox, callbacks server and a worker that may be killed, on one fast clock."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import func, insert, select, update

from orchestrator.carrier.client import connect
from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.cli.demonstration.processes import Processes, free_ports
from orchestrator.clock import Clock
from orchestrator.domain.errors import UserError
from orchestrator.persistence import agent_legs, agents
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.agents import agents as agents_table
from orchestrator.persistence.tables.agents import offers
from orchestrator.persistence.tables.attempts import attempts, cancellations
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.deliveries import inbox
from orchestrator.persistence.tables.people import number_facts, senders
from orchestrator.pipeline import line_types
from orchestrator.pipeline.offers import accept
from orchestrator.settings import Settings
from tests.conftest import KEYS
from tests.journeys.config import a_config
from tests.world import CALLER_ID, CONFIG, NOON, SENDER, World

ACCOUNT, TOKEN = "AC" + "3" * 32, "a-token-of-tests"
SPEED = 30
WAITS = "lease=3,doubt=0.2,silence=1,http=0.5"
LOOK_SECONDS = 0.02


@dataclass
class Stage:
    """One journey: its world is built first, then the processes start."""

    folder: Path
    store: Store
    processes: Processes
    ports: tuple[int, int]
    population: str = ""
    speed: float = SPEED
    nursery: "subprocess.Popen[str] | None" = None

    def __post_init__(self) -> None:
        self.clock = Clock(NOON, self.speed, datetime.now(UTC))
        self.url, callbacks_url = (f"http://127.0.0.1:{port}" for port in self.ports)
        self.environment = {
            "ORCHESTRATOR_DATABASE_URL": str(self.store.engine.url),
            "ORCHESTRATOR_SECRET_KEYS": KEYS,
            "ORCHESTRATOR_PUBLIC_URL": callbacks_url,
            "ORCHESTRATOR_TWILIO_API_URL": self.url,
            "ORCHESTRATOR_CALLS_PER_SECOND": "10",
            "ORCHESTRATOR_SEGMENTS_PER_SECOND": "10",
            "ORCHESTRATOR_CLOCK": str(self.clock),
            "ORCHESTRATOR_CONFIG_DIR": str(a_config(self.folder / "config")),
            "ORCHESTRATOR_WAITS": WAITS,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
        }
        self.carrier = connect(
            Settings(public_url=callbacks_url, twilio_api_url=self.url, account_sid=ACCOUNT, auth_token=TOKEN)
        )

    @contextmanager
    def building(self) -> Iterator[World]:
        """Sellers, campaigns and people, made before anything runs."""
        world = World(self.store, InProcessCarrier(now=lambda: NOON))
        try:
            yield world
        finally:
            world.close()
        with self.store.write() as tx:
            for address in (CALLER_ID, SENDER):
                tx.execute(insert(senders).values(address=address, seller_id="acme", created_at=NOON))

    def open(self) -> None:
        """Start the carrier and the server for its callbacks."""
        callbacks = self.environment["ORCHESTRATOR_PUBLIC_URL"]
        population = self.folder / "population.toml"
        population.write_text(self.population)
        # No shorter pause than the engine's between two calls, so that nothing queues at the carrier.
        arguments = {
            "--bind": f"127.0.0.1:{self.ports[0]}",
            "--account-sid": ACCOUNT,
            "--auth-token": TOKEN,
            "--calls-per-second": "50",
            "--segments-per-second": "50",
            "--seed": "7",
            "--population": str(population),
            "--inbound-url": f"{callbacks}/inbound/messages",
            "--inbound-voice-url": f"{callbacks}/inbound/calls",
        }
        words = [word for pair in arguments.items() for word in pair]
        self.processes.start("sandbox", ["-m", "sandbox", *words], self.environment)
        bind = f"127.0.0.1:{self.ports[1]}"
        self.processes.start("callbacks", ["-m", "orchestrator", "callbacks", "--bind", bind], self.environment)
        self.processes.await_port("sandbox", self.ports[0])
        self.processes.await_port("callbacks", self.ports[1])

    def start_worker(self) -> None:
        """Start the engine."""
        self.processes.start("worker", ["-m", "orchestrator", "worker"], self.environment)

    @contextmanager
    def mortal_worker(self) -> Iterator[None]:
        """A worker that dies by SIGKILL at the end of the block: nothing is finished, nothing is said."""
        nursery = self.nursery or self._open_nursery()
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        print("worker", file=nursery.stdin, flush=True)
        pid = int(nursery.stdout.readline())
        yield
        os.kill(pid, signal.SIGKILL)
        assert int(nursery.stdout.readline()) == signal.SIGKILL, "the worker had ended by itself"

    def _open_nursery(self) -> "subprocess.Popen[str]":
        with (self.folder / "worker.log").open("ab") as log:
            self.nursery = subprocess.Popen(
                [sys.executable, "-m", "tests.journeys.nursery"],
                env={**os.environ, **self.environment},
                cwd=CONFIG.parent,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        return self.nursery

    def close(self) -> None:
        """End every process, whatever it does."""
        self.processes.end()
        if self.nursery is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.nursery.pid, signal.SIGKILL)
            self.nursery.communicate()

    def pin(self, number: str, **wishes: object) -> None:
        """Fix how the person at this number behaves."""
        self.control("people", {"number": number, **wishes})

    def fault(self, kind: str, **wishes: object) -> None:
        """Ask the carrier to fail."""
        self.control("faults", {"kind": kind, **wishes})

    def control(self, path: str, wishes: dict[str, object]) -> None:
        """Say something to the sandbox's world."""
        requests.post(f"{self.url}/sandbox/{path}", json=wishes, timeout=10).raise_for_status()

    def end_faults(self) -> None:
        """Nothing fails from now on."""
        requests.delete(f"{self.url}/sandbox/faults", timeout=10).raise_for_status()

    def report(self) -> dict[str, Any]:
        """All that the carrier saw."""
        found: dict[str, Any] = requests.get(f"{self.url}/sandbox/report", timeout=30).json()
        return found

    def sign_in(self, count: int) -> None:
        """Agents of the queue, whom the worker rings."""
        with self.store.write() as tx:
            for number in range(count):
                agent_id = f"agent-{number:02d}"
                facts = {"name": agent_id, "queue": "sales", "address": f"client:{agent_id}", "wrap_up_seconds": 5}
                agents.add(tx, self.store.keyring, agent_id, **facts, now=NOON)  # type: ignore[arg-type]
                agent_legs.ask(tx, agent_id, NOON)

    def look_up(self, campaign_id: int) -> None:
        """Ask the carrier for every line type, which nobody knows yet, until it has answered for all."""
        with self.store.write() as tx:
            tx.execute(update(number_facts).values(line_type="unknown", line_type_at=None))
        whose = line_types.Whose(campaign_id=campaign_id)
        self.until(lambda: not line_types.run_once(self.store, self.carrier, NOON, 500, whose).stopped, "line types")

    def until(self, fact: Callable[[], object], what: str, within: float = 60.0) -> None:
        """Wait for a fact; fail with what stands instead."""
        give_up_at = time.monotonic() + within
        while not fact():
            assert time.monotonic() < give_up_at, f"{what} never came: {self._where_it_stands()}"
            threading.Event().wait(LOOK_SECONDS)

    def until_quiet(self, within: float = 90.0) -> None:
        """Wait until nobody is in flight, nobody is due soon, and nothing is left to apply, ask or take back."""
        self.until(self._is_quiet, "quiet", within)

    def _is_quiet(self) -> bool:
        assert not self.processes.has_ended("worker"), self.processes.last_words("worker")
        soon = self.clock.now() + timedelta(seconds=60)
        due = (enrollments.c.stage == "due") & (enrollments.c.next_eligible_at <= soon)
        open_work = [
            select(func.count()).where(enrollments.c.stage.in_(("claimed", "offered", "in_flight")) | due),
            select(func.count()).where((attempts.c.stage != "ended") | ~attempts.c.followed_up),
            select(func.count()).where(attempts.c.rescue_at.is_not(None)),
            select(func.count()).where(inbox.c.processed_at.is_(None)),
            select(func.count()).where(cancellations.c.done_at.is_(None)),
        ]
        with self.store.read() as tx:
            return not any(tx.execute(query).scalar_one() for query in open_work)

    def _where_it_stands(self) -> str:
        with self.store.read() as tx:
            people = tx.execute(select(enrollments.c.stage, func.count()).group_by(enrollments.c.stage)).all()
            calls = tx.execute(
                select(attempts.c.stage, attempts.c.outcome, func.count()).group_by(
                    attempts.c.stage, attempts.c.outcome
                )
            ).all()
            staff = tx.execute(select(agents_table.c.state, func.count()).group_by(agents_table.c.state)).all()
        logs = {path.name: path.read_text("utf-8", "replace")[-500:] for path in self.folder.glob("*.log")}
        return f"{people} {calls} {staff} {logs}"


@contextmanager
def staged(folder: Path, store: Store, population: str = "", speed: float = SPEED) -> Iterator[Stage]:
    """A stage whose processes end with it, whatever happens."""
    first, second = free_ports(2)
    stage = Stage(folder, store, Processes(folder), (first, second), population, speed)
    try:
        yield stage
    finally:
        stage.close()


class YesSayers(threading.Thread):
    """The agents' hands: whatever is laid before one is accepted."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(name="yes-sayers", daemon=True)
        self._stage, self._stopped = stage, threading.Event()

    def __enter__(self) -> "YesSayers":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self.join()

    def run(self) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            for agent_id in self._asked():
                with suppress(UserError):  # it was withdrawn, or timed out, a moment ago
                    accept(self._stage.store, agent_id, self._stage.clock.now())

    def _asked(self) -> Sequence[str]:
        with self._stage.store.read() as tx:
            return tx.execute(select(offers.c.agent_id).where(offers.c.state == "offered")).scalars().all()
