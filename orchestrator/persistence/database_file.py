"""The SQLite file as a whole: a consistent copy while others write, and another one put in its place."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from orchestrator.domain.errors import UserError

OPEN_BESIDE = ("-wal", "-shm")


def copy(source: Path, target: Path) -> None:
    """Copy every page as of one moment; others go on reading and writing meanwhile. The copy is whole or not there.

    Raises UserError where the source is no database, or is damaged.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with closing(_open(source)) as there, closing(_open(_private(draft))) as here:
            there.backup(here)
            here.execute("PRAGMA journal_mode=DELETE")
            wrong = here.execute("PRAGMA quick_check(1)").fetchone()[0]
        if wrong != "ok":
            raise UserError(f"{source} is damaged ({wrong}); use another backup.")
        _sync(draft)
        draft.replace(target)
    except sqlite3.DatabaseError as error:
        raise UserError(f"{source} cannot be read as a database: {error}.") from None
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Nobody else has the file open meanwhile, and what they wrote is in it; UserError where somebody has."""
    if not path.exists():
        yield
        return
    with closing(_open(path)) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError:
            raise UserError(
                f"{path} is in use: stop the worker, the callbacks and every command, and try again."
            ) from None
        yield


def put_in_place(draft: Path, path: Path, aside: Path) -> None:
    """Make the draft the database; the one that was there is kept under another name. Never is there none."""
    if path.exists():
        os.link(path, aside)
    for ending in OPEN_BESIDE:  # of the one that was there: its last words are in it
        path.with_name(path.name + ending).unlink(missing_ok=True)
    draft.replace(path)
    _sync(path.parent)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=2.0)


def _private(path: Path) -> Path:
    """The path of a fresh file that its owner alone can read."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return path


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
