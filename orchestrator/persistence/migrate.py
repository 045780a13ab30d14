"""Bring a database to the newest schema, and tell how far it is."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from orchestrator.domain.errors import UserError

SCRIPTS = Path(__file__).resolve().parent.parent.parent / "migrations"
LOCK_TIMEOUT = "SET lock_timeout = '5s'"
STATEMENT_TIMEOUT = "SET statement_timeout = '10min'"


def config() -> Config:
    """Alembic's settings, all of them."""
    settings = Config()
    settings.set_main_option("script_location", str(SCRIPTS))
    settings.set_main_option("path_separator", "os")
    return settings


def newest() -> str:
    """The revision that this code needs."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    assert head is not None, "a package without migrations"  # noqa: S101 - the wheel ships them
    return head


def current(engine: Engine) -> str | None:
    """The revision that the database is at, None before the first."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_empty(engine: Engine) -> bool:
    """Whether the database holds no table at all."""
    return not inspect(engine).get_table_names()


def upgrade(engine: Engine) -> None:
    """Run what has not run yet."""
    settings = config()
    with engine.connect().execution_options(writes=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(LOCK_TIMEOUT))
            connection.execute(text(STATEMENT_TIMEOUT))
            connection.commit()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
        connection.commit()


def require_newest(engine: Engine) -> None:
    """Raise UserError where the schema is not the one that this code needs."""
    at = current(engine)
    if at != newest():
        raise UserError(
            f"The database is at schema {at or 'none'}, this version needs {newest()}: run `orchestrator migrate`."
        )
