"""Abandoned calls in an answer to a complaint: of the day, month and window that the called party's regime reads."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.compliance.false_positives import DetectionTest
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.campaign import Seller
from orchestrator.persistence import detection_tests
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.pipeline.evidence.abandoned import Abandoned
from tests.integration.budget.calls import Calls, campaign_with
from tests.world import NOON, World

LATE_IN_AUGUST = datetime(2026, 8, 31, 23, 30, tzinfo=UTC)  # in London it is September, half past midnight
SELLER = Seller(id="acme", name="Acme", country="US", callback_number="+12125550100")


@pytest.fixture
def calls(store: Store, law: Rulebook) -> Calls:
    world = World(store, InProcessCarrier(now=lambda: NOON), rulebook=law)
    return Calls(world, campaign_with(world))


def around(calls: Calls, at: datetime, country: str, zone: str | None = None) -> Mapping[str, dict[str, Any]]:
    """What the pack says of calls of that moment, by the name of the span."""
    world = calls.world
    with world.store.read() as tx:
        here = attempts.c.planned_at == at, attempts.c.country == country
        rows = tx.execute(select(attempts).where(*here)).all()
        counted = Abandoned(tx=tx, rulebook=world.rulebook, seller=SELLER, seller_zone=zone)
        found = counted.around(rows, tx.execute(select(campaigns)).all())
    return {item["sentence"].split(", ")[2].partition(":")[0]: item for item in found}


def test_a_call_to_britain_is_counted_on_the_day_of_london(calls: Calls) -> None:
    calls.many(9, "reached", at=LATE_IN_AUGUST, country="GB")
    calls.many(1, "abandoned", at=LATE_IN_AUGUST, country="GB")
    calls.many(7, "reached", at=LATE_IN_AUGUST - timedelta(minutes=45), country="GB")  # there it was August
    calls.many(5, "reached", at=LATE_IN_AUGUST, country="US")
    found = around(calls, LATE_IN_AUGUST, "GB")
    assert found.keys() == {"day 2026-09-01", "month 2026-09"}, "the window is the day itself"
    day = found["day 2026-09-01"]
    assert (day["live_answered"], day["abandoned"], day["percent_abandoned"], day["limit_percent"]) == (
        10,
        1,
        10.0,
        3.0,
    )
    assert (day["begins"], day["clock"]) == ("2026-08-31T23:00:00Z", "Europe/London")
    assert day["regime"] == "gb.ofcom.abandonment"
    assert str(day["citation"]).startswith("Ofcom")


def test_people_taken_for_machines_count_as_lost_with_the_ground_of_the_estimate(calls: Calls) -> None:
    calls.many(18, "reached", at=NOON, country="GB")
    calls.many(2, "machine", at=NOON, country="GB")
    day = around(calls, NOON, "GB")["day 2026-11-23"]
    assert (day["people_among_these_by_estimate"], day["abandoned"], day["live_answered"]) == (2, 0, 18)
    assert day["sentence"].endswith("0 abandoned, 2 taken for machines by estimate, 18 answered live: 10.0 %.")
    assert "No test of the detection is recorded" in day["estimate"]
    with calls.world.store.write() as tx:
        voice = calls.world.campaign(calls.campaign_id).plan.voice
        assert voice is not None
        assert voice.amd is not None
        tested = DetectionTest(sample=99, people=0, tested_on=NOON.date(), amd=voice.amd.value)
        detection_tests.record(tx, "acme", "GB", tested, note="heard", by="kim", now=NOON)
    day = around(calls, NOON, "GB")["day 2026-11-23"]
    assert (day["taken_for_machines"], day["people_among_these_by_estimate"]) == (2, 1)
    assert "one more is assumed" in day["estimate"]


def test_calls_to_the_states_are_told_by_their_thirty_days_too(calls: Calls) -> None:
    """Which follow each other from the launch, whatever the month."""
    with calls.world.store.write() as tx:
        tx.execute(update(campaigns).values(launched_at=NOON - timedelta(days=40)))
    calls.many(3, "reached", at=NOON, country="US")
    calls.many(1, "abandoned", at=NOON - timedelta(days=9), country="US")
    calls.many(1, "abandoned", at=NOON - timedelta(days=11), country="US")  # in the period before
    window = around(calls, NOON, "US")["the regime's window"]
    assert (window["live_answered"], window["abandoned"]) == (4, 1)
    assert window["begins"] == "2026-11-13T17:00:00Z"


@pytest.mark.parametrize(
    ("zone", "day", "clock"), [(None, "day 2026-08-31", "UTC"), ("Europe/Berlin", "day 2026-09-01", "Europe/Berlin")]
)
def test_where_no_law_counts_the_day_is_the_sellers_own(calls: Calls, zone: str | None, day: str, clock: str) -> None:
    calls.many(1, "reached", at=LATE_IN_AUGUST, country="NL")
    found = around(calls, LATE_IN_AUGUST, "NL", zone)
    assert found[day]["clock"] == clock
    assert found[day]["citation"] is None


def test_a_call_whose_campaign_went_with_its_seller_is_passed_over(calls: Calls) -> None:
    calls.many(1, "reached", at=NOON, country="GB")
    with calls.world.store.read() as tx:
        counted = Abandoned(tx=tx, rulebook=calls.world.rulebook, seller=SELLER, seller_zone=None)
        assert counted.around(tx.execute(select(attempts)).all(), []) == []
