"""Heads in files: signed, countersigned, time-stamped, and compared, all without a database."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from orchestrator.domain.errors import UserError
from orchestrator.domain.merkle import Tree, leaf_hash
from orchestrator.domain.time_stamp import read_time_stamp
from orchestrator.pipeline.sealing.head_file import (
    HeadFile,
    countersign,
    differences,
    read_heads,
    signed_heads,
    time_stamped,
)
from orchestrator.pipeline.sealing.signatures import read_key

AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
LEAVES = [leaf_hash(bytes([n])) for n in range(9)]


def heads_of(count: int, key: Ed25519PrivateKey = KEY, **more: object) -> HeadFile:
    head = {"log": "acme", "size": count, "root": Tree(LEAVES[:count]).root(), "at": AT}
    return signed_heads(key, [head], AT, **more)


def grown(first: int, count: int) -> HeadFile:
    path = [step.hex() for step in Tree(LEAVES[:count]).consistency(first)]
    return heads_of(count, consistency=[{"log": "acme", "size": first, "path": path}])


def written(path: Path, file: HeadFile, change: Callable[[dict[str, Any]], None] = lambda _: None) -> Path:
    content = json.loads(file.text)
    change(content)
    path.write_text(json.dumps(content))
    return path


def test_what_was_signed_is_read_again(tmp_path: Path) -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
    file = countersign(heads_of(5), other, "Auditor Ltd", AT)
    read = read_heads(written(tmp_path / "heads.json", file))
    assert read.roots == {"acme": {5: Tree(LEAVES[:5]).root()}}
    assert read.digest == heads_of(5).digest, "a countersignature changes nothing of what was signed"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda c: c["heads"][0].update(size=4), "not as it was signed"),
        (lambda c: c.update(made_at="2026-01-01"), "not as it was signed"),
        (lambda c: c.update(signature="AAAA"), "not as it was signed"),
        (lambda c: c["countersignatures"][0].update(by="Somebody Else"), "countersignature of 'Somebody Else'"),
        (lambda c: c.update(form="other/1"), "no file of heads"),
        (lambda c: c["heads"][0].pop("root"), "no file of heads"),
        (lambda c: c.update(heads=7), "no file of heads"),
    ],
)
def test_what_was_changed_is_refused(tmp_path: Path, change: Callable[[dict[str, Any]], None], sentence: str) -> None:
    file = countersign(heads_of(5), Ed25519PrivateKey.generate(), "Auditor Ltd", AT)
    with pytest.raises(UserError, match=sentence):
        read_heads(written(tmp_path / "heads.json", file, change))


def test_what_is_no_json_is_said_to_be_no_heads(tmp_path: Path) -> None:
    path = tmp_path / "heads.json"
    for content in (b"\xff\xfe", b"{", b"[]"):
        path.write_bytes(content)
        with pytest.raises(UserError, match="no file of heads"):
            read_heads(path)


def test_a_grown_log_is_shown_to_begin_with_the_older_one() -> None:
    assert differences(heads_of(5), grown(5, 9)) == []
    assert differences(heads_of(5), heads_of(5)) == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (heads_of(5), heads_of(9), "--since"),
        (heads_of(9), heads_of(5), "had 9 entries, and has 5"),
        (heads_of(5), signed_heads(KEY, [], AT), "has 0 in the newer file"),
        (heads_of(4), grown(5, 9), "--since"),
        (heads_of(5, Ed25519PrivateKey.generate()), grown(5, 9), "different installations"),
    ],
)
def test_what_is_not_shown_is_said(old: HeadFile, new: HeadFile, sentence: str) -> None:
    assert any(sentence in one for one in differences(old, new))


def test_another_history_is_found_by_the_proof() -> None:
    forged = signed_heads(KEY, [{"log": "acme", "size": 5, "root": Tree(LEAVES[1:6]).root(), "at": AT}], AT)
    assert differences(forged, grown(5, 9)) == ["the first 5 entries of the log 'acme' are not the same in both"]


def test_a_key_is_read_and_anything_else_is_told_how_to_be_made(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    with pytest.raises(UserError, match="openssl genpkey -algorithm ed25519"):
        read_key(path)
    path.write_text("no key")
    with pytest.raises(UserError, match="no private key in PEM"):
        read_key(path)
    path.write_bytes(X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(UserError, match="another kind than Ed25519"):
        read_key(path)
    path.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert read_key(path).public_key() == KEY.public_key()


def der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    length = bytes([len(content)]) if len(content) < 128 else b"\x82" + len(content).to_bytes(2, "big")
    return bytes([tag]) + length + content


def token(digest: bytes, at: bytes = b"20261123170001.5Z") -> bytes:
    """A response as an authority's looks from outside: status, and signed data around the statement."""
    sha256 = der(0x30, der(0x06, bytes.fromhex("608648016503040201")))
    imprint = der(0x30, sha256, der(0x04, digest))
    said = der(0x30, der(2, b"\x01"), der(6, b"\x2a\x03"), imprint, der(2, b"\x07"), der(0x18, at))
    held = der(0x30, der(6, bytes.fromhex("2a864886f70d0109100104")), der(0xA0, der(4, said)))
    padding = der(0x31, der(4, b"certificates, which are not looked at" * 9))
    signed = der(
        0x30, der(6, bytes.fromhex("2a864886f70d010702")), der(0xA0, der(0x30, der(2, b"\x03"), held, padding))
    )
    return der(0x30, der(0x30, der(2, b"\x00")), signed)


def test_a_time_stamp_over_these_heads_is_attached_with_its_moment() -> None:
    file = heads_of(5)
    stamped = time_stamped(file, token(bytes.fromhex(file.digest)))
    assert stamped.content["time_stamps"][0]["at"] == "2026-11-23T17:00:01+00:00"
    assert stamped.digest == file.digest


def test_a_time_stamp_over_anything_else_is_refused_with_what_to_ask_for() -> None:
    file = heads_of(5)
    with pytest.raises(UserError, match=file.digest):
        time_stamped(file, token(b"d" * 32))
    for broken in (b"", b"0", b"not DER at all", token(b"d" * 32)[:-9], b"\x30\x80" * 50, b"\x1f\xff"):
        with pytest.raises(UserError, match="no RFC 3161 token"):
            read_time_stamp(broken)
