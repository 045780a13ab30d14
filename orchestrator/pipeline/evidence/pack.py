"""One answer to one complaint: read once, written down as a reading, sealed, proved, and signed as a whole."""

import io
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from orchestrator.compliance.answer_form import moment_form
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.canonical import canonical_json
from orchestrator.domain.errors import UserError
from orchestrator.persistence import accesses, number_history, rulebooks
from orchestrator.persistence.house_history import HouseHistory
from orchestrator.persistence.number_history import History
from orchestrator.persistence.sealing.signing import signing_key
from orchestrator.persistence.sealing.stream import one_state
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.evidence.complaint import Complaint, Section
from orchestrator.pipeline.evidence.disclosing import Discloser, Item
from orchestrator.pipeline.evidence.house_sections import HouseSections
from orchestrator.pipeline.evidence.pdf import render
from orchestrator.pipeline.evidence.proofs import proofs
from orchestrator.pipeline.evidence.redaction import Redactions
from orchestrator.pipeline.evidence.sections import Sections
from orchestrator.pipeline.evidence.sentences import read
from orchestrator.pipeline.sealing import sealer
from orchestrator.pipeline.sealing.head_file import HeadFile
from orchestrator.pipeline.sealing.heads import export
from orchestrator.pipeline.sealing.signatures import public_text, sign

PACKAGE = "outbound-orchestrator"
FORM, EVIDENCE = "orchestrator.pack/1", "orchestrator.evidence/1"
READING = "evidence pack"
WRITTEN = "evidence pack written"
HOW_TO_VERIFY = (
    "To verify without our database or keys: `orchestrator evidence verify PACK.zip`. proofs.json holds each entry's "
    "text, its own key and its path to the heads in heads.json; manifest.json the SHA-256 of every file."
)
AGAINST_OURSELVES = (
    "A signature of ours proves nothing against ourselves: hold the heads against those that you kept, or ask whoever "
    "countersigned them."
)
EARLIEST_ZIP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Pack:
    """A finished pack. ``digest``: SHA-256 of the whole file."""

    content: bytes
    sections: Sequence[Section]
    opened: int
    withheld: int

    @property
    def digest(self) -> str:
        """SHA-256 of the file, in hexadecimal."""
        return sha256(self.content).hexdigest()


def seller_for(store: Store, number: str, seller_id: str | None) -> str:
    """Whose records are meant; raises UserError for nobody's, or where several sellers know the number."""
    with store.read() as tx:
        known = number_history.sellers_who_know(tx, store.keyring.number_key(number))
    if seller_id is not None and seller_id in known:
        return seller_id
    if not known or seller_id is not None:
        whose = f"Seller '{seller_id}' has" if seller_id else "There is"
        raise UserError(f"{whose} nothing on record about that number; write it in full, as in +12125550100.")
    if len(known) > 1:
        raise UserError(f"Several sellers know that number; name one with --seller: {', '.join(known)}.")
    return known[0]


def make_pack(
    store: Store, rulebook: Rulebook, complaint: Complaint, actor: str, now: datetime, kept: HeadFile | None = None
) -> Pack:
    """The pack's content; that it was read is written down and sealed before anything of it is told.

    ``kept`` are heads that lay elsewhere, perhaps countersigned: the pack shows that they are the beginning of its own.
    """
    key = store.keyring.number_key(complaint.number)
    with store.write() as tx:
        reason = complaint.text or "an answer about one number"
        note = {"actor": actor, "action": READING, "reason": reason, "seller_id": complaint.seller_id, "at": now}
        accesses.record(tx, number_keys=[key], **note)  # type: ignore[arg-type]
    sealer.run_once(store, now)
    heads = export(store, now, kept)
    with one_state(store) as tx:
        redactions = Redactions(complaint.number)
        disclose = Discloser.within(tx, store.keyring, redactions)
        sections = _sections(tx, store, rulebook, complaint, disclose, heads, now)
        proved, rules = proofs(tx, disclose, heads), _rulebooks(tx, sections)
    files = {**_files(complaint, sections, proved, heads, kept, now), **rules}
    manifest = _manifest(store, files, now)
    return Pack(_zipped({**files, "manifest.json": manifest}), sections, len(disclose.opened), len(disclose.withheld))


def _sections(
    tx: Connection,
    store: Store,
    rulebook: Rulebook,
    complaint: Complaint,
    disclose: Discloser,
    heads: HeadFile,
    now: datetime,
) -> list[Section]:
    key = store.keyring.number_key(complaint.number)
    history = History(tx, complaint.seller_id, key, complaint.begins, complaint.ends)
    people = number_history.holders(tx, complaint.seller_id, key)
    span = {"begins": complaint.begins, "ends": complaint.ends}
    house = HouseHistory(tx=tx, seller_id=complaint.seller_id, number_key=key, **span)
    told = Sections(tx, store.keyring, rulebook, complaint, history, house, disclose, people, now).all()
    readings = [_access(disclose, row) for row in history.accesses()]
    beside = HouseSections(complaint, house, disclose).all()
    redacted: list[Item] = [dict(one) for one in disclose.redactions.entries]
    return [
        *told,
        _integrity(heads),
        Section(13, "What is hidden, and why", redacted),
        Section(14, "Who read what is held about this number", readings),
        *beside,
    ]


def _access(disclose: Discloser, row: Record) -> Item:
    """A reading of this number alone is opened; one of many people's would tell their keys."""
    if row.people == 1:
        return disclose.row("accesses.read/1", row.id, read(row))
    shown = {"at": moment_form(row.at), "actor": row.actor, "action": row.action, "reason": row.reason}
    return disclose.withheld_row("accesses.read/1", row.id, "it names other people's keys", **shown, people=row.people)


def _integrity(heads: HeadFile) -> Section:
    items: list[Item] = [dict(head) for head in heads.content["heads"]]
    signed = f"Signed by the installation's key {heads.public_key} (Ed25519) over SHA-256 {heads.digest}."
    return Section(12, "Integrity: the heads of the sealed logs", items, (signed, HOW_TO_VERIFY, AGAINST_OURSELVES))


def _files(
    complaint: Complaint,
    sections: Sequence[Section],
    proved: Mapping[str, Any],
    heads: HeadFile,
    kept: HeadFile | None,
    now: datetime,
) -> dict[str, bytes]:
    evidence = {
        "form": EVIDENCE,
        "made_at": moment_form(now),
        "engine": version(PACKAGE),
        "sections": [asdict(section) for section in sections],
    }
    title = f"Evidence about {complaint.number}, for seller '{complaint.seller_id}'"
    return {
        "evidence.pdf": render(title, now, sections),
        "evidence.json": _json(evidence),
        "proofs.json": _json(proved),
        "heads.json": heads.text.encode(),
        **({} if kept is None else {"kept-heads.json": kept.text.encode()}),
    }


def _rulebooks(tx: Connection, sections: Sequence[Section]) -> dict[str, bytes]:
    """Every rule that was in force for a decision of the pack, as its file says it: dates, class, citation, source."""
    digests = {
        item["row"]["rulebook"] for section in sections for item in section.items if "rulebook" in item.get("row", ())
    }
    texts = {digest: rulebooks.content(tx, digest) for digest in sorted(digests)}
    return {f"rulebook-{digest[:12]}.json": _json(text) for digest, text in texts.items() if text is not None}


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def _manifest(store: Store, files: Mapping[str, bytes], now: datetime) -> bytes:
    key = signing_key(store, now)
    body = {
        "form": FORM,
        "made_at": moment_form(now),
        "files": {name: sha256(content).hexdigest() for name, content in sorted(files.items())},
        "public_key": public_text(key),
    }
    return _json({**body, "signature": sign(key, canonical_json(body))})


def _zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, EARLIEST_ZIP), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def write_pack(store: Store, pack: Pack, complaint: Complaint, path: Path, actor: str, now: datetime) -> None:
    """Write the file, or nothing; its digest is kept, so that this very file can be told from any other."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.touch(mode=0o600)
        beside.write_bytes(pack.content)
        with store.write() as tx:
            note = {"actor": actor, "action": WRITTEN, "reason": f"SHA-256 {pack.digest}", "at": now}
            key = store.keyring.number_key(complaint.number)
            accesses.record(tx, number_keys=[key], seller_id=complaint.seller_id, **note)  # type: ignore[arg-type]
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)  # where the disk is full: half a pack tells of the person too
