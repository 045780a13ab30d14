"""One worker paces at a time: two would each place the calls that the agents bear once.

On PostgreSQL the leader holds an advisory lock for as long as its connection lives; on SQLite a lock on a file beside
the database, which the system lets go when the process ends, however it ends.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from orchestrator.persistence.store import Store

LOCK = 0x6F7574626F756E64 & 0x7FFFFFFFFFFFFFFF  # any number that nobody else uses


class Leadership:
    """Held by at most one process; asked at each tick, since a lost connection loses it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection: Connection | None = None
        self._file: int | None = None
        self._asking = Lock()  # several steps ask, and the connection bears one at a time

    def hold(self) -> bool:
        """Whether this process leads; takes the lead where it is free."""
        with self._asking:
            return self._hold_file() if self._store.is_sqlite else self._hold_lock()

    def _hold_file(self) -> bool:
        if self._file is not None:
            return True
        path = _lock_beside(self._store.engine.url.database or "")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._file = descriptor
        return True

    def _hold_lock(self) -> bool:
        try:
            if self._connection is None:
                self._connection = self._store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                if not self._connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}).scalar():
                    self._let_go()
                    return False
            self._connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            self._let_go()
            return False
        return True

    def _let_go(self) -> None:
        """Close the connection for good: one that went back to a pool would keep the lock."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def release(self) -> None:
        """Let another lead, at once: the server notices a closed connection in its own time."""
        if self._connection is not None:
            with suppress(SQLAlchemyError):
                self._connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
        self._let_go()
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _lock_beside(database: str) -> Path:
    """The lock's file: the same one under whatever name the database is opened."""
    return Path(f"{Path(database).resolve()}.worker")
