"""The migrations make the schema that the code speaks of, on both databases."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from orchestrator.persistence import migrate
from orchestrator.persistence.store import Store, open_engine
from orchestrator.persistence.tables import families
from orchestrator.persistence.tables.families import metadata


def test_no_family_of_tables_is_left_out() -> None:
    folder = Path(families.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "columns", "families"}
    assert {family.__name__.rpartition(".")[2] for family in families.FAMILIES} == modules


def test_the_migrated_schema_is_the_one_in_the_code(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "include_object": _ours})
        assert compare_metadata(context, metadata) == []


def _ours(_thing: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    return not (kind == "table" and str(name).endswith("_default"))


def test_migrating_twice_changes_nothing(store: Store) -> None:
    migrate.upgrade(store.engine)
    assert migrate.current(store.engine) == migrate.newest()


def test_the_first_schema_can_be_taken_back_whole(store: Store) -> None:
    settings = migrate.config()
    with store.engine.connect().execution_options(writes=True) as connection:
        settings.attributes["connection"] = connection
        command.downgrade(settings, "base")
        connection.commit()
    assert set(inspect(store.engine).get_table_names()) <= {"alembic_version"}


def test_on_postgresql_the_growing_tables_are_partitioned(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT relname FROM pg_class WHERE relkind = 'p'")).scalars().all()
    engine.dispose()
    assert sorted(found) == ["attempts", "decisions", "inbox"]
