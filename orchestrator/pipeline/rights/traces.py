"""What earlier requests left of a person: their words, what was rectified, and the files that were handed out."""

import hashlib
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, update

from orchestrator.persistence import removals
from orchestrator.persistence import rights_requests as stored
from orchestrator.persistence.removals import Cause, How
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.rights import rights_requests, rights_steps
from orchestrator.pipeline.rights.treatment import Erased

WRITTEN = "files written"


def empty_requests(tx: Connection, who: Erased) -> dict[str, int]:
    """Take the person out of every request of theirs, and delete the files of answers that are still where they were.

    How many were deleted, how many were changed since (and stay), how many are gone from there.
    """
    counts = {"deleted": 0, "changed": 0, "gone": 0}
    requests = stored.about(tx, who.seller_id, sorted(who.own_keys), who.contact_ids)
    for request in requests:
        steps = [step for step in stored.steps_of(tx, request.id) if step.note_sealed is not None]
        for step in steps:
            for name, digest in _files(who, step):
                counts[_delete(Path(name), digest)] += 1
        _note(tx, who, rights_steps.name, [step.id for step in steps])
        _empty(tx, request, [step.id for step in steps])
    _note(tx, who, rights_requests.name, [row.id for row in requests if row.subject_sealed is not None])
    return counts


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _files(who: Erased, step: Record) -> list[tuple[str, str]]:
    note: Any = stored.note_of(who.keyring, step) if step.step == WRITTEN else None
    return list(note["files"].items()) if note else []


def _delete(path: Path, digest: str) -> str:
    """A file that somebody has changed is not ours any more; its folder may be on another machine."""
    try:
        if digest_of(path) != digest:
            return "changed"
        path.unlink()
    except OSError:
        return "gone"
    return "deleted"


def _empty(tx: Connection, request: Record, step_ids: list[int]) -> None:
    tx.execute(update(rights_steps).where(rights_steps.c.id.in_(step_ids)).values(note_sealed=None))
    stored.change(tx, request.id, subject_sealed=None)


def _note(tx: Connection, who: Erased, relation: str, ids: list[int]) -> None:
    table = {one.name: one for one in (rights_requests, rights_steps)}[relation]
    removals.note(
        tx,
        relation=table,
        rows=ids,
        how=How.BLANKED,
        cause=Cause.ERASURE,
        reason=who.reason,
        at=who.now,
        seller_id=who.seller_id,
    )
