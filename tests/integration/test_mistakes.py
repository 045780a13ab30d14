"""Mistakes that newcomers made: what is said names what was typed and what to type instead."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.test_commands import Typed, typed

__all__ = ["typed"]  # the fixture


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("rules", "diff", "2026-11-01", "2026-11-01"), "Both dates are 2026-11-01, and no law changes within a day"),
        (("rules", "list", "--class", "lawful"), "Invalid value for '--class': 'lawful' is not one of 'law'"),
        (("rules", "show", "US-PA"), "'US-PA' is a place and no rule; its own rules: orchestrator rules list --juris"),
        (("rules", "accept", "1ffb65a6", "--by", "Kim"), "--role must say in which role"),
        (("lists", "prove", "abc"), "Invalid value for 'SCRUB': it must be a whole number."),
        (("emergencies", "end", "abc"), "Invalid value for 'NUMBER': it must be a whole number."),
        (("agents", "accept", "nobody"), "There is no agent 'nobody'"),
        (("agents", "skip", "nobody", "--reason", "no"), "There is no agent 'nobody'"),
        (
            (
                "emergencies",
                "declare",
                "--jurisdiction",
                "US-NY",
                "--postal-code",
                "12",
                "--source",
                "s",
                "--citation",
                "c",
            ),
            "--postal-code must be the first three to five digits",
        ),
        (("campaigns", "create", "--name", "A", "--set", "cadence=x"), "did you mean 'attempts.cadence'?"),
    ],
)
def test_a_mistake_is_said_in_the_words_that_were_typed(words: tuple[str, ...], sentence: str, typed: Typed) -> None:
    done = typed(*words)
    assert sentence in done.stderr
    assert "Value error" not in done.stderr
    assert (done.returncode in {1, 2}, done.stdout) == (True, "")


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("ORCHESTRATOR_CALLS_PER_SECOND", "lots", "ORCHESTRATOR_CALLS_PER_SECOND: must be a number."),
        ("ORCHESTRATOR_PLACEMENT_THREADS", "2.5", "ORCHESTRATOR_PLACEMENT_THREADS: must be a whole number."),
        ("ORCHESTRATOR_NIGHTLY_SCRUB_HOUR", "25", "ORCHESTRATOR_NIGHTLY_SCRUB_HOUR: must be at most 23."),
        ("ORCHESTRATOR_CALLS_PER_SECOND", "0", "ORCHESTRATOR_CALLS_PER_SECOND: must be at least 0.01."),
    ],
)
def test_a_wrong_setting_is_said_plainly(
    variable: str, value: str, sentence: str, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    assert typed("sellers", "list").stderr == f"{sentence}\n"


def test_a_config_folder_without_rules_is_named(typed: Typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ORCHESTRATOR_CONFIG_DIR", str(tmp_path))
    assert f"ORCHESTRATOR_CONFIG_DIR: {tmp_path} holds no rules/" in typed("rules", "list").stderr


@pytest.mark.parametrize(
    ("kind", "file", "options", "sentence"),
    [
        ("myown", "504.txt", ("--profile", "e164"), "it is its country's two letters, a dash and a name"),
        (
            "us-national",
            "504.txt",
            ("--coverage", "2a2"),
            "--coverage: '2A2' is neither a country (two letters, as in US)",
        ),
        ("us-national", "rnd.zip", (), "rnd.zip is no zip archive, though its name says so"),
    ],
)
def test_a_registry_that_cannot_be_read_is_said(
    kind: str, file: str, options: tuple[str, ...], sentence: str, typed: Typed, tmp_path: Path
) -> None:
    (tmp_path / file).write_text("504,5550107\n")
    done = typed("registries", "import", kind, str(tmp_path / file), "--obtained-at", "2026-09-01", *options)
    assert sentence in done.stderr


def test_a_seller_that_is_not_there_is_said_before_all_else(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("phone\n+12125550107\n")
    done = typed("lists", "import", str(tmp_path / "p.csv"), "--country", "US", "--seller", "nobody")
    assert done.stderr.startswith("There is no seller 'nobody'")


def test_rejects_of_rejects_are_numbered(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("phone\n+1212\n")
    for name in ("p.csv", "p.csv.rejects.csv", "p.csv.rejects-2.csv"):
        done = typed("lists", "import", str(tmp_path / name), "--country", "US")
        assert "1 reject is in" in done.stderr
    assert sorted(path.name for path in tmp_path.glob("p.csv*")) == [
        "p.csv",
        "p.csv.rejects-2.csv",
        "p.csv.rejects-3.csv",
        "p.csv.rejects.csv",
    ]


def test_agents_are_listed_in_a_table(typed: Typed) -> None:
    assert "There is no agent yet" in typed("agents", "list").stderr
    typed("agents", "add", "ana", "--queue", "sales", "--address", "client:ana")
    table = typed("agents", "list").stdout
    assert "since (UTC)" in table
    assert "None" not in table
    assert "ana" in table


def test_where_there_is_no_campaign_the_list_says_how_to_make_one(typed: Typed) -> None:
    typed("migrate")
    done = typed("campaigns", "list")
    assert (done.stdout, done.stderr) == ("", "There is no campaign yet: orchestrator campaigns create FILE\n")


def test_a_reader_who_has_seen_enough_is_not_complained_to() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "orchestrator", "rules", "list", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert (process.wait(), process.stderr.read()) == (141, b"")
