"""`orchestrator migrate`: bring the database to this version's schema."""

import typer

from orchestrator.settings import load


def migrate() -> None:
    """Create or upgrade the database at ORCHESTRATOR_DATABASE_URL."""
    from orchestrator.persistence import migrate as migrations
    from orchestrator.persistence.store import open_engine

    engine = open_engine(load().database_url)
    before = migrations.current(engine)
    migrations.upgrade(engine)
    after = migrations.current(engine)
    typer.echo(
        f"The database is at schema {after}." if before == after else f"Migrated {before or 'nothing'} -> {after}."
    )
