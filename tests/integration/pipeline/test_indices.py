"""What every tick asks is found by its partial index, which SQLite uses for a condition in the index's own words."""

from typing import Any

import pytest

from orchestrator.persistence import attempts, callbacks
from orchestrator.persistence.store import Store


@pytest.mark.parametrize(
    ("query", "index"),
    [(attempts.TO_FOLLOW, "ix_attempts_to_follow"), (callbacks.DUE, "ix_callbacks_waiting")],
)
def test_rows_that_are_over_are_not_looked_through_again(sqlite_store: Store, query: Any, index: str) -> None:
    sql = str(query.compile(sqlite_store.engine))
    with sqlite_store.read() as tx:
        plan = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (None,) * sql.count("?")).all()
    assert index in str(plan)
