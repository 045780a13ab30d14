"""Callbacks a second, end to end over HTTP and down to the disk, beside a view that does nothing at all.

The server is a process of its own; so is the one that sends, which signs before the clock starts.
"""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from threading import Event
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from flask import Flask, request
from sqlalchemy import insert
from twilio.request_validator import RequestValidator

from orchestrator import installation
from orchestrator.domain.agent import AgentState
from orchestrator.persistence import agents
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.people import contacts, sellers
from orchestrator.settings import Settings

PUBLIC_URL, ACCOUNT, TOKEN = "https://calls.example.com", "AC" + "7" * 32, "a-token-of-benchmarks"
CONNECTIONS, THREADS = 16, 16
STATUSES, WARM_UP, ANSWERS, FREE_AGENTS = 6000, 200, 1500, 200
FORM = "application/x-www-form-urlencoded"
GEOGRAPHY = {
    f"{side}{part}": value
    for side in ("To", "From", "Called", "Caller")
    for part, value in (("City", "NEW YORK"), ("State", "NY"), ("Zip", "10001"), ("Country", "US"))
}
Posting = tuple[str, bytes, dict[str, str]]

plain = Flask("plain")


@plain.post("/<path:_path>")
def nothing(_path: str) -> tuple[str, int]:
    request.get_data()  # a body left unread makes the server close the connection
    return "", 204


def measure() -> list[tuple[str, float, str]]:
    """Rates and latencies with their names and units."""
    with tempfile.TemporaryDirectory() as folder:
        environment = _environment(Path(folder))
        store = installation.open_store(_settings(environment))
        ids = _seed(store)
        with _serving("bench.callbacks:plain", environment) as address:
            plain_rate, _ = _drive(address, _statuses())
        with _serving("webhooks.wsgi:app", environment) as address:
            _drive(address, _statuses(WARM_UP, "warm"))
            rate, slowest = _drive(address, _statuses())
            with _importing(store):
                answers, answers_p99 = _drive(address, _answers(ids), connections=4)
    return [
        ("a view that only returns 204", plain_rate, "1/s"),
        ("callbacks, signed, stored, synchronous=FULL", rate, "1/s"),
        ("callbacks, 99th percentile at full load", slowest, "ms"),
        ("answer documents while an import runs", answers, "1/s"),
        ("answer documents while an import runs, 99th percentile", answers_p99, "ms"),
    ]


def _environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "ORCHESTRATOR_DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}",
        "ORCHESTRATOR_SECRET_KEYS": "k1:" + "A" * 43 + "=",
        "ORCHESTRATOR_PUBLIC_URL": PUBLIC_URL,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "ORCHESTRATOR_CLOCK": "",
    }


def _settings(environment: dict[str, str]) -> Settings:
    return Settings(
        database_url=environment["ORCHESTRATOR_DATABASE_URL"], secret_keys=environment["ORCHESTRATOR_SECRET_KEYS"]
    )


def _seed(store: Store) -> list[UUID]:
    """A campaign with ringing calls and some free agents; the calls' ids."""
    now = Settings().clock.now()
    seller = {"id": "acme", "name": "Acme", "country": "US", "callback_number": "+12125550100", "kind": "commercial"}
    voice = {"queue": "sales", "information_message": "This is Acme, +1 212 555 0100. Press 9 to opt out."}
    campaign = {"id": 1, "seller_id": "acme", "name": "Spring", "purpose": "telemarketing", "state": "running"}
    attempt = {"seller_id": "acme", "campaign_id": 1, "enrollment_id": 1, "contact_id": 1, "ordinal": 1}
    attempt |= {"to_sealed": b"", "country": "US", "from_address": "+12125550100", "channel": "voice"}
    attempt |= {"mode": "predictive", "stage": "ringing", "planned_at": now - timedelta(seconds=20)}
    ids = [new_id(now) for _ in range(ANSWERS)]
    with store.write() as tx:
        tx.execute(insert(sellers).values(**seller, registrations=[], created_at=now))
        tx.execute(insert(campaigns).values(**campaign, priority=5, plan={"voice": voice}, created_at=now))
        rows = [attempt | {"id": one, "number_key": one.bytes, "decision_id": new_id(now)} for one in ids]
        tx.execute(insert(attempts), rows)
        for number in range(FREE_AGENTS):
            name = f"agent{number}"
            facts = {"name": name, "queue": "sales", "address": f"client:{name}", "wrap_up_seconds": 0}
            agents.add(tx, store.keyring, name, **facts, now=now)  # type: ignore[arg-type]
            agents.change(tx, name, {AgentState.AWAY}, AgentState.READY, now)
    return ids


@contextmanager
def _serving(target: str, environment: dict[str, str]) -> Iterator[str]:
    """The application behind the server that the product uses, with its settings; yields host:port."""
    port = _free_port()
    options = ["--interface", "wsgi", "--port", str(port), "--blocking-threads", str(THREADS), "--no-ws"]
    command = [sys.executable, "-m", "granian", *options, "--http", "1", "--log-level", "error", target]
    server = subprocess.Popen(command, env=environment)
    try:
        _until_it_answers(port, server)
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def _free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


def _until_it_answers(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError("the server did not start")
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("the server did not answer")


def _statuses(count: int = STATUSES, prefix: str = "CA") -> list[Posting]:
    """News of calls as the carrier sends it: some 25 fields, each delivery another."""
    fields = {"AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "Direction": "outbound-api", **GEOGRAPHY}
    fields |= {"From": "+12125550100", "To": "+12125550123", "CallbackSource": "call-progress-events"}
    fields |= {"CallStatus": "ringing", "Timestamp": "Mon, 23 Nov 2026 15:00:07 +0000"}
    return [
        _posting(
            f"/calls/{UUID(int=number)}/status",
            fields | {"CallSid": f"{prefix}{number}", "SequenceNumber": str(number % 4)},
        )
        for number in range(count)
    ]


def _answers(ids: Sequence[UUID]) -> list[Posting]:
    fields = {"AccountSid": ACCOUNT, "From": "+12125550100", "To": "+12125550123", "CallStatus": "in-progress"}
    return [_posting(f"/calls/{one}/answer", fields | GEOGRAPHY | {"CallSid": f"CA{one.hex}"}) for one in ids]


def _posting(path: str, fields: dict[str, str]) -> Posting:
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + path, fields)
    return path, urlencode(fields).encode(), {"Content-Type": FORM, "X-Twilio-Signature": signature}


def _drive(address: str, postings: list[Posting], connections: int = CONNECTIONS) -> tuple[float, float]:
    """Post everything from another process; postings a second, and the 99th percentile in milliseconds."""
    with get_context("spawn").Pool(1) as pool:
        seconds, latencies = pool.apply(_post_all, (address, postings, connections))
    latencies.sort()
    return len(postings) / seconds, latencies[int(len(latencies) * 0.99)] * 1000


def _post_all(address: str, postings: list[Posting], connections: int) -> tuple[float, list[float]]:
    shares = [postings[start::connections] for start in range(connections)]
    began = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        latencies = [one for some in pool.map(_poster(address), shares) for one in some]
    return time.perf_counter() - began, latencies


def _poster(address: str) -> Callable[[list[Posting]], list[float]]:
    def post(share: list[Posting]) -> list[float]:
        parts = urlsplit(f"//{address}")
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        latencies = []
        for path, body, headers in share:
            began = time.perf_counter()
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            response.read()
            latencies.append(time.perf_counter() - began)
            assert response.status in {200, 204}, (path, response.status)
        return latencies

    return post


@contextmanager
def _importing(store: Store) -> Iterator[None]:
    """Somebody imports a list meanwhile, with the manners of a bulk writer."""
    done = Event()
    now = Settings().clock.now()
    row = {"seller_id": "acme", "profile_sealed": b"x" * 200, "country": "US", "created_at": now, "updated_at": now}

    def write() -> None:
        while not done.is_set():
            with store.write() as tx:
                tx.execute(insert(contacts), [row] * store.bulk_rows)
            store.rest()

    with ThreadPoolExecutor(1) as pool:
        importing = pool.submit(write)
        try:
            yield
        finally:
            done.set()
        importing.result()


if __name__ == "__main__":
    for name, rate, unit in measure():
        print(f"{name}: {rate:,.1f} {unit}")
