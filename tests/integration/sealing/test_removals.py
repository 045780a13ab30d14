"""What the law takes away: the log keeps its shape, says by which right, and forgets what the entries could tell."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Table, delete, insert, select, text, update

from orchestrator.persistence import partitions, removals
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.removals import Cause, How
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import decisions
from orchestrator.persistence.tables.people import consents, suppressions
from orchestrator.persistence.tables.seals import seals
from orchestrator.pipeline.sealing.verifying import verify
from tests.conftest import _opened
from tests.integration.sealing.history import a_history, sealed, unguard
from tests.world import NOON, World


@pytest.fixture
def world(store: Store) -> World:
    made = a_history(store)
    sealed(made)
    unguard(store)
    return made


def remove(world: World, relation: Table, how: How, ids: list[object], **more: object) -> None:
    """Note it, as whoever removes must in the same transaction."""
    with world.store.write() as tx:
        facts = {"cause": Cause.ERASURE, "reason": "request 7", "at": world.now, "seller_id": "acme", **more}
        removals.note(tx, relation=relation, rows=ids, how=how, **facts)  # type: ignore[arg-type]
        if how is How.DELETED:
            tx.execute(delete(relation).where(relation.c.id.in_(ids)))


def removed(store: Store) -> dict[str, int]:
    report = verify(store, NOON + timedelta(hours=1))
    assert report.findings == []
    return {cause: count for log in report.logs for cause, count in log.removed.items()}


def test_a_person_who_was_erased_is_no_tampering_and_leaves_nothing_to_guess_at(world: World) -> None:
    """Before the worker follows, and after: then the entries' keys are gone, and with them what they could tell."""
    with world.store.read() as tx:
        gone: list[object] = list(tx.execute(select(consents.c.id).order_by(consents.c.id.desc()).limit(2)).scalars())
    remove(world, consents, How.DELETED, gone)
    assert removed(world.store) == {"erasure": 4}, "two rows and their evidence"
    sealed(world)
    assert removed(world.store) == {"erasure": 4}
    with world.store.read() as tx:
        left = tx.execute(
            select(seals.c.salt).where(seals.c.row_id.in_(map(str, gone)), seals.c.removed_by.is_not(None))
        )
        assert set(left.scalars()) == {None}


def test_a_number_that_the_database_gives_again_is_a_row_of_its_own(world: World) -> None:
    """SQLite hands the last row's number out anew."""
    with world.store.read() as tx:
        last = tx.execute(select(consents).order_by(consents.c.id.desc()).limit(1)).one()
    remove(world, consents, How.DELETED, [last.id])
    with world.store.write() as tx:
        tx.execute(insert(consents).values(last._asdict() | {"sealed_in": None, "event": "withdrawn"}))
    sealed(world)
    assert removed(world.store) == {"erasure": 2}
    with world.store.write() as tx:
        tx.execute(update(consents).where(consents.c.id == last.id).values(event="given"))
    assert [one.row_id for one in verify(world.store, world.now).findings] == [str(last.id)]


def test_words_that_were_blanked_leave_the_facts_under_seal(world: World) -> None:
    row = world.attempts()[0]
    with world.store.write() as tx:
        tx.execute(update(attempts).where(attempts.c.id == row.id).values(body_sealed=None))
    assert [one.wrong for one in verify(world.store, world.now).findings] == [
        "its words are gone, and no removal says by which right"
    ]
    remove(world, attempts, How.BLANKED, [row.id], cause=Cause.RETENTION, reason="us.messages")
    assert removed(world.store) == {"retention": 1}
    sealed(world)
    assert removed(world.store) == {"retention": 1}
    with world.store.write() as tx:
        tx.execute(update(attempts).where(attempts.c.id == row.id).values(answered_by="fax"))
    assert [one.row_id for one in verify(world.store, world.now).findings] == [row.id.hex], (
        "the facts stay what they were"
    )


def test_words_that_were_replaced_by_fewer_are_no_tampering(world: World) -> None:
    """An erasure keeps of evidence what names nobody, and of a stop that there was one."""
    fewer = world.store.keyring.seal("a form", "consents.evidence")
    with world.store.write() as tx:
        consent = tx.execute(select(consents.c.id).limit(1)).scalar_one()
        tx.execute(update(consents).where(consents.c.id == consent).values(evidence_sealed=fewer))
        tx.execute(update(suppressions).where(suppressions.c.id == 2).values(source="words removed"))
    assert {one.wrong for one in verify(world.store, world.now).findings} == {
        "its words are not those that were sealed"
    }
    remove(world, consents, How.BLANKED, [consent])
    remove(world, suppressions, How.BLANKED, [2])
    assert removed(world.store) == {"erasure": 2}
    sealed(world)
    assert removed(world.store) == {"erasure": 2}


def test_a_removal_takes_only_what_it_names_and_of_its_own_seller(world: World) -> None:
    with world.store.read() as tx:
        two = list(tx.execute(select(consents.c.id).order_by(consents.c.id).limit(2)).scalars())
    remove(world, consents, How.DELETED, two[:1])
    with world.store.write() as tx:
        tx.execute(delete(consents).where(consents.c.id == two[1]))
    assert {one.row_id for one in verify(world.store, world.now).findings} == {str(two[1])}
    world.a_seller("beta")
    remove(world, consents, How.BLANKED, [two[1]], seller_id="beta")
    assert {one.row_id for one in verify(world.store, world.now).findings} == {str(two[1])}


def test_a_row_on_record_as_removed_that_is_there_is_found(world: World) -> None:
    with world.store.read() as tx:
        kept = tx.execute(select(consents.c.id).limit(1)).scalar_one()
    with world.store.write() as tx:
        facts = {"cause": Cause.ERASURE, "reason": "request 7", "at": world.now, "seller_id": "acme"}
        removals.note(tx, relation=consents, rows=[kept], how=How.DELETED, **facts)  # type: ignore[arg-type]
    sealed(world)
    assert [(one.row_id, one.wrong) for one in verify(world.store, world.now).findings] == [
        (str(kept), "is on record as removed (erasure), and its row is there"),
        (str(kept), "a row is marked as sealed, and has no entry"),
    ]


@pytest.fixture
def postgres_store(postgres_url: str, keyring: Keyring) -> Iterator[Store]:
    yield from _opened(postgres_url, keyring)


def test_a_partition_that_was_dropped_by_right_takes_its_month_and_no_other(postgres_store: Store) -> None:
    last_month = NOON - timedelta(days=28)
    partitions.ensure(postgres_store, last_month)
    world = a_history(postgres_store)
    with postgres_store.write() as tx:
        for table in (attempts, decisions):
            row = tx.execute(select(table).limit(1)).one()._asdict()
            tx.execute(insert(table).values(row | {"id": new_id(last_month), "sealed_in": None}))
    sealed(world)
    assert removed(postgres_store) == {}
    _drop(postgres_store, "attempts_2026_10", world.now)
    assert removed(postgres_store) == {"partition": 2}
    _drop(postgres_store, "decisions_2026_10", world.now)
    sealed(world)
    assert removed(postgres_store) == {"partition": 4}
    with postgres_store.write() as tx:
        tx.execute(text("DROP TABLE attempts_2026_11"))
    assert {one.relation for one in verify(postgres_store, world.now).findings} == {"attempts"}


def _drop(store: Store, name: str, at: datetime) -> None:
    relation = attempts if name.startswith("attempts") else decisions
    with store.write() as tx:
        tx.execute(text(f"DROP TABLE {name}"))
        removals.note(
            tx,
            relation=relation,
            rows=[name],
            how=How.DELETED,
            cause=Cause.PARTITION,
            reason="us.calls: five years",
            at=at,
            seller_id=None,
        )
