"""`orchestrator callbacks` says in one sentence what it lacks, and serves what it promises."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from orchestrator.cli.callbacks import callbacks
from orchestrator.domain.errors import SettingError, UserError

ROOT = Path(__file__).resolve().parents[3]
STARTS_WITHIN_SECONDS = 30


@pytest.fixture
def environment(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ORCHESTRATOR_CLOCK", "ORCHESTRATOR_TWILIO_API_URL", "TWILIO_API_KEY", "TWILIO_API_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", "k1:" + "A" * 43 + "=")
    monkeypatch.setenv("ORCHESTRATOR_PUBLIC_URL", "https://calls.example.com")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "7" * 32)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "a-token-of-tests")


@pytest.mark.parametrize("bind", ["8000", ":8000", "localhost", "localhost:", "localhost:x", "h:0", "h:65536", "h:٣"])
@pytest.mark.usefixtures("environment")
def test_an_address_that_is_none_is_refused_with_an_example(bind: str) -> None:
    with pytest.raises(UserError, match="HOST:PORT, as in 127"):
        callbacks(bind=bind)


@pytest.mark.parametrize("missing", ["ORCHESTRATOR_PUBLIC_URL", "TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID"])
@pytest.mark.usefixtures("environment")
def test_a_missing_setting_is_named(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(missing)
    with pytest.raises(SettingError, match=missing):
        callbacks(bind="127.0.0.1:1")


@pytest.mark.usefixtures("environment")
def test_sqlite_has_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="--workers must be 1"):
        callbacks(bind="127.0.0.1:1", workers=2)


@pytest.mark.usefixtures("environment")
def test_the_server_answers_and_stops_when_it_is_told() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    code = "import typer; from orchestrator.cli.callbacks import callbacks; typer.run(callbacks)"
    command = [sys.executable, "-c", code, "--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ, stderr=subprocess.PIPE)
    try:
        assert health(port, server) == (200, b"ok")
        server.send_signal(signal.SIGTERM)
        _, errors = server.communicate(timeout=STARTS_WITHIN_SECONDS)
        assert b"Traceback" not in errors
    finally:
        server.kill()
        server.wait()


def health(port: int, server: "subprocess.Popen[bytes]") -> tuple[int, bytes]:
    """What /health says as soon as anybody listens."""
    server_is_starting = threading.Event()
    give_up_at = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < give_up_at:
        assert server.poll() is None, "the server has ended"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health")
            response = connection.getresponse()
            return response.status, response.read()
        except ConnectionError:
            server_is_starting.wait(0.05)
    raise AssertionError("nobody listens")
