"""The demo keeps settings with which its world is looked at from where it ended."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.cli.demonstration.processes import Processes
from orchestrator.cli.demonstration.stage import Stage

ENDED = "2026-12-01T15:31:07Z"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings that a demo leaves whose world has come to its end."""
    folder = tmp_path / "it's kept"
    folder.mkdir()
    stage = Stage(folder, Processes(folder), 1, 2, lambda _: None)
    for name, value in stage.environment("2100-01-01T00:00:00Z").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ORCHESTRATOR_CLOCK", f"{ENDED} x1 @2100-01-01T00:00:00Z")
    return stage.leave_settings()


def test_a_shell_that_loads_them_goes_on_from_where_the_world_ended(kept: Path) -> None:
    world = "from orchestrator.settings import load; print(load().clock.now().strftime('%Y-%m-%dT%H:%M'))"
    done = subprocess.run(
        ["/bin/sh", "-c", 'set -a; . "$0"; set +a; exec "$1" -c "$2"', str(kept), sys.executable, world],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() in {"2026-12-01T15:31", "2026-12-01T15:32"}


def test_they_name_the_addresses_that_the_processes_take_unasked(kept: Path) -> None:
    lines = kept.read_text("utf-8").splitlines()
    assert "ORCHESTRATOR_PUBLIC_URL=http://127.0.0.1:8000" in lines
    assert "ORCHESTRATOR_TWILIO_API_URL=http://127.0.0.1:8900" in lines
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
