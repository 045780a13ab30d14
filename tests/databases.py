"""PostgreSQL databases for tests: one is washed and lent again, since to make one costs ten times as much."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from orchestrator.persistence import migrate
from orchestrator.persistence.store import open_engine
from orchestrator.persistence.tables.families import metadata

LENDINGS = 50  # of one database: deleted rows leave their places behind, which readers would have to pass
SHOW_OUT = """SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
SHAPE = """SELECT max(pg_class.oid::bigint), count(DISTINCT pg_class.oid), count(*),
    (SELECT count(*) FROM pg_constraint) FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND NOT attisdropped
    WHERE relnamespace = 'public'::regnamespace"""
START_AGAIN = """SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL"""
TABLES = [table.name for table in reversed(metadata.sorted_tables)]


@dataclass
class Databases:
    """Migrated databases of one server; ``url`` has {name} for the database."""

    url: str
    template: str = field(default_factory=lambda: f"template_{uuid4().hex[:8]}")
    lendings: int = 0
    free: str | None = None

    def __post_init__(self) -> None:
        self._administer(f'CREATE DATABASE "{self.template}"')
        engine = open_engine(self.url.format(name=self.template))
        migrate.upgrade(engine)
        with engine.connect() as connection:
            self._shape = _shape(connection)
            written = [name for name in TABLES if connection.execute(text(f'SELECT 1 FROM "{name}"')).first()]  # noqa: S608 - our own words
        engine.dispose()
        assert not written, f"migrations write rows into {written}, and washing would lose them: put them back there"

    @contextmanager
    def lend(self) -> Iterator[str]:
        """A migrated database without a row, whose sequences start at their beginning; its name."""
        name, self.free = self.free or self._make(), None
        yield name
        self.lendings += 1
        if self.lendings % LENDINGS and self._wash(name):
            self.free = name
        else:
            self._drop(name)

    def close(self) -> None:
        """Leave nothing behind on a server that is not ours."""
        for name in filter(None, (self.free, self.template)):
            self._drop(name)

    def _make(self) -> str:
        name = f"t_{uuid4().hex[:12]}"
        self._administer(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}"')
        return name

    def _drop(self, name: str) -> None:
        self._administer(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _wash(self, name: str) -> bool:
        """Take every row out; False where the test left more than rows, such as another month's partition."""
        engine, washed = open_engine(self.url.format(name=name)), False
        with suppress(DBAPIError), engine.begin() as connection:
            connection.execute(text(SHOW_OUT))
            if _shape(connection) == self._shape:
                connection.exec_driver_sql("; ".join(f'DELETE FROM "{table}"' for table in TABLES))  # noqa: S608 - our own words
                connection.execute(text(START_AGAIN))
                washed = True
        engine.dispose()
        return washed

    def _administer(self, statement: str) -> None:
        engine = open_engine(self.url.format(name="postgres")).execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


def _shape(connection: Connection) -> tuple[int, ...]:
    """What every table, index and column adds to; no count of rows."""
    return tuple(connection.execute(text(SHAPE)).one())
