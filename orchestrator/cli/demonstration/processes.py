"""The processes of the demo: started together, and ended together whatever happens."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from orchestrator.domain.errors import UserError

STARTS_WITHIN_SECONDS = 20.0
ENDS_WITHIN_SECONDS = 10.0


@dataclass
class Processes:
    """Children by name, each with its log beside the database."""

    folder: Path
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start one; a session of its own keeps the terminal's Ctrl-C for us alone."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, *command],
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def await_port(self, name: str, port: int) -> None:
        """Wait until the child serves HTTP on loopback; raises UserError with the end of its log."""
        give_up_at = time.monotonic() + STARTS_WITHIN_SECONDS
        while not _serves(port):
            if self.children[name].poll() is not None or time.monotonic() > give_up_at:
                raise UserError(f"The {name} process did not start: {self.last_words(name)}")
            self.ends_within(name, 0.05)

    def has_ended(self, name: str) -> bool:
        """Whether the child has ended by itself."""
        return self.children[name].poll() is not None

    def ends_within(self, name: str, seconds: float) -> bool:
        """Wait for the child's end, at most so long; whether it came."""
        try:
            self.children[name].wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def last_words(self, name: str) -> str:
        """The last line that the child wrote."""
        lines = (self.folder / f"{name}.log").read_text("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def end(self, *names: str) -> None:
        """End these children, or all: asked first, then killed."""
        ending = [self.children.pop(name) for name in names or tuple(self.children) if name in self.children]
        for child in ending:
            _signal(child, signal.SIGTERM)
        for child in ending:
            try:
                child.wait(ENDS_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGKILL)
                child.wait()


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """To the child's whole session, since a server may have children of its own."""
    if child.poll() is None:
        os.killpg(child.pid, number)


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _serves(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/health")
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True
