"""`orchestrator migrate`: bring the database to this version's schema."""

import typer

from orchestrator.settings import load


def migrate() -> None:
    """Create or upgrade the database at ORCHESTRATOR_DATABASE_URL."""
    from orchestrator.installation import require_place, sqlite_file
    from orchestrator.persistence import migrate as migrations
    from orchestrator.persistence.store import open_engine

    url = load().database_url
    engine = open_engine(url)
    require_place(url, may_make=True)
    before = migrations.current(engine)
    migrations.upgrade(engine)
    if (file := sqlite_file(url)) is not None and before is None:
        file.chmod(0o600)
    after = migrations.current(engine)
    typer.echo(
        f"The database is at schema {after}." if before == after else f"Migrated {before or 'nothing'} -> {after}."
    )
