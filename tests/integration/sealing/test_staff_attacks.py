"""What staff did is sealed as all else is: edited, deleted, reordered or cut off, it is found, on either database."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Delete, Table, Update, and_, delete, func, insert, select, update

from orchestrator.persistence.sealing.subjects import SUBJECTS
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.accountability import breaches, closings
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.conversations import reviews
from orchestrator.persistence.tables.proof import actions
from orchestrator.persistence.tables.retention import retention_runs
from orchestrator.persistence.tables.rights import holds, rights_requests, rights_steps
from orchestrator.persistence.tables.seals import seal_heads, seals
from orchestrator.pipeline.sealing import sealer
from orchestrator.pipeline.sealing.findings import Finding
from orchestrator.pipeline.sealing.verifying import verify
from tests.integration.sealing.history import a_history, sealed
from tests.world import NOON, World

EDITS: tuple[tuple[Table, dict[str, Any]], ...] = (
    (reviews, {"sid": "SM" + "2" * 32}),
    (reviews, {"decision": "other"}),
    (reviews, {"decided_by": "lee"}),
    (reviews, {"decided_by": None, "decided_at": None}),
    (actions, {"by": "lee"}),
    (actions, {"detail": {"from": "running", "to": "completed"}}),
    (actions, {"reason": "dinner"}),
    (actions, {"reason": None}),
    (rights_requests, {"due_on": (NOON + timedelta(days=9)).date()}),
    (rights_requests, {"report": {"files written": 3}}),
    (rights_requests, {"subject_sealed": b"another"}),
    (rights_steps, {"note_sealed": None}),
    (rights_steps, {"by": "lee"}),
    (holds, {"reason_sealed": b"another"}),
    (breaches, {"what_happened": "nothing"}),
    (breaches, {"found": {"people": 0}}),
    (closings, {"because": "they wished it"}),
    (retention_runs, {"gone": []}),
)
DELETED = (reviews, actions, rights_steps, holds, closings, retention_runs)


@pytest.fixture
def world(store: Store) -> World:
    made = a_history(store)
    sealed(made)
    return made


def found(world: World) -> list[Finding]:
    return verify(world.store, NOON + timedelta(hours=1)).findings


def first(tx: Connection, table: Table) -> Record:
    return tx.execute(select(table).order_by(*table.primary_key.columns).limit(1)).one()


def here(table: Table, row: Record) -> Any:
    return and_(*(column == row._mapping[column.name] for column in table.primary_key.columns))


def found_after(world: World, table: Table, change: Update | Delete) -> list[Finding]:
    """What is found after the change of the first row, which is taken back."""
    with world.store.write() as tx:
        row = first(tx, table)
        tx.execute(change.where(here(table, row)))
    wrong = found(world)
    with world.store.write() as tx:
        back = insert(table) if isinstance(change, Delete) else update(table).where(here(table, row))
        tx.execute(back.values(row._asdict()))
    return wrong


def test_every_edit_is_found_and_nothing_else(world: World) -> None:
    for table, values in EDITS:
        wrong = found_after(world, table, update(table).values(values))
        assert {one.relation for one in wrong} == {table.name}, values
        assert found(world) == []


def test_every_row_that_is_deleted_is_found(world: World) -> None:
    for table in DELETED:
        wrong = found_after(world, table, delete(table))
        assert {one.relation for one in wrong} == {table.name}
        assert found(world) == []


def test_entries_in_another_order_are_found(world: World) -> None:
    with world.store.write() as tx:
        query = select(seals.c.position).where(seals.c.log == "acme", seals.c.form.like("actions%"))
        one, other = tx.execute(query.order_by(seals.c.position)).scalars().all()[:2]
        for was, becomes in ((one, 9000), (other, one), (9000, other)):
            tx.execute(update(seals).where(seals.c.log == "acme", seals.c.position == was).values(position=becomes))
    assert {finding.position for finding in found(world)} >= {one, other}


def test_a_log_that_is_cut_before_what_somebody_did_is_found(world: World) -> None:
    with world.store.write() as tx:
        done = select(func.min(seals.c.position)).where(seals.c.log == "acme", seals.c.form == "actions.taken/1")
        since = tx.execute(done).scalar_one()
        tx.execute(delete(seals).where(seals.c.log == "acme", seals.c.position >= since))
        tx.execute(delete(seal_heads).where(seal_heads.c.log == "acme"))
        tx.execute(update(actions).values(sealed_in=None))
    assert any("the log was cut" in finding.wrong for finding in found(world))


def test_what_a_newer_version_begins_to_seal_is_no_tampering_and_later_ones_are(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of a kind that was not sealed yet are old when they are entered; after that, no old row may turn up."""
    world = a_history(store)
    older = tuple(one for one in SUBJECTS if one.relation not in {reviews, actions} and one is not sealer.REMOVALS)
    monkeypatch.setattr(sealer, "OTHERS", older)
    world.now += timedelta(days=3)  # so that what it leaves out is old to it
    sealed(world)
    monkeypatch.undo()
    world.now += timedelta(days=30)
    with store.write() as tx:
        tx.execute(insert(actions).values(at=world.now, by="kim", action="x", about="y", seller_id="acme", detail={}))
    sealer.run_once(store, world.now - timedelta(days=1))
    assert verify(store, world.now).findings == []
    with store.write() as tx:
        tx.execute(insert(actions).values(at=NOON, by="kim", action="x", about="y", seller_id="acme", detail={}))
    assert [one.relation for one in verify(store, world.now).findings] == ["actions"], "before it is sealed"
    sealer.run_once(store, world.now)
    assert [one.relation for one in verify(store, world.now).findings] == ["actions"], "and after"
