"""The store: one engine, its transactions, and each database's manners."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError

from orchestrator.domain.errors import SettingError
from orchestrator.persistence.encryption import Keyring

WRITERS_WAIT_SECONDS = 20.0
RETRY_SECONDS = 0.0005
BULK_ROWS = 100  # of a SQLite write transaction, so that callbacks are never kept waiting
BULK_REST_SECONDS = 0.005
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "journal_size_limit=67108864",
    "secure_delete=ON",  # what is erased is overwritten, wherever this SQLite was built
)


@dataclass(frozen=True)
class Store:
    """Where everything is kept. Reads and writes are separate, since SQLite has one writer."""

    engine: Engine
    keyring: Keyring

    @property
    def is_sqlite(self) -> bool:
        """Whether one writer at a time is the rule."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state and changes nothing."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at its end, or not at all."""
        with self.engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                yield connection

    @property
    def bulk_rows(self) -> int:
        """How many rows a bulk writer may touch in one transaction."""
        return BULK_ROWS if self.is_sqlite else 5000

    def rest(self, since: float | None = None) -> None:
        """Let other writers in, between two transactions of a bulk write.

        SQLite hands its one lock to whoever asks first and tells nobody that others wait, so only a pause is fair.
        ``since`` (``time.monotonic()``) is when the writer last held it: what has passed since is already rest.
        """
        rested = 0.0 if since is None else time.monotonic() - since
        if self.is_sqlite and rested < BULK_REST_SECONDS:
            time.sleep(BULK_REST_SECONDS - rested)  # a rest is a span of time: there is no event to wait for


def open_engine(url: str) -> Engine:
    """An engine for the URL, with its database's manners; raises SettingError for a URL that cannot be used."""
    try:
        parsed = make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
            raise SettingError(
                "ORCHESTRATOR_DATABASE_URL names no file; use sqlite:///FILE: several processes share it."
            )
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed.render_as_string(hide_password=False))
        if parsed.get_backend_name() == "postgresql":
            return create_engine(parsed, pool_size=20, max_overflow=20, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise SettingError(
            "ORCHESTRATOR_DATABASE_URL is no database URL; use sqlite:///FILE or postgresql://…"
        ) from None
    raise SettingError("ORCHESTRATOR_DATABASE_URL must begin with sqlite:/// or postgresql://")


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 0, "check_same_thread": False}, pool_size=20, max_overflow=20)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in PRAGMAS:
        _patiently(lambda pragma=pragma: connection.execute(f"PRAGMA {pragma}"), sqlite3.OperationalError)


def _on_begin(connection: Connection) -> None:
    if not connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN")
        return
    # SQLite's own busy handler backs off by up to 100 ms and is unfair; asking twice a millisecond is neither.
    _patiently(lambda: connection.exec_driver_sql("BEGIN IMMEDIATE"), OperationalError)


def _patiently(ask: Any, refusal: type[Exception]) -> Any:
    give_up_at = time.monotonic() + WRITERS_WAIT_SECONDS
    while True:
        try:
            return ask()
        except refusal as error:
            if "locked" not in str(error) or time.monotonic() > give_up_at:
                raise
            time.sleep(RETRY_SECONDS)  # SQLite has no call that waits for the lock fairly: see _on_begin
