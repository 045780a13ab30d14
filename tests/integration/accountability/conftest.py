"""Commands as they are typed, over a world on each database."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.cli import main
from orchestrator.persistence.store import Store
from tests.conftest import KEYS
from tests.world import NOON, World


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    code: int
    said: str
    complained: str

    @property
    def json(self) -> Any:
        """What it printed for a script."""
        return json.loads(self.said)


Typed = Callable[..., Done]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str) -> Typed:
    """Run a command against the database of the test."""
    for name in [name for name in os.environ if name.startswith(("ORCHESTRATOR_", "TWILIO_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", database_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    monkeypatch.setattr("getpass.getuser", lambda: "ops")

    def run(*words: str) -> Done:
        monkeypatch.setattr("sys.argv", ["orchestrator", *words])
        with pytest.raises(SystemExit) as left:
            main.run()
        said = capsys.readouterr()
        return Done(int(left.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    """The pipeline on SQLite and on PostgreSQL."""
    made = World(store, InProcessCarrier(now=lambda: NOON))
    yield made
    made.close()
