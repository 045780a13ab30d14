"""What every tick asks is found by its partial index, which SQLite uses for a condition in the index's own words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.persistence import attempts, callbacks, consent_ledger, number_history, touched
from orchestrator.persistence.store import Store
from orchestrator.pipeline import deactivations
from orchestrator.scheduler.metronome import jobs
from tests.integration.replies.test_carrier_lists import Lists
from tests.integration.test_worker_steps import a_worker
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


@pytest.fixture
def world(sqlite_store: Store) -> Iterator[World]:
    """Three people who were decided about, and whatever was asked of the database since."""
    made = World(sqlite_store, InProcessCarrier(now=lambda: NOON))
    campaign = made.a_campaign()
    for start in (0, 10, 20):
        made.enrol(campaign, made.a_contact(numbers(2, start=start)))
    yield made
    made.close()


def test_deciding_about_a_batch_reads_no_growing_table_from_end_to_end(world: World) -> None:
    with _asked(world.store) as asked:
        world.dispatch(1)
    assert [plan for sql, said in asked for plan in _scans(world.store, sql, said)] == []


def test_what_rings_every_few_seconds_reads_no_growing_table_from_end_to_end(world: World) -> None:
    worker = a_worker(world, InProcessCarrier(now=lambda: NOON))
    world.dispatch(1)
    rung = {name: step for name, (step, seconds) in jobs(worker).items() if seconds <= 5}
    assert {"settlement", "joining", "caller_causes", "text_health", "rights"} <= rung.keys()
    for step in rung.values():
        with _asked(world.store) as asked:
            step(worker)
        assert [plan for sql, said in asked for plan in _scans(world.store, sql, said)] == []
    worker.leadership.release()


def test_a_number_is_looked_up_over_all_sellers_without_reading_tables_whole(world: World) -> None:
    keys = [world.store.keyring.number_key(number) for number in numbers(2)]
    with _asked(world.store) as asked, world.store.read() as tx:
        assert len(list(touched.people_with(tx, keys, None))) == 2
        assert touched.sellers_holding(tx, keys) == {}
        assert number_history.sellers_who_know(tx, keys[0]) == ["acme"]
        consent_ledger.sellers_of(tx, keys[0])
    taken_back = Lists({world.now.date(): numbers(2)})
    with _asked(world.store) as more:
        assert deactivations.read_day(world.store, taken_back, world.now.date(), "ops", world.now).known == 2
    assert [plan for sql, said in asked + more for plan in _scans(world.store, sql, said)] == []


@contextmanager
def _asked(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the database meanwhile, from any thread."""
    heard: list[tuple[str, Any]] = []

    def hear(_conn: Any, _cursor: Any, sql: str, said: Any, _context: Any, many: bool) -> None:
        if not many:
            heard.append((sql, said))

    event.listen(store.engine, "before_cursor_execute", hear)
    yield heard
    event.remove(store.engine, "before_cursor_execute", hear)


def _scans(store: Store, sql: str, said: Any) -> list[str]:
    if not sql.startswith(("SELECT", "UPDATE", "DELETE")):
        return []
    with store.read() as tx:
        plan = [row.detail for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", said)]
    return [f"{step}: {sql}" for step in plan if any(re.fullmatch(rf"SCAN {name}", step) for name in GROWING)]
