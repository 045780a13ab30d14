"""Deliveries are remembered once, sealed, and taken by one worker."""

from concurrent.futures import Future
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.persistence import inbox
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.persistence.tables.deliveries import deliveries
from orchestrator.persistence.tables.deliveries import inbox as table
from orchestrator.pipeline.reception.group_commit import GroupStore, grouping, transact
from tests.conftest import KEYS
from tests.integration.reception.world import NOW, PERSON, an_event, count


def hear(store: Store, event: CarrierEvent) -> bool:
    return transact(store, lambda tx: inbox.remember(tx, store.keyring, event, NOW))


def test_a_delivery_is_kept_once_and_opens_as_it_was(store: Store) -> None:
    event = an_event(EventKind.INBOUND_MESSAGE, body="späte Grüße 🙂", occurred_at=NOW)
    assert hear(store, event)
    assert not hear(store, event)
    with store.write() as tx:
        (delivery,) = inbox.waiting(tx, store.keyring, 10)
    assert (delivery.event, delivery.received_at) == (event, NOW)


def test_no_number_and_no_word_lies_open_in_the_database(store: Store) -> None:
    hear(store, an_event(EventKind.INBOUND_MESSAGE, body="my secret"))
    with store.read() as tx:
        sealed = bytes(tx.execute(select(table.c.event_sealed)).scalar_one())
        row = str(tx.execute(text("SELECT id, kind, attempt_id, error FROM inbox")).one())
    for word in (PERSON, "my secret"):
        assert word.encode() not in sealed
        assert word not in row


def test_an_applied_delivery_waits_no_more_and_is_applied_once(store: Store) -> None:
    hear(store, an_event(EventKind.CALL_STATUS))
    with store.write() as tx:
        (delivery,) = inbox.waiting(tx, store.keyring, 10)
        assert inbox.applied(tx, delivery.id, NOW)
        assert not inbox.applied(tx, delivery.id, NOW)
        assert not inbox.waiting(tx, store.keyring, 10)


def test_a_poisoned_delivery_is_set_aside_and_the_others_go_on(store: Store) -> None:
    for sid in ("CA1", "CA2"):
        hear(store, an_event(EventKind.CALL_STATUS, sid=sid))
    with store.write() as tx:
        first, second = inbox.waiting(tx, store.keyring, 10)
        inbox.set_aside(tx, first.id, "cannot be applied")
        assert [one.id for one in inbox.waiting(tx, store.keyring, 10)] == [second.id]


def test_only_what_was_applied_long_ago_is_forgotten(store: Store) -> None:
    for sid in ("CA1", "CA2"):
        hear(store, an_event(EventKind.CALL_STATUS, sid=sid))
    with store.write() as tx:
        first, _ = inbox.waiting(tx, store.keyring, 10)
        inbox.applied(tx, first.id, NOW)
        assert inbox.forget(tx, NOW, 100) == 0
        assert inbox.forget(tx, NOW + timedelta(days=1), 100) == 1
    assert count(store, table) == 1
    assert count(store, deliveries) == 0


def test_one_that_fails_in_a_group_takes_no_other_along(sqlite_store: Store) -> None:
    store = grouping(sqlite_store)
    assert isinstance(store, GroupStore)

    def fail() -> None:
        raise RuntimeError("poison")

    works: list[tuple[Any, Future[Any]]] = [
        (lambda tx: inbox.remember(tx, store.keyring, an_event(EventKind.CALL_STATUS, sid="CA1"), NOW), Future()),
        (lambda _tx: fail(), Future()),
        (lambda tx: inbox.remember(tx, store.keyring, an_event(EventKind.CALL_STATUS, sid="CA2"), NOW), Future()),
    ]
    store._write(works)
    assert [works[0][1].result(0), works[2][1].result(0)] == [True, True]
    with pytest.raises(RuntimeError, match="poison"):
        works[1][1].result(0)
    assert count(store, table) == 2


def test_postgresql_groups_commits_by_itself(postgres_url: str) -> None:
    store = Store(open_engine(postgres_url), Keyring.parse(KEYS))
    assert grouping(store) is store
    store.engine.dispose()
