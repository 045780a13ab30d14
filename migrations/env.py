"""Runs the migrations on the connection that ``orchestrator.persistence.migrate`` hands over."""

from alembic import context

from orchestrator.persistence.tables import (
    account,
    attempts,
    callers,
    campaigns,
    desk,
    law,
    lists,
    pacing,
    people,
    task_routing,
)
from orchestrator.persistence.tables.columns import metadata

# Imported so that the metadata knows every table.
FAMILIES = (account, attempts, callers, campaigns, desk, law, lists, pacing, people, task_routing)


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
