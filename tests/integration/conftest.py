"""The pipeline over each database, with a carrier in memory."""

from collections.abc import Iterator

import pytest

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.law import load_rulebook
from orchestrator.persistence.store import Store
from tests.world import CONFIG, NOON, World


@pytest.fixture
def carrier() -> InProcessCarrier:
    """A carrier that takes everything at noon."""
    return InProcessCarrier(now=lambda: NOON)


@pytest.fixture
def world(store: Store, carrier: InProcessCarrier) -> Iterator[World]:
    """The pipeline on SQLite and on PostgreSQL."""
    made = World(store, carrier)
    yield made
    made.close()


@pytest.fixture
def sqlite_world(sqlite_store: Store, carrier: InProcessCarrier) -> Iterator[World]:
    """The pipeline on SQLite alone, where the database is not the subject."""
    made = World(sqlite_store, carrier)
    yield made
    made.close()


@pytest.fixture(scope="session")
def law() -> Rulebook:
    """The law as it ships."""
    return load_rulebook(CONFIG)
