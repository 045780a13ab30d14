"""Two workers who both believe that they lead never spend the budget of abandoned calls twice."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.persistence.store import Store
from orchestrator.pipeline import tick
from tests.integration.budget.calls import NOBODY, Calls
from tests.world import THREE_RULES, World, numbers, rulebook_of

AGENTS, PEOPLE, TICKS = 5, 60, 4
LIMIT = """
[[abandonment]]
id = "test.abandonment"
applies = { jurisdiction = "US", channel = "voice", mode = "predictive", purpose = "any" }
max_percent = 3
window = "30-days"
within_seconds = 2
counted_from = "greeting-end"
class = "law"
citation = "tests"
source = "tests"
effective = 2000-01-01
verified = { on = 2026-11-21, how = "read" }
"""


@pytest.fixture
def workers(store: Store, carrier: InProcessCarrier) -> Iterator[Sequence[World]]:
    """Two workers over one store and one carrier, each with a pacer of their own."""
    law = rulebook_of(THREE_RULES + LIMIT)
    pair = [World(store, carrier, rulebook=law), World(store, carrier, rulebook=law)]
    for name, world in zip(("first", "second"), pair, strict=True):
        world.engine = replace(world.engine, worker=name)
        world.dispatcher = replace(world.dispatcher, engine=world.engine)
    yield pair
    for world in pair:
        world.close()


def tick_together(workers: Sequence[World]) -> None:
    """Both tick at the same moments, each as the only one."""
    start = threading.Barrier(len(workers))

    def ticks(world: World) -> None:
        for _ in range(TICKS):
            start.wait(60)
            tick.run_once(world.dispatcher, world.pacing)
            world.now += timedelta(seconds=1)

    with ThreadPoolExecutor(len(workers)) as pool:
        list(pool.map(ticks, workers))


@pytest.mark.parametrize("lost", [0, 3], ids=["too few answers yet", "the budget is spent"])
def test_without_budget_two_who_lead_have_an_agent_for_each_call(workers: Sequence[World], lost: int) -> None:
    world = workers[0]
    campaign = world.a_campaign()
    for number in range(AGENTS):
        world.an_agent(f"agent{number}")
    if lost:
        calls = Calls(world, campaign)
        calls.many(97, "reached")
        calls.many(lost, "abandoned")
    world.enrol(campaign, *[world.a_contact([number]) for number in numbers(PEOPLE)])
    tick_together(workers)
    placed = [call for call in world.attempts() if call.enrollment_id != NOBODY]
    assert 0 < len(placed) <= AGENTS
    assert len({call.agent_id for call in placed}) == len(placed)
    assert None not in {call.agent_id for call in placed}
