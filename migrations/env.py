"""Runs the migrations on the connection that ``orchestrator.persistence.migrate`` hands over."""

from alembic import context

from orchestrator.persistence.tables.families import metadata


def _run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


_run()
