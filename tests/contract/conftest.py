"""Carriers that must keep the same promises: in this process, and Twilio's API as the sandbox speaks it."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from orchestrator.carrier.client import connect
from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.carrier import CallOrder, Carrier, MessageOrder
from orchestrator.settings import Settings
from sandbox.clock import WorldClock
from sandbox.server import RunningSandbox, serve
from sandbox.world import SandboxConfig

ACCOUNT, TOKEN = "AC" + "7" * 32, "a-token-of-tests"
NOW = datetime(2026, 11, 23, 15, 0, 0, 250_000, tzinfo=UTC)
PERSON, OTHER_PERSON, CALLER_ID = "+12125550123", "+12125550124", "+12125550100"
ATTEMPT = UUID("019ab4a0-0000-7000-8000-000000000001")
FAR_AHEAD_SECONDS = 86_400.0


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """A sandbox whose clock stands: what is queued stays queued."""
    clock = WorldClock(NOW.timestamp(), 1.0, time.time() + FAR_AHEAD_SECONDS)
    with serve("127.0.0.1:0", SandboxConfig(account_sid=ACCOUNT, auth_token=TOKEN, clock=clock)) as running:
        yield running


def settings_for(url: str, **others: str) -> Settings:
    """Settings that send every request to this base."""
    values = {
        "public_url": "https://calls.example.com",
        "twilio_api_url": url,
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
        **others,
    }
    return Settings(**values)  # type: ignore[arg-type]


@pytest.fixture
def twilio(sandbox: RunningSandbox) -> Carrier:
    """Our client, and the sandbox at its other end."""
    return connect(settings_for(sandbox.url))


@pytest.fixture(params=["in_process", "twilio"])
def carrier(request: pytest.FixtureRequest) -> Carrier:
    """Each carrier in turn."""
    if request.param == "in_process":
        return InProcessCarrier(now=lambda: NOW)
    found: Carrier = request.getfixturevalue("twilio")
    return found


@pytest.fixture
def disconnect(carrier: Carrier, request: pytest.FixtureRequest) -> Callable[[str, date | None], None]:
    """Says of a number when it was taken from whoever had it before, if anybody had."""

    def disconnected(number: str, on: date | None) -> None:
        if isinstance(carrier, InProcessCarrier):
            carrier.disconnected.update({number: on} if on else {})
            return
        sandbox: RunningSandbox = request.getfixturevalue("sandbox")
        sandbox.world.people.pin(number, {"disconnected_on": on.isoformat() if on else None})

    return disconnected


def a_call(*, to: str = PERSON, from_: str = CALLER_ID, **others: object) -> CallOrder:
    """An order for a call."""
    values = {"reference": ATTEMPT, "to": to, "from_": from_, "ring_timeout_seconds": 25, **others}
    return CallOrder(**values)  # type: ignore[arg-type]


def a_message(*, to: str = PERSON, from_: str | None = CALLER_ID, **others: object) -> MessageOrder:
    """An order for a message."""
    values = {"reference": ATTEMPT, "to": to, "from_": from_, "body": "Hello", "validity_seconds": 600, **others}
    return MessageOrder(**values)  # type: ignore[arg-type]
