"""Let heads leave the house: by command, and each night into a folder that is kept elsewhere."""

import os
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from orchestrator.domain.errors import UserError
from orchestrator.domain.merkle import Tree
from orchestrator.domain.seal import entry_leaf
from orchestrator.persistence.sealing import logs
from orchestrator.persistence.sealing.signing import public_key, signing_key
from orchestrator.persistence.sealing.stream import one_state
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.seals import seals
from orchestrator.pipeline.nightly_scrub import last_struck
from orchestrator.pipeline.sealing.head_file import HeadFile, signed_heads


def export(store: Store, now: datetime, since: HeadFile | None = None) -> HeadFile:
    """The last head of every log, signed; with proofs that what ``since`` speaks of is the beginning of it.

    Raises UserError where nothing was sealed yet, or where a log is not what it was then.
    """
    key = signing_key(store, now)
    with one_state(store) as tx:
        heads = [row._asdict() for row in logs.newest_heads(tx)]
        if not heads:
            raise UserError("Nothing was sealed yet; start a worker, which seals every few seconds.")
        sizes = {head["log"]: head["size"] for head in heads}
        proofs = (
            []
            if since is None
            else [
                {"log": log, "size": size, "path": _grown(tx, log, size, sizes.get(log, 0))}
                for log, roots in since.roots.items()
                for size in roots
            ]
        )
    return signed_heads(key, heads, now, **({} if since is None else {"consistency": proofs}))


def _grown(tx: Connection, log: str, size: int, now: int) -> list[str]:
    if now < size:
        raise UserError(f"The log '{log}' had {size} entries then and has {now}: run `orchestrator evidence verify`.")
    return [step.hex() for step in Tree(leaves_of(tx, log, now)).consistency(size)]


def leaves_of(tx: Connection, log: str, size: int) -> Sequence[bytes]:
    """The hashes of the log's first so many entries."""
    columns = seals.c.form, seals.c.row_id, seals.c.commitment
    query = select(*columns).where(seals.c.log == log, seals.c.position < size).order_by(seals.c.position)
    return [entry_leaf(row.form, row.row_id, bytes(row.commitment)) for row in tx.execute(query)]


def is_ours(store: Store, file: HeadFile) -> bool:
    """Whether this installation's key signed the heads."""
    own = public_key(store)
    return own is not None and b64encode(own).decode() == file.public_key


def run_once(store: Store, folder: Path, now: datetime, hour: int) -> Path | None:
    """Export once a night, after ``hour`` (UTC) has struck; None where that is done, or nothing is sealed."""
    path = folder / f"heads-{last_struck(hour, now):%Y-%m-%d}.json"
    with store.read() as tx:
        if path.exists() or not logs.newest_heads(tx):
            return None
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(path, export(store, now).text)
    return path


def write_whole(path: Path, text: str) -> None:
    """Write the file, or nothing."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, "utf-8")
    beside.replace(path)
