"""What a person types: mistakes are said in one sentence, and a mistyped name never seems to have worked."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestrator.cli import main


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


Typed = Callable[..., Done]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sqlite_url: str) -> Typed:
    """Run a command against a fresh database, as it is typed."""
    for name in [name for name in os.environ if name.startswith(("ORCHESTRATOR_", "TWILIO_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", "k1:" + "A" * 43 + "=")

    def run(*words: str) -> Done:
        monkeypatch.setattr("sys.argv", ["orchestrator", *words])
        with pytest.raises(SystemExit) as left:
            main.run()
        said = capsys.readouterr()
        return Done(int(left.value.code or 0), said.out, said.err)

    return run


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("halt", "--seller", "nobody"), "There is no seller 'nobody'"),
        (("halt", "--jurisdiction", "nowhere"), "--jurisdiction 'NOWHERE'"),
        (("halt", "--jurisdiction", "US-XX"), "--jurisdiction 'US-XX'"),
        (("halt", "--campaign", "none"), "none"),
        (("halt", "--seller", "a", "--campaign", "b"), "Name one of"),
        (("agents", "pause", "nobody"), "There is no agent 'nobody'"),
        (("agents", "ready", "nobody"), "There is no agent 'nobody'"),
        (("agents", "offer", "nobody"), "There is no agent 'nobody'"),
        (("agents", "add", "a/b", "--queue", "q", "--address", "client:a"), "The agent's id 'a/b' cannot be used"),
        (("agents", "add", "a", "--queue", "q", "--address", "+"), "--address '+' cannot be used"),
        (("suppress", "12", "--reason", "said so"), "That is no valid number"),
        (("sellers", "register", "nobody", "US-TX"), "There is no seller 'nobody'"),
        (("campaigns", "create"), "Name a campaign file"),
        (("worker",), "TWILIO_ACCOUNT_SID is not set"),
        (("callbacks",), "ORCHESTRATOR_PUBLIC_URL is not set"),
        (("nonsense",), "No such command 'nonsense'"),
    ],
)
def test_a_mistake_is_one_sentence_and_not_success(typed: Typed, words: tuple[str, ...], sentence: str) -> None:
    done = typed(*words)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "fault of ours" not in done.stderr


def test_help_asks_for_no_setting_and_lists_every_command(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORCHESTRATOR_DATABASE_URL")
    done = typed("--help")
    assert done.returncode == 0
    for command in ("audit", "check", "demo", "explain", "halt", "lists", "suppress", "worker"):
        assert command in done.stdout


def test_a_spoken_no_stops_everything(typed: Typed) -> None:
    typed("sellers", "add", "acme", "--name", "Acme", "--callback-number", "+12125550100", "--country", "US")
    done = typed("suppress", "+12125550107", "--reason", "said so on the phone")
    assert (done.returncode, done.stdout.startswith("Stopped for acme")) == (0, True)


def test_a_new_database_is_this_users_alone(typed: Typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite3"
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", f"sqlite:///{path}")
    assert typed("migrate").returncode == 0
    assert path.stat().st_mode & 0o777 == 0o600
    path.unlink()
    add = ("sellers", "add", "acme", "--name", "Acme", "--callback-number", "+12125550100", "--country", "US")
    assert typed(*add).returncode == 0
    assert path.stat().st_mode & 0o077 == 0
