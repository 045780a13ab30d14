"""An answer to a complaint: what is in it, what is hidden, and that nobody can change it afterwards."""

import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from orchestrator.domain.canonical import canonical_json
from orchestrator.domain.contact_request import SuppressionKind
from orchestrator.domain.errors import UserError
from orchestrator.persistence import suppressions
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.people import consents
from orchestrator.persistence.tables.proof import access_numbers, accesses
from orchestrator.pipeline.evidence.checking import check_pack
from orchestrator.pipeline.evidence.complaint import Complaint
from orchestrator.pipeline.evidence.pack import make_pack, seller_for, write_pack
from orchestrator.pipeline.sealing.heads import export
from orchestrator.pipeline.sealing.signatures import public_text, sign
from orchestrator.pipeline.sealing.verifying import verify
from tests.integration.sealing.history import a_history, sealed, unguard
from tests.world import NOON, World, numbers, rulebook_of

NUMBER = numbers(3)[2]
ACTOR = "cli:ops"
Files = dict[str, bytes]


def a_complaint(**changes: object) -> Complaint:
    facts: dict[str, Any] = {"number": NUMBER, "seller_id": "acme", "text": "Called after a stop"}
    span = {"begins": NOON - timedelta(days=1), "ends": NOON + timedelta(days=1)}
    return Complaint(**{**facts, **span, **changes})


def written(world: World, path: Path, complaint: Complaint, **more: Any) -> dict[str, Any]:
    """The pack in a file, and what its evidence.json says."""
    made = make_pack(world.store, rulebook_of(), complaint, ACTOR, world.now, **more)
    write_pack(world.store, made, complaint, path, ACTOR, world.now)
    assert sha256(path.read_bytes()).hexdigest() == made.digest
    assert oct(path.stat().st_mode & 0o777) == "0o600", "it tells of a person"
    with zipfile.ZipFile(path) as archive:
        assert archive.read("evidence.pdf").startswith(b"%PDF-")
        evidence: dict[str, Any] = json.loads(archive.read("evidence.json"))
    return evidence


def part(evidence: dict[str, Any], number: int) -> list[dict[str, Any]]:
    (found,) = (section for section in evidence["sections"] if section["number"] == number)
    items: list[dict[str, Any]] = found["items"]
    return items


@pytest.fixture
def world(sqlite_store: Store) -> World:
    return a_history(sqlite_store)


def test_a_pack_has_all_its_parts_and_proves_every_row(store: Store, tmp_path: Path) -> None:
    """Made while nothing was sealed yet: what it shows is sealed first, its own reading too."""
    world = a_history(store)
    evidence = written(world, tmp_path / "pack.zip", a_complaint())
    assert [section["number"] for section in evidence["sections"]] == list(range(1, 18))
    (attempt,), (decision,) = part(evidence, 2), part(evidence, 3)
    key = world.store.keyring.number_key(NUMBER)
    assert [attempt["row"]["sid"]] == [row.sid for row in world.attempts() if bytes(row.number_key) == key]
    assert attempt["local_times"] == {"America/New_York": "2026-11-23T12:00:00-05:00"}
    assert decision["asked_again"]["agrees"] is True
    assert decision["sentence"].startswith(
        "2026-11-23 17:00:00 UTC (12:00:00 America/New_York there): The gate allowed"
    )
    assert json.loads(decision["facts"]["words"])["contact"]["number"] == NUMBER
    assert [item["row"]["event"] for item in part(evidence, 4)] == ["given", "given"]
    assert [item["row"].get("kind") for item in part(evidence, 6)] == ["stop_reply", None, "do_not_call", None, None]
    assert [item["words"] for item in part(evidence, 7) if "words" in item] == ["Your check is due."]
    (*_, reading) = part(evidence, 14)
    assert reading["row"]["reason"] == "Called after a stop"
    assert reading["sentence"] == "2026-11-23 17:12:00 UTC, cli:ops: evidence pack, because: Called after a stop."
    checked = check_pack(tmp_path / "pack.zip").form
    assert (checked["findings"], checked["not_sealed"], checked["without_head"]) == ([], 0, 0)
    assert checked["opened"] > 10
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        rules = json.loads(archive.read(f"rulebook-{decision['row']['rulebook'][:12]}.json"))
    assert "test.hours" in rules["rules/test.toml"]
    sealed(world)
    assert verify(world.store, world.now).is_sound


def test_every_pack_is_a_reading_on_record_and_its_file_is_known(world: World, tmp_path: Path) -> None:
    written(world, tmp_path / "pack.zip", a_complaint())
    with world.store.read() as tx:
        rows = tx.execute(
            select(accesses).where(accesses.c.actor == ACTOR).order_by(accesses.c.id.desc()).limit(2)
        ).all()
        keys = tx.execute(select(access_numbers.c.number_key).where(access_numbers.c.access_id == rows[0].id)).scalars()
        assert [bytes(key) for key in keys] == [world.store.keyring.number_key(NUMBER)]
    assert [row.action for row in rows] == ["evidence pack written", "evidence pack"]
    assert rows[0].reason == f"SHA-256 {sha256((tmp_path / 'pack.zip').read_bytes()).hexdigest()}"


def test_other_people_in_the_words_are_hidden_and_their_entry_is_not_opened(world: World, tmp_path: Path) -> None:
    plain = f"Since 2026-11-23 10:00 and 2026-11-23T10:00:21.009549+00:00, {'1' * 64}."
    said = f"Ask my neighbour, 212 555 0199 or bea@example.com, not me. {plain}"
    with world.store.write() as tx:
        body = world.store.keyring.seal(said, "inbound_contacts.body")
        tx.execute(update(inbound_contacts).values(body_sealed=body))
    evidence = written(world, tmp_path / "pack.zip", a_complaint(number=NUMBER))
    (heard,) = (item["body"] for item in part(evidence, 7) if "body" in item)
    assert heard["words"] == f"Ask my neighbour, █████ or █████, not me. {plain}"
    assert heard["entry"]["proof"] == "withheld"
    hidden = [entry["what"] for entry in part(evidence, 13) if entry["where"].startswith("inbound_contacts")]
    assert hidden == ["numbers or mail addresses in the words"]
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        assert not any(word in archive.read(name) for name in archive.namelist() for word in (b"0199 or", b"bea@"))
    assert check_pack(tmp_path / "pack.zip").form["withheld"] == len(part(evidence, 13))


def test_people_who_share_the_number_are_named_only_when_one_is_meant(world: World, tmp_path: Path) -> None:
    world.a_contact([NUMBER])
    evidence = written(world, tmp_path / "pack.zip", a_complaint())
    assert [one["name"] for one in part(evidence, 1)[0]["held by"]] == [None, None]
    evidence = written(world, tmp_path / "pack.zip", a_complaint(contact_id=3))
    assert [(one["contact"], one["name"]) for one in part(evidence, 1)[0]["held by"]] == [(3, "Ada")]


def test_a_reading_of_many_people_is_shown_and_not_opened(world: World, tmp_path: Path) -> None:
    evidence = written(world, tmp_path / "pack.zip", a_complaint(number=numbers(1)[0]))
    export_, own = part(evidence, 14)
    assert (export_["action"], export_["people"], export_["entry"]["proof"]) == ("export", 2, "withheld")
    assert own["row"]["people"] == 1


def test_a_pack_holds_heads_that_were_kept_elsewhere_against_its_own(sqlite_store: Store, tmp_path: Path) -> None:
    world = a_history(sqlite_store)
    sealed(world)
    kept = export(sqlite_store, world.now)
    written(world, tmp_path / "pack.zip", a_complaint(), kept=kept)
    assert check_pack(tmp_path / "pack.zip").is_sound


def test_a_row_that_was_tampered_with_is_not_shown_as_proved(sqlite_store: Store, tmp_path: Path) -> None:
    world = a_history(sqlite_store)
    sealed(world)
    unguard(sqlite_store)
    with sqlite_store.write() as tx:
        tx.execute(update(consents).values(level="express"))
    written(world, tmp_path / "pack.zip", a_complaint())
    findings = check_pack(tmp_path / "pack.zip").form["findings"]
    assert len(findings) == 2
    assert all("THE ROW IS NOT WHAT WAS SEALED" in finding for finding in findings)


def changed(path: Path, change: Callable[[Files], None]) -> Path:
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def resigned(files: Files) -> None:
    """By somebody who has no key of ours, and one of their own."""
    key = Ed25519PrivateKey.generate()
    manifest = json.loads(files["manifest.json"])
    names = files.keys() - {"manifest.json"}
    body = {**manifest, "files": {name: sha256(files[name]).hexdigest() for name in names}}
    body |= {"public_key": public_text(key)}
    body.pop("signature")
    files["manifest.json"] = json.dumps({**body, "signature": sign(key, canonical_json(body))}).encode()


def edited(name: str, was: bytes, becomes: bytes) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        assert was in files[name]
        files[name] = files[name].replace(was, becomes)
        resigned(files)

    return change


def moved(files: Files) -> None:
    """The first entry is said to stand where no entry of the pack does."""
    proofs = json.loads(files["proofs.json"])
    proofs["entries"][0]["position"] += 1000
    files["proofs.json"] = json.dumps(proofs).encode()
    resigned(files)


@pytest.fixture(scope="module")
def a_pack(sqlite_template: Path, keyring: Any, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    from orchestrator.installation import prove
    from orchestrator.persistence.store import open_engine
    from orchestrator.settings import Settings

    folder = tmp_path_factory.mktemp("pack")
    (folder / "a.sqlite3").write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{folder / 'a.sqlite3'}")
    written(a_history(prove(Store(engine, keyring), Settings())), folder / "pack.zip", a_complaint())
    engine.dispose()
    return (folder / "pack.zip").read_bytes()


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda files: files.update({"evidence.pdf": b"%PDF-other"}), "evidence.pdf is not the file that was signed"),
        (lambda files: files.update({"more.txt": b"x"}), "more.txt is not in the manifest"),
        (resigned, "signed with different keys"),
        (edited("evidence.json", b'"level": "express_written"', b'"level": "express"'), "something else than it says"),
        (edited("evidence.json", b'"words": "the form"', b'"words": "a form"'), "something else than it says"),
        (edited("proofs.json", b"express_written", b"express_wrytten"), "does not say what it is shown to say"),
        (edited("proofs.json", b'"form": "consents', b'"form": "konsents'), "is not under the signed head"),
        (moved, "is not under the signed head"),
    ],
)
def test_whatever_is_changed_in_a_pack_is_found(
    a_pack: bytes, tmp_path: Path, change: Callable[[Files], None], finding: str
) -> None:
    path = tmp_path / "pack.zip"
    path.write_bytes(a_pack)
    assert check_pack(path).is_sound
    findings = check_pack(changed(path, change)).form["findings"]
    assert any(finding in one for one in findings), findings


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda files: files.pop("proofs.json"), "lacks proofs.json"),
        (lambda files: files.update({"proofs.json": b"{}"}), "parts that no pack has"),
        (lambda files: files.update({"evidence.json": b"\xff"}), "parts that no pack has"),
    ],
)
def test_what_is_no_pack_is_said_to_be_none(
    a_pack: bytes, tmp_path: Path, change: Callable[[Files], None], sentence: str
) -> None:
    path = tmp_path / "pack.zip"
    path.write_bytes(a_pack)
    with pytest.raises(UserError, match=sentence):
        check_pack(changed(path, change))
    path.write_bytes(b"no zip")
    with pytest.raises(UserError, match="no ZIP file"):
        check_pack(path)


def test_one_entrys_key_opens_no_other(a_pack: bytes) -> None:
    """Whoever holds all keys of a pack can tell nothing of an entry that was withheld or not in it."""
    import io

    with zipfile.ZipFile(io.BytesIO(a_pack)) as archive:
        entries = json.loads(archive.read("proofs.json"))["entries"]
    keys = [entry["key"] for entry in entries if "key" in entry]
    assert len(set(keys)) == len(keys)


def test_whose_records_are_meant_must_be_plain(sqlite_store: Store) -> None:
    world = a_history(sqlite_store)
    assert seller_for(sqlite_store, NUMBER, None) == "acme"
    with pytest.raises(UserError, match="nothing on record"):
        seller_for(sqlite_store, "+12125550150", None)
    with pytest.raises(UserError, match="Seller 'beta' has nothing"):
        seller_for(sqlite_store, NUMBER, "beta")
    world.a_seller("beta")
    with sqlite_store.write() as tx:
        key = sqlite_store.keyring.number_key(NUMBER)
        said = {"seller_id": "beta", "number_key": key, "kind": SuppressionKind.OBJECTION, "at": NOON}
        suppressions.add(tx, source="console", **said)  # type: ignore[arg-type]
    with pytest.raises(UserError, match="acme, beta"):
        seller_for(sqlite_store, NUMBER, None)
    assert seller_for(sqlite_store, NUMBER, "beta") == "beta"


def _packed(path: Path, files: list[tuple[str, bytes]], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return path


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_pack_that_was_made_to_deceive_or_to_harm_its_reader_is_refused(world: World, tmp_path: Path) -> None:
    written(world, tmp_path / "pack.zip", a_complaint())
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    deep, zeros = b"[" * 100_000, bytes(1 << 26)
    broken = bytearray((tmp_path / "pack.zip").read_bytes())
    broken[200:260] = bytes(byte ^ 0x55 for byte in broken[200:260])
    (tmp_path / "broken.zip").write_bytes(broken)
    deceits = {
        "more than once": _packed(tmp_path / "two.zip", [("evidence.pdf", b"%PDF-another"), *files.items()]),
        "more than a pack ever holds": _packed(tmp_path / "bomb.zip", [(str(n), zeros) for n in range(5)]),
        "packed as no pack is": _packed(tmp_path / "lzma.zip", list(files.items()), zipfile.ZIP_LZMA),
        "or a damaged one": tmp_path / "broken.zip",
        "parts that no pack has": _packed(tmp_path / "deep.zip", list({**files, "evidence.json": deep}.items())),
    }
    for said, path in deceits.items():
        with pytest.raises(UserError, match=said):
            check_pack(path)


def test_a_pack_that_could_not_be_finished_leaves_nothing_of_the_person(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_pack(world.store, rulebook_of(), a_complaint(), ACTOR, world.now)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("orchestrator.pipeline.evidence.pack.accesses.record", full)
    with pytest.raises(OSError, match="No space left"):
        write_pack(world.store, made, a_complaint(), tmp_path / "pack.zip", ACTOR, world.now)
    assert not [path for path in tmp_path.iterdir() if "pack" in path.name]
