"""A house with two sellers, on each database, and a carrier in memory."""

import pytest

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.persistence.store import Store
from tests.integration.reception.world import NOW, open_house


@pytest.fixture
def house(store: Store) -> Store:
    """The store with the sellers in it."""
    open_house(store)
    return store


@pytest.fixture
def carrier() -> InProcessCarrier:
    """A carrier whose statuses the test sets."""
    return InProcessCarrier(now=lambda: NOW)
