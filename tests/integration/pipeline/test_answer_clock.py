"""What a planned call carries of its regime: how machines are told apart, by when an agent is wanted, since when."""

import pytest
from sqlalchemy import select, update

from orchestrator.domain.carrier import AmdMode, CallOrder
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import Record
from tests.world import NOON, THREE_RULES, World, in_memory, numbers, rulebook_of

REGIME = """
[[abandonment]]
id = "test.abandonment"
applies = { jurisdiction = "US", channel = "voice", mode = "predictive", purpose = "any" }
class = "law"
citation = "tests"
source = "tests"
effective = 2000-01-01
verified = { on = 2026-11-21, how = "read" }
max_percent = 3
window = "day"
"""
PATIENT = REGIME + 'counted_from = "greeting-end"\n'
LENIENT = PATIENT + "within_seconds = 3\n"
WARY = REGIME + "with_false_positives = true\n"


@pytest.mark.parametrize(
    ("law", "wish", "amd"),
    [
        ("", None, AmdMode.CONNECT_FIRST),
        (PATIENT, None, AmdMode.CONNECT_FIRST),
        (REGIME, None, AmdMode.CONNECT_FIRST),
        (WARY, None, AmdMode.OFF),
        (WARY, AmdMode.CONNECT_FIRST, AmdMode.CONNECT_FIRST),
        (PATIENT, AmdMode.VERDICT_FIRST, AmdMode.VERDICT_FIRST),
        (REGIME, AmdMode.VERDICT_FIRST, AmdMode.CONNECT_FIRST),
        ("", AmdMode.VERDICT_FIRST, AmdMode.CONNECT_FIRST),
        (PATIENT, AmdMode.OFF, AmdMode.OFF),
    ],
)
def test_a_regime_that_counts_from_the_pick_up_waits_for_no_verdict(
    sqlite_store: Store, law: str, wish: AmdMode | None, amd: AmdMode
) -> None:
    order, row = called(sqlite_store, law, wish)
    assert (order.amd, row.amd) == (amd, amd)


@pytest.mark.parametrize(
    ("law", "judged_from", "seconds"),
    [("", "pick-up", 2), (REGIME, "pick-up", 2), (PATIENT, "greeting-end", 2), (LENIENT, "greeting-end", 3)],
)
def test_the_attempt_says_by_when_its_regime_wants_an_agent(
    sqlite_store: Store, law: str, judged_from: str, seconds: int
) -> None:
    _, row = called(sqlite_store, law, None)
    assert (row.judged_from, row.answer_within_seconds) == (judged_from, seconds)


def called(store: Store, law: str, wish: AmdMode | None) -> tuple[CallOrder, Record]:
    """The order that the carrier got for a call to a landline in New York, and its attempt."""
    carrier = in_memory(lambda: NOON)
    world = World(store, carrier, rulebook=rulebook_of(THREE_RULES + law))
    world.an_agent()
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1), automated=True))
    detect(store, campaign, wish)
    # Under a regime whose budget is empty the first pass hands the person on to the lane of reserved agents.
    assert world.dispatch(campaign) or world.dispatch(campaign, Lane.PROGRESSIVE)
    world.close()
    (order,) = carrier.orders.values()
    assert isinstance(order, CallOrder)
    return order, world.attempts()[0]


def detect(store: Store, campaign: int, wish: AmdMode | None) -> None:
    with store.write() as tx:
        plan = tx.execute(select(campaigns.c.plan).where(campaigns.c.id == campaign)).scalar_one()
        plan["voice"]["amd"] = wish
        tx.execute(update(campaigns).where(campaigns.c.id == campaign).values(plan=plan))
