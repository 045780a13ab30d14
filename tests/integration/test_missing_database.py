"""A mistyped path never becomes a new installation: only what begins one makes a database, and nothing a folder."""

from pathlib import Path

import pytest

from orchestrator.cli import main

SELLER = ("sellers", "add", "acme", "--name", "Acme", "--callback-number", "+12125550100", "--country", "US")


def typed(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["orchestrator", *words])
    with pytest.raises(SystemExit) as left:
        main.run()
    return int(left.value.code or 0)


@pytest.fixture
def mistyped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that holds no database, and the setting that names a file in it."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.delenv("ORCHESTRATOR_SECRET_KEYS", raising=False)
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", f"sqlite:///{folder / 'x.sqlite3'}")
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ("campaigns", "list"),
        ("campaigns", "preflight", "x"),
        ("sellers", "list"),
        ("lists", "list"),
        ("lists", "scrubs"),
        ("registries", "list"),
        ("agents", "list"),
        ("rules", "status"),
        ("emergencies", "list"),
        ("halt",),
        ("explain", "+12125550100"),
        ("suppress", "+12125550100", "--reason", "said so"),
    ],
)
def test_other_commands_say_that_there_is_no_database_and_write_nothing(
    words: tuple[str, ...], mistyped: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(monkeypatch, *words) == 1
    said = capsys.readouterr().err
    assert f"There is no database at {mistyped / 'x.sqlite3'}: set ORCHESTRATOR_DATABASE_URL" in said
    assert list(mistyped.iterdir()) == []


def test_an_empty_file_is_no_database_either(
    mistyped: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (mistyped / "x.sqlite3").touch()
    assert typed(monkeypatch, "campaigns", "list") == 1
    assert "There is no database" in capsys.readouterr().err
    assert not (mistyped / "x.sqlite3.keys").exists()


@pytest.mark.parametrize("words", [SELLER, ("migrate",)])
def test_what_begins_an_installation_makes_a_database_where_its_folder_is(
    words: tuple[str, ...], mistyped: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(monkeypatch, *words) == 0
    assert typed(monkeypatch, "sellers", "list") == 0
    assert "There is no database" not in capsys.readouterr().err


@pytest.mark.parametrize("words", [SELLER, ("migrate",), ("sellers", "list")])
def test_nothing_makes_a_missing_folder(
    words: tuple[str, ...], mistyped: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mistyped.rmdir()
    assert typed(monkeypatch, *words) == 1
    assert f"ORCHESTRATOR_DATABASE_URL: there is no folder {mistyped}" in capsys.readouterr().err
    assert not mistyped.exists()
