"""What many tests start from: a migrated store on each database."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from orchestrator.installation import prove
from orchestrator.persistence import migrate
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.settings import Settings
from tests import postgres
from tests.databases import Databases
from tests.schedule import JourneysFirst

KEYS = "k1:" + "A" * 43 + "="


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> JourneysFirst:
    """Where several processes share the tests, the longest start first."""
    return JourneysFirst(config, log)


@pytest.fixture(autouse=True)
def fresh_log() -> None:
    """No test hears less because a command before it wanted silence."""
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    """Keys that are no secret."""
    return Keyring.parse(KEYS)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "migrated.sqlite3"
    engine = open_engine(f"sqlite:///{path}")
    migrate.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """A cluster; its URL with {name} for the database."""
    given = os.environ.get("ORCHESTRATOR_TEST_POSTGRES_URL")
    if given is None and postgres.binaries() is None:
        if os.environ.get("CI"):
            pytest.fail(postgres.REASON)
        pytest.skip(postgres.REASON)
    if given is not None:
        yield given.rsplit("/", 1)[0] + "/{name}"
        return
    with postgres.running() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_databases(postgres_cluster: str) -> Iterator[Databases]:
    """What lends each test a migrated database."""
    databases = Databases(postgres_cluster)
    yield databases
    databases.close()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh migrated SQLite database."""
    path = tmp_path / "orchestrator.sqlite3"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_cluster: str, postgres_databases: Databases) -> Iterator[str]:
    """A migrated PostgreSQL database without a row."""
    with postgres_databases.lend() as name:
        yield postgres_cluster.format(name=name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh migrated database of each kind."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def store(database_url: str, keyring: Keyring) -> Iterator[Store]:
    """The store on each database."""
    yield from _opened(database_url, keyring)


@pytest.fixture
def sqlite_store(sqlite_url: str, keyring: Keyring) -> Iterator[Store]:
    """The store on SQLite alone, where the database is not the subject."""
    yield from _opened(sqlite_url, keyring)


def _opened(url: str, keyring: Keyring) -> Iterator[Store]:
    engine = open_engine(url)
    yield prove(Store(engine, keyring), Settings())
    engine.dispose()
