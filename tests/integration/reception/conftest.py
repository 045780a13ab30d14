"""A house with two sellers, on each database."""

import pytest

from orchestrator.persistence.store import Store
from tests.integration.reception.world import open_house


@pytest.fixture
def house(store: Store) -> Store:
    """The store with the sellers in it."""
    open_house(store)
    return store
