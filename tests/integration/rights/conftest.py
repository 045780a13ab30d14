"""The pipeline on SQLite alone, where the database is not the subject, and commands as they are typed."""

from collections.abc import Iterator

import pytest

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.persistence.store import Store
from tests.integration.account.conftest import account, typed
from tests.world import World

__all__ = ["account", "typed"]


@pytest.fixture
def lite(sqlite_store: Store, carrier: InProcessCarrier) -> Iterator[World]:
    """The small world with its seller, on SQLite."""
    made = World(sqlite_store, carrier)
    made.a_seller()
    yield made
    made.close()
