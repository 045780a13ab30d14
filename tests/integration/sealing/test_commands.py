"""`orchestrator evidence`, as it is typed."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import update

from orchestrator.cli import main
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.people import consents
from tests.integration.sealing.history import a_history, sealed, unguard
from tests.unit.sealing.test_head_files import token

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sqlite_url: str, tmp_path: Path
) -> Typed:
    """Run a command in a folder of its own, against a fresh database."""
    for name in [name for name in os.environ if name.startswith(("ORCHESTRATOR_", "TWILIO_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", "k1:" + "A" * 43 + "=")
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["orchestrator", *words])
        with pytest.raises(SystemExit) as left:
            main.run()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


def test_nothing_sealed_is_sound_and_has_no_head(typed: Typed) -> None:
    code, said, _ = typed("evidence", "verify")
    assert (code, said.splitlines()[-1]) == (0, "Nothing that was sealed was changed.")
    code, _, error = typed("evidence", "heads", "export", "heads.json")
    assert (code, "start a worker" in error, Path("heads.json").exists()) == (1, True, False)
    assert "nothing of that seller was sealed yet" in typed("evidence", "verify", "--seller", "acme")[2]


def test_a_tampered_database_is_told_with_the_first_bad_entry(typed: Typed, sqlite_store: Store) -> None:
    sealed(a_history(sqlite_store))
    code, said, _ = typed("evidence", "verify")
    assert (code, "Log of seller 'acme': " in said) == (0, True)
    unguard(sqlite_store)
    with sqlite_store.write() as tx:
        tx.execute(update(consents).where(consents.c.id == 2).values(level="express"))
    code, said, _ = typed("evidence", "verify")
    (bad,) = (line for line in said.splitlines() if line.startswith("BAD"))
    assert code == 1
    assert "(consents 2): its row is not as it was sealed" in bad
    code, said, _ = typed("evidence", "verify", "--json")
    report = json.loads(said)
    assert (code, report["sound"], report["findings"][0]["row"]) == (1, False, "2")
    assert typed("evidence", "verify", "--seller", "*")[0] == 0, "the other log is sound"


def test_heads_leave_are_vouched_for_and_hold_the_database_to_account(typed: Typed, sqlite_store: Store) -> None:
    world = a_history(sqlite_store)
    sealed(world)
    code, said, _ = typed("evidence", "heads", "export", "old.json")
    digest = json.loads(Path("old.json").read_text()) and said.rsplit(" ", 1)[1].rstrip(".\n")
    assert code == 0
    assert len(digest) == 64
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    Path("auditor.pem").write_bytes(key)
    Path("answer.tsr").write_bytes(token(bytes.fromhex(digest)))
    assert "--by" in typed("evidence", "heads", "countersign", "old.json", "--key", "auditor.pem")[2]
    assert "--key" in typed("evidence", "heads", "countersign", "old.json")[2]
    sign = ("evidence", "heads", "countersign", "old.json", "--key", "auditor.pem", "--by", "Auditor Ltd")
    code, said, _ = typed(*sign, "--time-stamp", "answer.tsr")
    assert (code, said) == (0, "old.json: 1 countersignatures, 1 time stamps.\n")
    world.a_contact(["+12125550177"], automated=True)
    sealed(world)
    assert typed("evidence", "verify", "--head", "old.json")[0] == 0
    assert typed("evidence", "heads", "export", "new.json", "--since", "old.json")[0] == 0
    assert typed("evidence", "heads", "compare", "old.json", "new.json")[0] == 0
    assert typed("evidence", "heads", "compare", "new.json", "old.json")[0] == 1
    content = json.loads(Path("old.json").read_text())
    Path("old.json").write_text(json.dumps({**content, "made_at": "2020-01-01"}))
    code, _, error = typed("evidence", "verify", "--head", "old.json")
    assert (code, "not as it was signed" in error) == (1, True)


def test_a_pack_is_written_and_verified_without_a_database(
    typed: Typed, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed(a_history(sqlite_store))
    ask = ("evidence", "pack", "+12125550102", "--from", "2026-11-01", "--to", "2026-11-30", "-o")
    code, said, _ = typed(*ask, "answer.zip", "--complaint", "Called after a stop", "--answer-by", "2026-12-23")
    assert code == 0, said
    assert "there is no folder" in typed(*ask, "nowhere/answer.zip")[2]
    assert "nothing on record" in typed(*(word.replace("0102", "0150") for word in ask), "other.zip")[2]
    assert "--to lies before" in typed(*(word.replace("11-30", "10-30") for word in ask), "other.zip")[2]
    assert not Path("other.zip").exists()
    for name in ("ORCHESTRATOR_DATABASE_URL", "ORCHESTRATOR_SECRET_KEYS"):
        monkeypatch.delenv(name)
    code, said, _ = typed("evidence", "verify", "answer.zip")
    assert (code, "every entry in it is under the signed heads" in said) == (0, True)
    form = json.loads(typed("evidence", "verify", "answer.zip", "--json")[1])
    assert form["sound"] is True
    Path("answer.zip").write_bytes(Path("answer.zip").read_bytes()[:-100])
    assert "is no ZIP file, or a damaged one" in typed("evidence", "verify", "answer.zip")[2]
    assert list(Path().glob(".*.zip*")) == [], "nothing half-written is left"
