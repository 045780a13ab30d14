"""Which files of config/ a worker began with: noted where they are not those that were noted last."""

from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection

from orchestrator.persistence import actions
from orchestrator.persistence.store import Store

FOUND = "configuration found"
KINDS = ("*.toml", "*.txt", "*.json")


def note(store: Store, folder: Path, by: str, now: datetime) -> list[str]:
    """Note the files' digests where any is another than before; the names of those that are. All of them at first."""
    files = {str(path.relative_to(folder)): _digest(path) for kind in KINDS for path in folder.rglob(kind)}
    with store.write() as tx:
        known = _known(tx)
        changed = sorted(name for name in files.keys() | known.keys() if files.get(name) != known.get(name))
        if changed:
            detail = {"files": files, "changed": changed if known else []}
            actions.record(tx, by=by, action=FOUND, about=actions.CONFIGURATION, at=now, detail=detail)
    return changed


def _known(tx: Connection) -> dict[str, str]:
    last = actions.last(tx, actions.CONFIGURATION)
    return {} if last is None else dict(last.detail["files"])


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
