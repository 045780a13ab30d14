"""The store of a rehearsal: SQLite in memory, under keys that are made for it and thrown away with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool

from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.families import metadata


@dataclass(frozen=True)
class MemoryStore(Store):
    """One connection for everything, since what it holds lives no longer than it; a read within a write joins it."""

    connection: Connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """The same as ``write``: nobody else is there who could be kept waiting."""
        with self.write() as tx:
            yield tx

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at its end, or the one that is open already."""
        if self.connection.in_transaction():
            yield self.connection
            return
        with self.connection.begin():
            yield self.connection

    def close(self) -> None:
        """Let go of everything that was in it."""
        self.connection.close()
        self.engine.dispose()


def open_memory() -> MemoryStore:
    """An empty store with every table of ours, and keys that nobody else has."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    metadata.create_all(engine)
    return MemoryStore(engine, Keyring.parse(Keyring.generate()), engine.connect())


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, as the store on disk does
    for pragma in ("foreign_keys=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
