"""The pipeline on SQLite alone, where the database is not the subject."""

from collections.abc import Iterator

import pytest

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.persistence.store import Store
from tests.world import World


@pytest.fixture
def lite(sqlite_store: Store, carrier: InProcessCarrier) -> Iterator[World]:
    """The small world on SQLite."""
    made = World(sqlite_store, carrier)
    yield made
    made.close()
