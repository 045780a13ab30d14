"""An installation's database and keys: found or made once, and proved to belong together."""

import os
import sys
from pathlib import Path

from sqlalchemy import insert, inspect, select
from sqlalchemy.engine import make_url

from orchestrator.domain.errors import SettingError, WrongKeyError
from orchestrator.persistence import migrate
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.persistence.tables.people import installation
from orchestrator.settings import Settings

PROOF_TEXT = "number keys of this installation"


def open_copy(settings: Settings, file: Path) -> Store:
    """A copy of this installation's database, brought to this version's schema; WrongKeyError for another's."""
    database = sqlite_file(settings.database_url)
    if settings.secret_keys is None and database is not None and not _keys_beside(database).exists():
        raise WrongKeyError(
            "The keys that open the backup are missing: set ORCHESTRATOR_SECRET_KEYS, or put the file "
            f"{_keys_beside(database)} back."
        )
    engine = open_engine(f"sqlite:///{file}")
    migrate.upgrade(engine)
    return prove(Store(engine, keyring_of(settings)), settings)


def _keys_beside(database: Path) -> Path:
    return database.with_name(database.name + ".keys")


def sqlite_file(database_url: str) -> Path | None:
    """The SQLite file that a URL names, None for other databases."""
    url = make_url(database_url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def open_store(settings: Settings, *, may_make: bool = True) -> Store:
    """Open the database; on SQLite an empty one is migrated and a missing key is made once, and both are said.

    Raises SettingError where there is no folder for it, and without ``may_make`` where there is no database: a
    mistyped path must not become a new installation.
    """
    engine = open_engine(settings.database_url)
    require_place(settings.database_url, may_make=may_make)
    is_new = engine.dialect.name == "sqlite" and migrate.is_empty(engine)
    if is_new and not may_make:
        raise _no_database(settings.database_url)
    keyring = keyring_of(settings)
    if is_new:
        Path(str(sqlite_file(settings.database_url))).chmod(0o600)  # first: whoever is killed here leaves none open
        migrate.upgrade(engine)
        say(f"A new database was made at {sqlite_file(settings.database_url)}.")
    migrate.require_newest(engine)
    return prove(Store(engine, keyring), settings)


def require_place(database_url: str, *, may_make: bool) -> None:
    """Raise SettingError where the folder of a SQLite file is missing, and without ``may_make`` where the file is."""
    file = sqlite_file(database_url)
    if file is None:
        return
    if not file.parent.is_dir():
        raise SettingError(
            f"ORCHESTRATOR_DATABASE_URL: there is no folder {file.parent}; make it, or name another file."
        )
    if not may_make and not file.exists():
        raise _no_database(database_url)


def _no_database(database_url: str) -> SettingError:
    return SettingError(
        f"There is no database at {sqlite_file(database_url)}: set ORCHESTRATOR_DATABASE_URL to the file of yours, or "
        "make a new one with `orchestrator migrate`."
    )


def prove(store: Store, settings: Settings) -> Store:
    """The store with the chain of number keys that it was written with; raises WrongKeyError for other keys."""
    with store.write() as tx:
        row = tx.execute(select(installation)).one_or_none()
        if row is None:
            values = {
                "id": 1,
                "number_key_chain": " ".join(store.keyring.chain),
                "proof": store.keyring.number_key(PROOF_TEXT),
                "created_at": settings.clock.now(),
            }
            tx.execute(insert(installation).values(values))
            return store
    keyring = store.keyring.chained(row.number_key_chain.split())
    if keyring.number_key(PROOF_TEXT) != bytes(row.proof):
        raise WrongKeyError(
            "This database was written with other keys: set ORCHESTRATOR_SECRET_KEYS to the keys it was made with."
        )
    return Store(store.engine, keyring)


def keyring_of(settings: Settings) -> Keyring:
    """The keys of ORCHESTRATOR_SECRET_KEYS, else those beside the SQLite file, which are made once."""
    return Keyring.parse(_keys(settings))


def _keys(settings: Settings) -> str:
    if settings.secret_keys is not None:
        return settings.secret_keys.get_secret_value()
    file = sqlite_file(settings.database_url)
    if file is None:
        raise SettingError(
            "ORCHESTRATOR_SECRET_KEYS is not set; set it to k1:BASE64 of 32 random bytes (README.md shows how)."
        )
    return _key_file(file)


def _key_file(database: Path) -> str:
    path = _keys_beside(database)
    if not path.exists():
        if database.exists() and _holds_data(database):
            raise WrongKeyError(
                f"{path.name} is missing beside the database; set ORCHESTRATOR_SECRET_KEYS or restore it."
            )
        _write_once(path)
    return path.read_text("ascii").strip()


def _holds_data(database: Path) -> bool:
    engine = open_engine(f"sqlite:///{database}")
    try:
        if not inspect(engine).has_table("installation"):
            return False
        with engine.connect() as connection:
            return connection.execute(select(installation.c.id)).first() is not None
    finally:
        engine.dispose()


def _write_once(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(Keyring.generate() + "\n")
    say(f"No ORCHESTRATOR_SECRET_KEYS: a key was made in {path}. Keep it; without it the database cannot be read.")


def say(sentence: str) -> None:
    """Tell whoever runs the command; a script reads what it asked for on standard output alone."""
    print(sentence, file=sys.stderr)  # noqa: T201 - said to the person who runs the command
