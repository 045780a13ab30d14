"""`orchestrator documents`, and what lists and sellers say beside them, as they are typed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.cli import main
from orchestrator.domain.paper import PaperKind
from orchestrator.persistence import papers
from orchestrator.persistence.store import Store
from tests.conftest import KEYS
from tests.world import NOON, World

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(
    sqlite_store: Store, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    """Runs `orchestrator …` at noon: exit code, output, errors."""
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    monkeypatch.setenv("ORCHESTRATOR_CLOCK", f"{NOON:%Y-%m-%dT%H:%M:%SZ} x1 @2100-01-01T00:00:00Z")  # it stands
    monkeypatch.setenv("ORCHESTRATOR_TWILIO_API_URL", "http://127.0.0.1:9")  # a moved clock never meets real people

    def run(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["orchestrator", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            main.run()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    World(sqlite_store, None).a_seller()  # type: ignore[arg-type]
    return run


def test_a_document_is_sealed_here_listed_written_out_and_retired(
    typed: Typed, tmp_path: Path, sqlite_store: Store
) -> None:
    file = tmp_path / "contract.pdf"
    file.write_bytes(b"%PDF \xff binary")
    filed = [
        "documents",
        "add",
        file,
        "--seller",
        "acme",
        "--kind",
        "processor_contract",
        "--valid-until",
        "2026-11-23",
    ]
    assert typed(*filed) == (0, "Document 1 is on file; due again: 0 people.\n", "")
    [form] = json.loads(typed("documents", "list", "--json")[1])
    assert (form["title"], form["standing"], form["valid_until"]) == ("contract.pdf", "in force", "2026-11-23")
    out = tmp_path / "out.pdf"
    assert typed("documents", "show", "1", "-o", out)[0] == 0
    assert out.read_bytes() == file.read_bytes()
    with sqlite_store.read() as tx:
        row = papers.find(tx, 1)
    assert row is not None
    assert b"binary" not in row.content_sealed
    assert typed("documents", "show", "1", "-o", out)[0] == 1  # what is there is not written over
    assert typed("documents", "retire", "1", "--reason", "replaced")[0] == 0
    [form] = json.loads(typed("documents", "list", "--json")[1])
    assert (form["standing"], form["retired_because"]) == ("retired", "replaced")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Give FILE, or --place and --sha256"),
        (["--place", "safe", "--sha256", "abc"], "Give FILE, or --place and --sha256"),
        (["--place", "safe", "--sha256", "a" * 64, "--agent", "kim"], "--agent says whom a training is of"),
        (["--place", "safe", "--sha256", "a" * 64, "--list", "none"], "There is no list 'none'"),
        (
            ["--place", "s", "--sha256", "a" * 64, "--valid-from", "2026-02-01", "--valid-until", "2026-01-31"],
            "never be in force",
        ),
    ],
)
def test_what_is_no_document_is_not_filed(typed: Typed, words: list[str], said: str) -> None:
    code, out, err = typed("documents", "add", "--seller", "acme", "--kind", "policy", *words)
    assert (code, out, said in err, err.count("\n")) == (1, "", True, 1)
    assert json.loads(typed("documents", "list", "--json")[1]) == []


def test_a_document_that_lies_elsewhere_is_known_by_its_hash(typed: Typed) -> None:
    where = ["--place", "the safe", "--sha256", "a" * 64]
    assert typed("documents", "add", "--seller", "acme", "--kind", "policy", *where)[0] == 0
    code, _, err = typed("documents", "show", "1", "-o", "out.pdf")
    assert (code, "it lies at the safe" in err) == (1, True)


def test_a_seller_says_what_it_needs_and_an_untrained_agent_is_not_signed_in(
    typed: Typed, sqlite_store: Store, carrier: InProcessCarrier
) -> None:
    assert typed("sellers", "require", "acme", "training", "policy")[1] == "'acme' needs on file: policy, training.\n"
    with sqlite_store.read() as tx:
        assert papers.required(tx, "acme") == {PaperKind.TRAINING, PaperKind.POLICY}
    world = World(sqlite_store, carrier)
    world.a_campaign()
    world.close()
    typed("agents", "add", "kim", "--queue", "sales", "--address", "client:kim")
    code, _, err = typed("agents", "ready", "kim")
    assert (code, "has no training in force for acme" in err) == (1, True)
    where = ["--place", "the safe", "--sha256", "a" * 64]
    typed("documents", "add", "--seller", "acme", "--kind", "training", "--agent", "kim", *where)
    assert typed("agents", "ready", "kim")[0] == 0
    assert typed("sellers", "require", "acme", "--none")[1] == "'acme' needs on file: nothing.\n"


def test_where_a_list_came_from_is_said_at_its_import_or_later(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("Phone,Name\n+12125550108,Ann\n", "utf-8")
    said = ["--origin", "purchased", "--vendor", "Lead House", "--obtained-on", "2026-11-01", "--data-source", "a quiz"]
    assert typed("lists", "import", file, "--country", "US", "--vendor", "x")[0] == 1
    assert typed("lists", "import", file, "--country", "US", "--origin", "rented")[2].startswith("--vendor is missing")
    assert typed("lists", "import", file, "--country", "US", *said)[0] == 0
    typed("lists", "provenance", "leads", "--origin", "partner", "--vendor", "Lead House", "--chain", "one broker")
    words = json.loads(typed("lists", "provenance", "leads", "--json")[1])
    assert [(word["origin"], word["data_source"], word["chain"]) for word in words] == [
        ("purchased", "a quiz", None),
        ("partner", None, "one broker"),
    ]
    assert "inform" not in words[0]
    assert words[1]["inform"] == [], "nobody there lives where such a law is known"
