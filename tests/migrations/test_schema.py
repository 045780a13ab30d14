"""The migrations make the schema that the code speaks of, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from orchestrator.persistence import migrate
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables import attempts, campaigns, lists, people
from orchestrator.persistence.tables.columns import metadata

FAMILIES = (attempts, campaigns, lists, people)


def test_the_migrated_schema_is_the_one_in_the_code(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "include_object": _ours})
        assert compare_metadata(context, metadata) == []


def _ours(_thing: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    return not (kind == "table" and str(name).endswith("_default"))


def test_migrating_twice_changes_nothing(store: Store) -> None:
    migrate.upgrade(store.engine)
    assert migrate.current(store.engine) == migrate.newest()


def test_on_postgresql_the_growing_tables_are_partitioned(postgres_url: str) -> None:
    engine = migrate_engine(postgres_url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT relname FROM pg_class WHERE relkind = 'p'")).scalars().all()
    engine.dispose()
    assert sorted(found) == ["attempts", "decisions", "inbox"]


def migrate_engine(url: str):  # type: ignore[no-untyped-def]
    from orchestrator.persistence.store import open_engine

    return open_engine(url)
