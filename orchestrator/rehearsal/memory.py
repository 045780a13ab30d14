"""The store of a rehearsal: SQLite in memory, under keys that are made for it and thrown away with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool

from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.families import metadata
from orchestrator.rehearsal.shortcut import shortcut

STATEMENTS = 1000  # whose compiled form SQLite keeps: more than the pipeline has


@dataclass(frozen=True)
class MemoryStore(Store):
    """One connection for everything, since what it holds lives no longer than it; a read within a write joins it.

    It is one transaction from the first to the last, since nobody else is there to see its end: what is written
    together is a savepoint, and gone again where it fails.
    """

    connection: Connection
    _open: list[None] = field(default_factory=list)  # a savepoint, where one is

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """The connection as it stands: nobody else changes anything."""
        yield self.connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Whatever is written in here holds together; within another, it is that one's."""
        if self._open:
            yield self.connection
            return
        self._say("SAVEPOINT together")
        self._open.append(None)
        try:
            yield self.connection
        except BaseException:
            self._say("ROLLBACK TO together")
            raise
        finally:
            self._open.clear()
            self._say("RELEASE together")

    def _say(self, command: str) -> None:
        self.connection.connection.cursor().execute(command)

    def close(self) -> None:
        """Let go of everything that was in it."""
        self.connection.close()
        self.engine.dispose()


def open_memory() -> MemoryStore:
    """An empty store with every table of ours, and keys that nobody else has."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"cached_statements": STATEMENTS})
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    metadata.create_all(engine)
    connection = engine.connect()
    connection.begin()
    return MemoryStore(engine, Keyring.parse(Keyring.generate()), shortcut(connection))


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, as the store on disk does
    for pragma in ("foreign_keys=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
