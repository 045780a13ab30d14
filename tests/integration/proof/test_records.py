"""Readings and removals are noted with the transaction that they belong to."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from orchestrator.persistence import accesses, removals
from orchestrator.persistence.removals import Cause, How
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables import proof
from orchestrator.persistence.tables.attempts import attempts
from tests.world import World

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
KEYS = (b"a" * 16, b"b" * 16)


@pytest.fixture
def seller(store: Store) -> str:
    return World(store, None).a_seller().id  # type: ignore[arg-type]


def test_a_reading_names_each_number_once(store: Store, seller: str) -> None:
    with store.write() as tx:
        note = accesses.record(
            tx, actor="cli:ops", action="export", reason="audit", number_keys=[*KEYS, KEYS[0]], at=NOW, seller_id=seller
        )
    with store.read() as tx:
        row = tx.execute(select(proof.accesses)).one()
        numbers = tx.execute(select(proof.access_numbers.c.number_key)).scalars().all()
    assert (row.id, row.actor, row.people, row.at) == (note, "cli:ops", 2, NOW)
    assert sorted(bytes(number) for number in numbers) == list(KEYS)


def test_a_reading_that_fails_is_not_noted(store: Store, seller: str) -> None:
    with pytest.raises(RuntimeError):
        _read_and_break(store, seller)
    with store.read() as tx:
        assert tx.execute(select(proof.accesses)).all() == []


def _read_and_break(store: Store, seller: str) -> None:
    with store.write() as tx:
        accesses.record(tx, actor="cli", action="export", reason="x", number_keys=KEYS, at=NOW, seller_id=seller)
        raise RuntimeError


@pytest.mark.parametrize(("rows", "notes"), [(0, 0), (1, 1), (1000, 1), (1001, 2)])
def test_rows_taken_away_are_noted_a_thousand_a_note(store: Store, seller: str, rows: int, notes: int) -> None:
    with store.write() as tx:
        noted = removals.note(
            tx,
            relation=attempts,
            rows=range(rows),
            how=How.DELETED,
            cause=Cause.RETENTION,
            reason="five years",
            at=NOW,
            seller_id=seller,
        )
    with store.read() as tx:
        kept = tx.execute(select(proof.removals.c.rows)).scalars().all()
    assert noted == rows
    assert len(kept) == notes
    assert sorted(int(one) for note in kept for one in note) == list(range(rows))
