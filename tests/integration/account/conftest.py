"""Commands as they are typed, with the sandbox as the account that they ask."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from orchestrator.cli import main
from sandbox.clock import WorldClock
from sandbox.server import RunningSandbox, serve
from sandbox.world import SandboxConfig

ACCOUNT, TOKEN = "AC" + "7" * 32, "a-token-of-tests"
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
FAR_AHEAD_SECONDS = 86_400.0
KEYS = "k1:" + "A" * 43 + "="


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


Typed = Callable[..., Done]


@pytest.fixture
def account() -> Iterator[RunningSandbox]:
    """An account whose clock stands at NOW."""
    clock = WorldClock(NOW.timestamp(), 1.0, time.time() + FAR_AHEAD_SECONDS)
    with serve("127.0.0.1:0", SandboxConfig(account_sid=ACCOUNT, auth_token=TOKEN, clock=clock)) as running:
        yield running


@pytest.fixture
def typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sqlite_url: str, account: RunningSandbox
) -> Typed:
    """Run a command against a fresh database and the account; its clock stands at NOW too."""
    for name in [name for name in os.environ if name.startswith(("ORCHESTRATOR_", "TWILIO_"))]:
        monkeypatch.delenv(name)
    anchor = datetime.fromtimestamp(time.time() + FAR_AHEAD_SECONDS, UTC).isoformat()
    settings: dict[str, Any] = {
        "ORCHESTRATOR_DATABASE_URL": sqlite_url,
        "ORCHESTRATOR_SECRET_KEYS": KEYS,
        "ORCHESTRATOR_TWILIO_API_URL": account.url,
        "ORCHESTRATOR_PUBLIC_URL": "https://calls.example.com",
        "ORCHESTRATOR_CLOCK": f"{NOW.isoformat()} x1 @{anchor}",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> Done:
        monkeypatch.setattr("sys.argv", ["orchestrator", *words])
        with pytest.raises(SystemExit) as left:
            main.run()
        said = capsys.readouterr()
        return Done(int(left.value.code or 0), said.out, said.err)

    return run
