"""On PostgreSQL a month in which nothing must stay goes as a whole; one with a held row goes row by row."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from orchestrator.persistence import partitions
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import decisions
from orchestrator.persistence.tables.deliveries import inbox
from orchestrator.persistence.tables.desk import dispositions
from orchestrator.persistence.tables.proof import removals
from orchestrator.persistence.tables.retention import last_uses
from orchestrator.pipeline.retention import holding
from orchestrator.pipeline.retention import months as whole_months
from tests.conftest import _opened
from tests.integration.retention.past import a_call, a_consent, a_delivery, left, ran
from tests.world import NOON, World, numbers

AMERICAN, OTHER = numbers(2, start=30)
MARCH, APRIL = datetime(2020, 3, 10, tzinfo=UTC), datetime(2020, 4, 10, tzinfo=UTC)


@pytest.fixture
def past(postgres_url: str, keyring: Keyring) -> Iterator[World]:
    for store in _opened(postgres_url, keyring):
        for month in (MARCH, APRIL):
            partitions.ensure(store, month)
        made = World(store, None)  # type: ignore[arg-type]
        made.a_seller()
        yield made


def months(store: Store) -> set[str]:
    with store.read() as tx:
        return {month.name for table in partitions.TABLES for month in partitions.months(tx, table, NOON)}


def test_whole_months_go_with_what_hangs_on_them_and_a_held_row_keeps_its_month(past: World) -> None:
    """June is made as well by whoever makes April; it is empty, and goes. The proof's last use is remembered."""
    store = past.store
    a_call(past, AMERICAN, "US", MARCH)
    kept = a_call(past, OTHER, "US", APRIL)
    a_call(past, AMERICAN, "US", APRIL)
    a_consent(past, AMERICAN, NOON)
    a_delivery(past, AMERICAN, MARCH)
    holding.place(store, "acme", OTHER, "a claim", "cli:ops", NOON)
    assert "attempts_2020_03" in months(store)
    report = ran(store, NOON)
    with store.read() as tx:
        notes = tx.execute(select(removals).where(removals.c.cause == "partition")).all()
        uses = tx.execute(select(last_uses.c.used_at)).scalars().all()
    dropped = {name for note in notes for name in note.rows}
    assert months(store) == {"attempts_2020_04", "decisions_2020_04"} | {
        name for name in months(store) if name.startswith("inbox")
    }
    assert {"attempts_2020_03", "attempts_2020_05", "decisions_2020_03"} <= dropped
    assert {note.seller_id for note in notes} == {None}
    assert left(store, attempts) == {kept}
    assert past.count(decisions) == past.count(dispositions) == 1
    assert past.count(inbox) == 0, "row by row, since a hold may be meant in what is sealed"
    assert uses == [APRIL]
    counted = {(line["table"], line["rows"]) for line in report.tally.gone}
    assert counted == {("attempts", 2), ("decisions", 2), ("inbox", 1), ("deliveries", 1)}


def test_a_month_that_is_in_use_waits_for_another_night(past: World) -> None:
    """Somebody reads the month for long: the run does not queue in front of every writer, and takes the rows."""
    a_call(past, AMERICAN, "US", MARCH)
    with past.store.engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM attempts_2020_03"))
        ran(past.store, NOON)
        assert "attempts_2020_03" in months(past.store)
        assert past.count(attempts) == 0
        reader.rollback()
    ran(past.store, NOON)
    assert months(past.store) == set()


def test_the_month_that_has_not_been_over_for_five_years_stays(past: World) -> None:
    ends = datetime(2025, 4, 1, tzinfo=UTC)
    a_call(past, AMERICAN, "US", MARCH)
    ran(past.store, ends.replace(year=2025, month=3, day=9))
    assert "attempts_2020_03" in months(past.store)
    assert past.count(attempts) == 1
    ran(past.store, ends)
    assert "attempts_2020_03" not in months(past.store)


def test_a_hold_that_comes_after_the_month_was_judged_keeps_what_hangs_on_its_rows(
    past: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = a_call(past, AMERICAN, "US", MARCH)
    a_call(past, OTHER, "US", MARCH)
    groups = whole_months._groups

    def then_held(store: Store, due: Any, month: partitions.Month) -> Iterator[Any]:
        for group in groups(store, due, month):
            if month.name == "attempts_2020_03":
                holding.place(store, "acme", AMERICAN, "a claim", "cli:ops", NOON)
            yield group

    monkeypatch.setattr(whole_months, "_groups", then_held)
    ran(past.store, NOON)
    assert left(past.store, attempts) == {kept}
    assert past.count(dispositions) == 1
