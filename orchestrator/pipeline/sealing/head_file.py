"""Heads in a file, to be kept where whoever could change the database cannot: signed, countersigned, time-stamped.

The signature is over the canonical text of everything but the signatures. Countersigners sign the same text with their
name and moment beside it, so that each vouches for the heads and for nothing that others add later.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from orchestrator.domain.canonical import canonical_json
from orchestrator.domain.errors import UserError
from orchestrator.domain.merkle import HASH_BYTES, extends
from orchestrator.domain.time_stamp import read_time_stamp
from orchestrator.pipeline.sealing.signatures import is_signed, public_text, sign

FORM = "orchestrator.heads/1"
BESIDE = ("signature", "countersignatures", "time_stamps")  # what the signature does not cover


@dataclass(frozen=True, slots=True)
class HeadFile:
    """A file of heads, whose signature was checked."""

    content: Mapping[str, Any]

    @property
    def signed_text(self) -> str:
        """What was signed."""
        return canonical_json({name: value for name, value in self.content.items() if name not in BESIDE})

    @property
    def digest(self) -> str:
        """SHA-256 of what was signed, in hexadecimal: what a time-stamp is asked for."""
        return sha256(self.signed_text.encode()).hexdigest()

    @property
    def public_key(self) -> str:
        """Who signed, in base64."""
        return str(self.content["public_key"])

    @property
    def roots(self) -> dict[str, dict[int, bytes]]:
        """The root of each log by its size."""
        found: dict[str, dict[int, bytes]] = {}
        for head in self.content["heads"]:
            found.setdefault(head["log"], {})[head["size"]] = bytes.fromhex(head["root"])
        return found

    @property
    def text(self) -> str:
        """The file's text."""
        return json.dumps(self.content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def signed_heads(
    key: Ed25519PrivateKey, heads: Sequence[Mapping[str, Any]], made_at: datetime, **more: object
) -> HeadFile:
    """A file over these heads (log, size, root, at)."""
    body = {
        "form": FORM,
        "made_at": made_at.isoformat(),
        "public_key": public_text(key),
        "heads": [_head_form(head) for head in heads],
        **more,
    }
    return HeadFile({**body, "signature": sign(key, canonical_json(body))})


def _head_form(head: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "log": head["log"],
        "size": head["size"],
        "root": bytes(head["root"]).hex(),
        "at": head["at"].isoformat(),
    }


def read_heads(path: Path) -> HeadFile:
    """The heads in the file; raises UserError where it is none, or not as it was signed."""
    try:
        return parse_heads(json.loads(path.read_text("utf-8")), path.name)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise UserError(f"{path.name} is no file of heads; give one that `evidence heads export` wrote.") from None


def parse_heads(content: Any, name: str) -> HeadFile:
    """The same of what was read already."""
    if not isinstance(content, dict) or content.get("form") != FORM or not _is_whole(content):
        raise UserError(f"{name} is no file of heads; give one that `evidence heads export` wrote.")
    file = HeadFile(content)
    if not is_signed(file.signed_text, file.public_key, str(content["signature"])):
        raise UserError(f"{name} is not as it was signed: take another copy of it, and find out who changed this one.")
    for other in content.get("countersignatures", ()):
        if not is_signed(_countersigned(file, other["by"], other["at"]), other["public_key"], other["signature"]):
            raise UserError(f"The countersignature of '{other['by']}' in {name} is not over these heads.")
    return file


def _is_whole(content: Mapping[str, Any]) -> bool:
    try:
        return (
            all(_is_head(head) for head in content["heads"])
            and all(
                {"by", "at", "public_key", "signature"} <= other.keys()
                for other in content.get("countersignatures", ())
            )
            and bool(content["signature"] and content["public_key"])
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        return False


def _is_head(head: Mapping[str, Any]) -> bool:
    return isinstance(head["log"], str) and int(head["size"]) > 0 and len(bytes.fromhex(head["root"])) == HASH_BYTES


def _countersigned(file: HeadFile, by: str, at: str) -> str:
    return canonical_json({"heads": file.digest, "by": by, "at": at})


def countersign(file: HeadFile, key: Ed25519PrivateKey, by: str, at: datetime) -> HeadFile:
    """The file with one more signature."""
    moment = at.isoformat()
    own = {"by": by, "at": moment, "public_key": public_text(key)}
    own["signature"] = sign(key, _countersigned(file, by, moment))
    return HeadFile({**file.content, "countersignatures": [*file.content.get("countersignatures", ()), own]})


def time_stamped(file: HeadFile, token: bytes) -> HeadFile:
    """The file with a time-stamp authority's token; raises UserError for a token over anything else."""
    stamp = read_time_stamp(token)
    if stamp.digest.hex() != file.digest:
        raise UserError(
            "That time-stamp is over something else: ask the authority with "
            f"`openssl ts -query -digest {file.digest} -sha256 -cert -out heads.tsq`."
        )
    own = {"at": stamp.at.isoformat(), "token": b64encode(token).decode()}
    return HeadFile({**file.content, "time_stamps": [*file.content.get("time_stamps", ()), own]})


def differences(old: HeadFile, new: HeadFile) -> list[str]:
    """What of the old heads the new file does not show to be the beginning of its own; empty where all is shown."""
    newest = {head["log"]: head for head in new.content["heads"]}
    shown = {(one["log"], one["size"]): one["path"] for one in new.content.get("consistency", ())}
    wrong = [] if old.public_key == new.public_key else ["they are signed by different installations"]
    for log, roots in old.roots.items():
        for size, root in roots.items():
            wrong += _difference(log, size, root, newest.get(log), shown.get((log, size)))
    return wrong


def _difference(
    log: str, size: int, root: bytes, head: Mapping[str, Any] | None, path: Sequence[str] | None
) -> list[str]:
    if head is None or head["size"] < size:
        return [f"the log '{log}' had {size} entries, and has {head['size'] if head else 0} in the newer file"]
    if path is None and head["size"] != size:
        return [f"the newer file does not show how the log '{log}' grew; export it with --since and the older file"]
    if not extends(root, size, bytes.fromhex(head["root"]), head["size"], [bytes.fromhex(one) for one in path or ()]):
        return [f"the first {size} entries of the log '{log}' are not the same in both"]
    return []
