"""Campaigns over pools of caller ids, and days that a number has behind it."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.carrier import CallOrder
from orchestrator.persistence import campaigns
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.pipeline import follow_up
from orchestrator.pipeline.ending import end_attempt
from orchestrator.strategies.caller_policy import CallerPolicy
from tests.world import World, a_plan

NEW_YORK, MIAMI, LONDON = "+12125550100", "+13055550101", "+442079460018"


def a_pool(world: World, *caller_ids: str, local: bool = False, name: str = "Spring") -> int:
    """A running campaign that shows these numbers."""
    plan = a_plan(name, voice=True, sms=False)
    assert plan.voice is not None
    voice = replace(plan.voice, caller_ids=caller_ids, local_presence=local)
    world.a_seller(plan.seller)
    with world.store.write() as tx:
        campaign_id = campaigns.create(tx, replace(plan, voice=voice), world.now)
        campaigns.change_state(tx, campaign_id, {CampaignState.DRAFT}, CampaignState.RUNNING, None)
        campaigns.mark_launched(tx, campaign_id, world.now)
    return campaign_id


def with_policy(world: World, policy: CallerPolicy) -> None:
    world.engine = replace(world.engine, callers=policy)
    world.dispatcher = replace(world.dispatcher, engine=world.engine)


def shown(world: World) -> Counter[str]:
    """How many calls the carrier was given from each number."""
    orders = world.carrier.orders.values()  # type: ignore[attr-defined]
    return Counter(order.from_ for order in orders if isinstance(order, CallOrder))


def end_all(world: World, outcome: Outcome) -> None:
    with world.store.write() as tx:
        for attempt in world.attempts():
            end_attempt(tx, attempt, outcome, world.now)
    follow_up.run_once(world.store, world.now, 10_000)


def past_calls(store: Store, address: str, at: datetime, outcomes: dict[Outcome, int], **others: object) -> None:
    """Ended calls that showed the number at that moment."""
    row = {
        "seller_id": "acme",
        "campaign_id": 1,
        "enrollment_id": 1,
        "contact_id": 1,
        "ordinal": 1,
        "number_key": b"0" * 16,
        "to_sealed": b"",
        "country": "US",
        "from_address": address,
        "channel": "voice",
        "stage": "ended",
        "planned_at": at,
        "ended_at": at,
        "followed_up": True,
        **others,
    }
    rows = [
        {**row, "id": new_id(at), "decision_id": new_id(at), "outcome": outcome}
        for outcome, count in outcomes.items()
        for _ in range(count)
    ]
    with store.write() as tx:
        tx.execute(insert(attempts), rows)
