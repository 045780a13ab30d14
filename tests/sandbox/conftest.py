"""A sandbox in a thread, the official SDK pointed at it, and an application that hears its callbacks."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from sandbox.clock import WorldClock
from sandbox.mix import Mix
from sandbox.server import RunningSandbox, serve
from sandbox.world import SandboxConfig
from tests.sandbox.receiver import Receiver, running_receiver

ACCOUNT = "AC" + "5" * 32
TOKEN = "a-token-of-tests"
PERSON, OTHER_PERSON, NUMBER, AGENT = "+12025550123", "+12025550124", "+12025550100", "client:agent-one"
# People who wait long, so that a busy machine is no reason to hang up; a test of impatience pins it.
PATIENT = Mix(patience_seconds=(900.0, 900.0))
START = 1_795_000_000.0
MakeSandbox = Callable[..., "Here"]


class SandboxHttpClient(TwilioHttpClient):  # type: ignore[misc]
    """Sends what the SDK would send to Twilio to another base, path unchanged."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=5)
        self._base = base

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return super().request(method, f"{self._base}{parts.path}{query}", *args, **kwargs)


class Here:
    """One sandbox, and ways to speak to it."""

    def __init__(self, running: RunningSandbox) -> None:
        self.running = running
        self.url = running.url
        self.client = Client(ACCOUNT, TOKEN, http_client=SandboxHttpClient(running.url))

    def control(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        answer = requests.request(method, f"{self.url}/sandbox/{path}", json=body, timeout=5)
        assert answer.status_code < 300, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def post(self, path: str, **fields: Any) -> requests.Response:
        """A create by raw HTTP below the account."""
        return requests.post(
            f"{self.url}/2010-04-01/Accounts/{ACCOUNT}/{path}", data=fields, auth=(ACCOUNT, TOKEN), timeout=5
        )

    def pin(self, number: str, **wishes: Any) -> None:
        self.control("POST", "people", {"number": number, **wishes})

    def fault(self, kind: str, **wishes: Any) -> None:
        self.control("POST", "faults", {"kind": kind, **wishes})

    def report(self) -> dict[str, Any]:
        return self.control("GET", "report")

    def row(self, sid: str, rows: str = "calls") -> dict[str, Any]:
        found: dict[str, Any] = next(row for row in self.report()[rows] if row["sid"] == sid)
        return found

    def messages(self, **fields: str) -> list[dict[str, Any]]:
        rows = self.report()["messages"]
        return [row for row in rows if all(row[name] == value for name, value in fields.items())]

    def heard(self, sid: str) -> list[str]:
        return [heard["what"] for heard in self.row(sid)["heard"]]


@pytest.fixture
def make_sandbox() -> Iterator[MakeSandbox]:
    """Start sandboxes with a clock that runs 60 times as fast, unless told otherwise."""
    with ExitStack() as stack:

        def make(*, speed: float = 60.0, **wishes: Any) -> Here:
            clock = WorldClock(START, speed, time.time())
            rates = {"calls_per_second": 20.0, "segments_per_second": 20.0}
            settings = {"account_sid": ACCOUNT, "auth_token": TOKEN, "clock": clock, "mix": PATIENT, **rates, **wishes}
            config = SandboxConfig(**settings)
            return Here(stack.enter_context(serve("127.0.0.1:0", config)))

        yield make


@pytest.fixture
def here(make_sandbox: MakeSandbox) -> Here:
    """A sandbox, 60 times as fast as life."""
    return make_sandbox()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """The application that hears the callbacks."""
    with running_receiver() as listening:
        yield listening
