"""Workers that share a limit never send more than it, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from orchestrator.persistence import send_slots
from orchestrator.persistence.store import Store
from tests.integration.campaigns.builders import NOW


def take(store: Store, want: int, key: str = "calls") -> int:
    with store.write() as tx:
        return send_slots.take(tx, key, 10.0, 1.0, want, NOW)


def test_a_limit_starts_rested_and_is_remembered(store: Store) -> None:
    assert [take(store, 8), take(store, 8), take(store, 8)] == [8, 3, 0]


def test_each_limit_is_its_own(store: Store) -> None:
    assert [take(store, 99, "calls"), take(store, 99, "segments")] == [11, 11]


def test_slots_come_back_with_time(store: Store) -> None:
    take(store, 99)
    with store.write() as tx:
        assert send_slots.take(tx, "calls", 10.0, 1.0, 99, NOW + timedelta(milliseconds=250)) == 2


def test_unused_slots_are_given_back(store: Store) -> None:
    take(store, 99)
    with store.write() as tx:
        send_slots.give_back(tx, "calls", 10.0, 4, NOW)
    assert take(store, 99) == 4


def test_a_transaction_that_fails_takes_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        1 // (send_slots.take(tx, "calls", 10.0, 1.0, 11, NOW) - 11)
    assert take(store, 99) == 11


def test_threads_that_race_share_one_burst(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        granted = list(pool.map(lambda _: take(store, 3), range(16)))
    assert sum(granted) == 11
