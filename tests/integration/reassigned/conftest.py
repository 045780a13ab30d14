"""A world whose law wants an answer of yesterday or today, and a carrier that remembers what it was asked."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.carrier import ReassignedLookup
from orchestrator.persistence.store import Store
from orchestrator.pipeline.reassigned import ReassignedReport, run_once
from tests.world import NOON, THREE_RULES, World, rulebook_of

CHECKED_DAILY = """
[[reassigned_checked]]
id = "test.reassigned"
applies = { jurisdiction = "US", channel = ["voice", "sms"], purpose = "any" }
max_age_days = 1
class = "law"
citation = "tests"
source = "tests"
effective = 2000-01-01
verified = { on = 2026-11-21, how = "read" }
"""


@dataclass
class Asked(InProcessCarrier):
    """A carrier that keeps what it was asked about numbers."""

    asked: list[tuple[str, date]] = field(default_factory=list)

    def reassigned(self, number: str, last_verified_on: date) -> ReassignedLookup:
        self.asked.append((number, last_verified_on))
        return super().reassigned(number, last_verified_on)


@pytest.fixture
def carrier() -> Asked:
    return Asked(now=lambda: NOON)


@pytest.fixture
def world(store: Store, carrier: Asked) -> Iterator[World]:
    """The law wants answers."""
    made = World(store, carrier, rulebook=rulebook_of(THREE_RULES + CHECKED_DAILY))
    yield made
    made.close()


@pytest.fixture
def lenient(store: Store, carrier: Asked) -> Iterator[World]:
    """The law wants none."""
    made = World(store, carrier)
    yield made
    made.close()


def ask(world: World, limit: int = 100) -> ReassignedReport:
    """What the worker does every few seconds."""
    return run_once(world.store, lambda: world.carrier, world.now, limit)
