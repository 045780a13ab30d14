"""The stage of the demo: one folder, one clock, and the processes that share it."""

import base64
import os
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestrator.domain.errors import UserError
from orchestrator.settings import load

START = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)  # a Tuesday: morning in New York, afternoon in London, night in Sydney
LASTS = timedelta(minutes=30)
SPEED = 30
AGENTS = 30
CALLS_PER_SECOND = 2
ACCOUNT = "AC" + "d" * 32
STANDING = "2100-01-01T00:00:00Z"  # until this real moment the world stands, so that everything can be set up
FINISHES_WITHIN_SECONDS = 45.0
SETTINGS = "settings.env"
Say = Callable[[str], None]


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


@contextmanager
def folder_of(keep: Path | None) -> Iterator[Path]:
    """The folder to keep, or one that goes away; raises UserError for one that holds something."""
    if keep is not None:
        if keep.exists() and any(keep.iterdir()):
            raise UserError(f"--keep {keep} is not empty; name a new folder.")
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="orchestrator-demo-") as made:
        yield Path(made)


@contextmanager
def staged(folder: Path) -> Iterator["Stage"]:
    """A stage whose processes end with it, whatever happens."""
    from orchestrator.cli.demonstration.processes import Processes, free_ports

    processes = Processes(folder)
    sandbox_port, callbacks_port = free_ports(2)
    stage = Stage(folder, processes, sandbox_port, callbacks_port, _say)
    try:
        yield stage
    finally:
        stage.close()


@dataclass
class Stage:
    """Everything that the demo runs, in one folder."""

    folder: Path
    processes: Any
    sandbox_port: int
    callbacks_port: int
    say: Say
    staff: Any = None
    _store: Any = None

    @property
    def sandbox_url(self) -> str:
        """The carrier's base."""
        return f"http://127.0.0.1:{self.sandbox_port}"

    def environment(self, anchor: str) -> dict[str, str]:
        """The settings of every process; all share one clock."""
        start = START.isoformat().replace("+00:00", "Z")
        return {
            "ORCHESTRATOR_DATABASE_URL": f"sqlite:///{self.folder / 'demo.sqlite3'}",
            "ORCHESTRATOR_SECRET_KEYS": f"demo:{base64.b64encode(b'the demo is open to all: no key.').decode()}",
            "ORCHESTRATOR_PUBLIC_URL": f"http://127.0.0.1:{self.callbacks_port}",
            "ORCHESTRATOR_TWILIO_API_URL": self.sandbox_url,
            "ORCHESTRATOR_CALLS_PER_SECOND": str(CALLS_PER_SECOND),
            "ORCHESTRATOR_SEGMENTS_PER_SECOND": "1",
            "ORCHESTRATOR_CLOCK": f"{start} x{SPEED} @{anchor}",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": "demo-token",
        }

    def set_up(self) -> None:
        """Migrate, add the seller, import registries and lists, create and launch the campaign; the world stands."""
        from orchestrator.cli.demonstration import sample

        os.environ.update(self.environment(STANDING))
        keys = self.folder / "demo.sqlite3.keys"  # so that what --keep keeps can be opened
        keys.write_text(self.environment(STANDING)["ORCHESTRATOR_SECRET_KEYS"], "ascii")
        keys.chmod(0o600)
        self._start_sandbox(self.environment(STANDING))
        self.say("Writing a sample list and importing it …")
        made = sample.write(self.folder, START)
        self._run("sellers", "add", "acme-roofing", "--name", "Acme Roofing", "--callback-number", "+12125550100",
                  "--country", "US", "--registration", "all")  # fmt: skip
        obtained = (START - timedelta(days=2)).isoformat()
        for kind, path in made.registries:
            self._run("registries", "import", kind, str(path), "--obtained-at", obtained, *_covered_and_owned(kind))
        for one in made.lists:
            name = one.country.lower()
            self._run("lists", "import", str(one.path), "--country", one.country, "--name", name,
                      "--seller", "acme-roofing")  # fmt: skip
        self.say("Looking up line types, scrubbing and launching …")
        self._run("campaigns", "create", str(made.campaign))
        self._run("campaigns", "launch", "Spring roof offer")
        self.processes.end("sandbox")

    def open(self) -> None:
        """Start every process on one moving clock."""
        from orchestrator import bootstrap
        from orchestrator.cli.demonstration.staff import Staff, sign_in

        anchor = (datetime.now(UTC) + timedelta(seconds=4)).isoformat().replace("+00:00", "Z")
        environment = self.environment(anchor)
        os.environ.update(environment)
        house = bootstrap.build(may_make=True)
        self._store = house.store
        sign_in(house.store, house.clock, AGENTS)
        self._start_sandbox(environment)
        bind = f"127.0.0.1:{self.callbacks_port}"
        self.processes.start("callbacks", ["-m", "orchestrator", "callbacks", "--bind", bind], environment)
        self.processes.await_port("callbacks", self.callbacks_port)
        until = (START + LASTS).isoformat().replace("+00:00", "")
        self.processes.start("worker", ["-m", "orchestrator", "worker", "--until", until], environment)
        self.staff = Staff(house.store, house.clock)
        self.staff.start()
        self.say(f"Half an hour of the world from {START:%Y-%m-%d %H:%M} UTC, thirty times as fast …")

    def await_end(self, look: Callable[[], None]) -> None:
        """Wait until nothing is in flight any more; ``look`` is called meanwhile. UserError where it never ends."""
        give_up_at = time.monotonic() + LASTS.total_seconds() / SPEED + FINISHES_WITHIN_SECONDS
        while not self.processes.ends_within("worker", 0.25):
            for name in ("sandbox", "callbacks"):
                if self.processes.has_ended(name):
                    raise UserError(f"The {name} process ended early: {self.processes.last_words(name)}")
            if time.monotonic() > give_up_at:
                raise UserError("Calls in flight did not end in time; see the logs with --keep FOLDER.")
            look()

    def summary(self, elapsed_seconds: float) -> Mapping[str, Any]:
        """What it came to; the sandbox still runs, since its report is compared with ours."""
        from orchestrator.cli.demonstration.summary import summarise

        return summarise(self._store, self.sandbox_url, elapsed_seconds, load().clock.now())

    def sign_out(self) -> None:
        """The agents go home."""
        from orchestrator.cli.demonstration.staff import sign_out

        sign_out(self._store, load().clock)

    def leave_settings(self) -> Path:
        """Write the settings under which what is kept is looked at, from where the world is now."""
        now, anchor = load().clock.now(), datetime.now(UTC)
        settings = {
            **self.environment(STANDING),
            "ORCHESTRATOR_PUBLIC_URL": "http://127.0.0.1:8000",  # where `callbacks` and `sandbox` listen unasked
            "ORCHESTRATOR_TWILIO_API_URL": "http://127.0.0.1:8900",
            "ORCHESTRATOR_CLOCK": f"{now:%Y-%m-%dT%H:%M:%SZ} x1 @{anchor:%Y-%m-%dT%H:%M:%SZ}",
        }
        path = self.folder / SETTINGS
        path.touch(mode=0o600)
        path.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items()), "utf-8")
        return path

    @property
    def store(self) -> Any:
        """The demo's database."""
        return self._store

    def close(self) -> None:
        """End everything."""
        if self.staff is not None:
            self.staff.stop()
        self.processes.end()

    def _start_sandbox(self, environment: Mapping[str, str]) -> None:
        from orchestrator.cli.demonstration.sample import CALLER_IDS

        callbacks = f"http://127.0.0.1:{self.callbacks_port}"
        self.processes.start(
            "sandbox",
            ["-m", "sandbox", "--bind", f"127.0.0.1:{self.sandbox_port}", "--account-sid", ACCOUNT,
             "--auth-token", "demo-token", "--calls-per-second", str(CALLS_PER_SECOND * 2), "--seed", "7",
             *(word for number in CALLER_IDS for word in ("--number", number)),
             "--inbound-url", f"{callbacks}/inbound/messages", "--inbound-voice-url", f"{callbacks}/inbound/calls"],
            environment,
        )  # fmt: skip
        self.processes.await_port("sandbox", self.sandbox_port)

    def _run(self, *words: str) -> None:
        """Type a command as a person would, within this process; what it says to people is kept in a file."""
        from orchestrator.cli.main import app

        with (self.folder / "set-up.log").open("a") as log, redirect_stdout(log), redirect_stderr(log):
            app(list(words), standalone_mode=False)


def _covered_and_owned(kind: str) -> list[str]:
    """Area codes that were subscribed to, where the file alone cannot tell, and whose a wash is."""
    from orchestrator.cli.demonstration.sample import CA_PLACES, US_PLACES

    if kind == "au-dncr":
        return ["--seller", "acme-roofing"]
    places = {"us-national": US_PLACES, "ca-dncl": CA_PLACES}.get(kind)
    return ["--coverage", ",".join(area for area, _, _ in places)] if places else []
