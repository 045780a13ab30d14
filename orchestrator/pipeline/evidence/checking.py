"""Verify a pack with nothing but the pack: signatures, digests, every entry, its path to the head, and what it says."""

import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from orchestrator.domain.canonical import canonical_json
from orchestrator.domain.errors import UserError
from orchestrator.domain.merkle import includes
from orchestrator.domain.seal import commitment, entry_leaf
from orchestrator.pipeline.evidence.pack import FORM
from orchestrator.pipeline.sealing.head_file import HeadFile, differences, parse_heads
from orchestrator.pipeline.sealing.signatures import is_signed

LARGEST = 1 << 28  # bytes of all its files: more than a pack ever holds
PACKED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
NEEDED = frozenset({"evidence.pdf", "evidence.json", "proofs.json", "heads.json", "manifest.json"})
Proof = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of it."""

    form: dict[str, Any]

    @property
    def is_sound(self) -> bool:
        """Whether everything in the pack is proved, or said not to be."""
        return not self.form["findings"]

    @property
    def lines(self) -> Iterator[str]:
        """The same in words."""
        form = self.form
        yield (
            f"{form['files']} files, {form['opened']} entries opened, {form['withheld']} withheld, "
            f"{form['without_head']} under no head yet, {form['not_sealed']} rows not sealed."
        )
        yield f"Signed by {form['public_key']}: hold that key against the one that you were given before."
        for finding in form["findings"]:
            yield f"BAD  {finding}"
        if self.is_sound:
            yield "Every file is as it was signed, and every entry in it is under the signed heads."


def check_pack(path: Path) -> Checked:
    """Check the pack; raises UserError where the file is none."""
    files = _read(path)
    try:
        return _checked(files, path.name)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError):
        raise UserError(
            f"{path.name} holds parts that no pack has: it was changed, or made by a newer version."
        ) from None


def _checked(files: Mapping[str, bytes], name: str) -> Checked:
    manifest = json.loads(files["manifest.json"])
    heads = parse_heads(json.loads(files["heads.json"]), f"heads.json in {name}")
    proofs = {(one["log"], one["position"]): one for one in json.loads(files["proofs.json"])["entries"]}
    columns = json.loads(files["proofs.json"])["columns"]
    findings = [*_manifest_findings(manifest, files, heads), *_kept_findings(files, heads)]
    for proof in proofs.values():
        findings += _entry_findings(proof, heads)
    told = list(_told(json.loads(files["evidence.json"])["sections"]))
    findings += [finding for item in told for finding in _item_findings(item, proofs, columns)]
    form = {
        "sound": not findings,
        "files": len(files),
        "opened": sum("told" in proof for proof in proofs.values()),
        "withheld": sum("told" not in proof for proof in proofs.values()),
        "without_head": sum(proof["path"] is None for proof in proofs.values()),
        "not_sealed": sum("log" not in item["entry"] for item in told),
        "public_key": manifest["public_key"],
        "heads": heads.content["heads"],
        "findings": findings,
    }
    return Checked(form)


def _read(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_tricks(path.name, archive.infolist())
            found = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error):
        raise UserError(f"{path.name} is no evidence pack: it is no ZIP file, or a damaged one.") from None
    if not found.keys() >= NEEDED:
        raise UserError(f"{path.name} is no evidence pack: it lacks {', '.join(sorted(NEEDED - found.keys()))}.")
    return found


def _refuse_tricks(name: str, entries: Sequence[zipfile.ZipInfo]) -> None:
    """UserError for what no pack does; of two files under one name each reader shows another one."""
    if sum(entry.file_size for entry in entries) > LARGEST:
        raise UserError(f"{name} unpacks to more than a pack ever holds; it was not opened.")
    if any(entry.compress_type not in PACKED for entry in entries):
        raise UserError(f"{name} is packed as no pack is; it was changed, or made by a newer version.")
    twice = [one for one, times in Counter(entry.filename for entry in entries).items() if times > 1]
    if twice:
        raise UserError(f"{name} holds {min(twice)} more than once: somebody put another one into the pack.")


def _manifest_findings(manifest: Mapping[str, Any], files: Mapping[str, bytes], heads: HeadFile) -> Iterator[str]:
    body = {name: value for name, value in manifest.items() if name != "signature"}
    if manifest["form"] != FORM or not is_signed(canonical_json(body), manifest["public_key"], manifest["signature"]):
        yield "manifest.json is not as it was signed"
    if manifest["public_key"] != heads.public_key:
        yield "manifest.json and heads.json are signed with different keys"
    listed = manifest["files"]
    for name in sorted((files.keys() - {"manifest.json"}) | listed.keys()):
        if name not in listed:
            yield f"{name} is not in the manifest"
        elif name not in files:
            yield f"{name} is missing"
        elif sha256(files[name]).hexdigest() != listed[name]:
            yield f"{name} is not the file that was signed"


def _kept_findings(files: Mapping[str, bytes], heads: HeadFile) -> Iterator[str]:
    """Heads that lay elsewhere must be the beginning of the pack's own."""
    if "kept-heads.json" not in files:
        return
    kept = parse_heads(json.loads(files["kept-heads.json"]), "kept-heads.json")
    yield from (f"against the heads that were kept elsewhere: {one}" for one in differences(kept, heads))


def _entry_findings(proof: Proof, heads: HeadFile) -> Iterator[str]:
    named = f"entry {proof['position']} of the log '{proof['log']}' ({proof['form']} {proof['row_id']})"
    committed = bytes.fromhex(proof["commitment"])
    if "told" in proof and commitment(bytes.fromhex(proof["key"]), proof["told"].encode()) != committed:
        yield f"{named} does not say what it is shown to say"
    if proof["path"] is None:
        return
    size, root = max((heads.roots.get(proof["log"]) or {0: b""}).items())
    leaf = entry_leaf(proof["form"], proof["row_id"], committed)
    if not includes(root, size, proof["position"], leaf, [bytes.fromhex(step) for step in proof["path"]]):
        yield f"{named} is not under the signed head"


def _told(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every item that names an entry, wherever it lies."""
    if isinstance(value, dict):
        if isinstance(value.get("entry"), dict):
            yield value
        for one in value.values():
            yield from _told(one)
    elif isinstance(value, list):
        for one in value:
            yield from _told(one)


def _item_findings(
    item: Mapping[str, Any], proofs: Mapping[tuple[str, int], Proof], columns: Mapping[str, list[str]]
) -> Iterator[str]:
    """What is shown to a reader must be what the entry says."""
    entry = item["entry"]
    if "log" not in entry:
        return
    named = f"entry {entry['position']} of the log '{entry['log']}'"
    if "proof" in entry and entry["proof"] != "withheld":
        yield f"{named}: {entry['proof']}"
        return
    proof = proofs.get((entry["log"], entry["position"]))
    if proof is None:
        yield f"{named} is spoken of, and has no proof"
    elif "told" in proof and not _says(item, proof, columns):
        yield f"{named} is shown to say something else than it says"
    elif "told" not in proof and entry.get("proof") != "withheld":
        yield f"{named} is shown as proved, and is not opened"


def _says(item: Mapping[str, Any], proof: Proof, columns: Mapping[str, list[str]]) -> bool:
    if "row" in item:
        told = dict(zip(columns.get(proof["form"], ()), json.loads(proof["told"]), strict=False))
        return told == {"form": proof["form"], **item["row"]}
    return bool(proof["told"] == f"{proof['form']}\n{proof['row_id']}\n{item['words']}")
