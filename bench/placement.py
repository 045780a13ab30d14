"""Calls placed a second through Twilio's client at 150 ms carrier latency, beside bare POSTs of the same threads."""

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter

from orchestrator.carrier.client import connect
from orchestrator.domain.enrollment import Lane
from orchestrator.installation import prove
from orchestrator.persistence import migrate
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.pipeline.placement import Placer
from orchestrator.settings import Settings
from tests.world import World

CALLS = 600
LATENCY_SECONDS = 0.15
THREADS = 32
ACCOUNT = "AC" + "8" * 32
AREAS = ("212", "315", "516", "518", "585", "607", "631", "646", "716", "718")


class _Carrier(BaseHTTPRequestHandler):
    """Takes every call after the latency."""

    protocol_version = "HTTP/1.1"
    taken = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(LATENCY_SECONDS)
        type(self).taken += 1
        body = json.dumps({"sid": f"CA{type(self).taken:032x}", "status": "queued", "queue_time": "0"}).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # all threads connect at once


def measure() -> list[tuple[str, float, str]]:
    """The rows of the table."""
    with _carrier() as url, tempfile.TemporaryDirectory() as folder:
        ours = _ours(url, Path(folder) / "ours.sqlite3")
        plain = _plain(url)
    return [
        (f"attempt row, SDK, receipt; {THREADS} threads", ours, "calls/s"),
        (f"bare POST by requests; {THREADS} threads", plain, "calls/s"),
        ("share of the baseline", ours / plain, "ratio"),
        ("the bound that the latency sets", THREADS / LATENCY_SECONDS, "calls/s"),
    ]


@contextmanager
def _carrier() -> Iterator[str]:
    server = _Server(("127.0.0.1", 0), _Carrier)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def _ours(url: str, path: Path) -> float:
    engine = open_engine(f"sqlite:///{path}")
    migrate.upgrade(engine)
    settings = Settings(
        account_sid=ACCOUNT,
        auth_token="bench",
        public_url="https://calls.example.com",
        twilio_api_url=url,
        placement_threads=THREADS,
    )
    store = prove(Store(engine, Keyring.parse(Keyring.generate())), settings)
    carrier = connect(settings)
    world = World(store, carrier, calls_per_second=1e6)
    world.close()
    world.placer = Placer(store, lambda: carrier, world.dispatcher.clock, world.waits, THREADS)
    object.__setattr__(world.dispatcher, "placer", world.placer)
    campaign_id = world.a_campaign()
    world.enrol(campaign_id, *[world.a_contact([f"+1{AREAS[n % 10]}555{n // 10:04d}"]) for n in range(CALLS)])
    began = time.perf_counter()
    planned = 0
    while planned < CALLS:
        planned += world.dispatcher.run_once(world.campaign(campaign_id), Lane.PREDICTIVE, CALLS).planned
    assert world.placer.drain(60), "receipts are late"
    seconds = time.perf_counter() - began
    world.close()
    engine.dispose()
    return CALLS / seconds


def _plain(url: str) -> float:
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", HTTPAdapter(pool_maxsize=THREADS))
    form = {"To": "+12125550100", "From": "+12125550101", "Url": "https://calls.example.com/a"}
    address = f"{url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda _: session.post(address, data=form, auth=(ACCOUNT, "bench")), range(CALLS)))
    assert all(answer.status_code == 201 for answer in answers)
    return CALLS / (time.perf_counter() - began)
