"""What every tick asks is found by its partial index, which SQLite uses for a condition in the index's own words."""

import re
from typing import Any

import pytest
from sqlalchemy import event

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.persistence import attempts, callbacks
from orchestrator.persistence.store import Store
from tests.world import NOON, World, numbers


@pytest.mark.parametrize(
    ("query", "index"),
    [(attempts.TO_FOLLOW, "ix_attempts_to_follow"), (callbacks.DUE, "ix_callbacks_waiting")],
)
def test_rows_that_are_over_are_not_looked_through_again(sqlite_store: Store, query: Any, index: str) -> None:
    sql = str(query.compile(sqlite_store.engine))
    with sqlite_store.read() as tx:
        plan = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (None,) * sql.count("?")).all()
    assert index in str(plan)


# These grow with every person and every day: whoever reads them from end to end is slower each day.
GROWING = (
    *("attempts", "consents", "contact_points", "contacts", "decisions", "deliveries", "enrollments"),
    *("inbound_contacts", "list_rows", "suppressions"),
)


def test_deciding_about_a_batch_reads_no_growing_table_from_end_to_end(sqlite_store: Store) -> None:
    world = World(sqlite_store, InProcessCarrier(now=lambda: NOON))
    campaign = world.a_campaign()
    for start in (0, 10, 20):
        world.enrol(campaign, world.a_contact(numbers(2, start=start)))
    asked: list[tuple[str, Any]] = []
    event.listen(
        sqlite_store.engine,
        "before_cursor_execute",
        lambda _conn, _cursor, sql, said, _context, _many: asked.append((sql, said)),
    )
    world.dispatch(campaign)
    world.close()
    plans = [plan for sql, said in asked for plan in _scans(sqlite_store, sql, said)]
    assert plans == []


def _scans(store: Store, sql: str, said: Any) -> list[str]:
    if not sql.startswith(("SELECT", "UPDATE", "DELETE")):
        return []
    with store.read() as tx:
        plan = [row.detail for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", said)]
    return [f"{step}: {sql}" for step in plan if any(re.fullmatch(rf"SCAN {name}", step) for name in GROWING)]
