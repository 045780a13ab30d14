"""Calls of a campaign as rows, each as far as the test says, without a carrier."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert

from orchestrator.domain.attempt import Outcome, Stage
from orchestrator.domain.campaign import CampaignState
from orchestrator.persistence import attempts as stored
from orchestrator.persistence import campaigns
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.ending import end_attempt
from tests.world import World, a_plan

NOBODY = 999_999  # a person without a history that would hold others


def campaign_with(world: World, name: str = "Spring", **voice_changes: Any) -> int:
    """A running campaign whose voice plan differs from the usual one so far."""
    usual = a_plan(name, voice=True, sms=False)
    assert usual.voice is not None
    plan = replace(usual, voice=replace(usual.voice, **voice_changes))
    world.a_seller(plan.seller)
    with world.store.write() as tx:
        campaign_id = campaigns.create(tx, plan, world.now)
        campaigns.change_state(tx, campaign_id, {CampaignState.DRAFT}, CampaignState.RUNNING, None)
        campaigns.mark_launched(tx, campaign_id, world.now)
    return campaign_id


@dataclass
class Calls:
    """The calls of one campaign in one world."""

    world: World
    campaign_id: int
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def open(self, *, at: datetime | None = None, stage: Stage = Stage.QUEUED, **facts: Any) -> UUID:
        """A call that has not ended."""
        planned_at = at or self.world.now
        call = new_id(planned_at)
        values = {
            "id": call,
            "seller_id": "acme",
            "campaign_id": self.campaign_id,
            "enrollment_id": NOBODY,
            "contact_id": NOBODY,
            "ordinal": 1,
            "number_key": next(self._numbers).to_bytes(16, "big"),
            "to_sealed": b"sealed",
            "country": "US",
            "from_address": "+12125550100",
            "channel": "voice",
            "mode": "predictive",
            "stage": stage,
            "decision_id": uuid4(),
            "planned_at": planned_at,
            **facts,
        }
        with self.world.store.write() as tx:
            tx.execute(insert(attempts).values(values))
        return call

    def end(self, call: UUID, outcome: Outcome, after: float = 30.0, **facts: Any) -> bool:
        """The call ends so many seconds from now."""
        with self.world.store.write() as tx:
            row = stored.fetch_for_change(tx, [call])[call]
            return end_attempt(tx, row, outcome, self.world.now + timedelta(seconds=after), **facts)

    def many(self, how_many: int, kind: str, **facts: Any) -> Sequence[UUID]:
        """So many ended calls: reached, abandoned, machine, hung_up or no_answer."""
        now = facts.get("at") or self.world.now
        met = {
            "reached": {"answered_at": now, "connected_at": now},
            "abandoned": {"answered_at": now, "abandoned_at": now},
            "machine": {"answered_at": now, "answered_by": "machine"},
            "hung_up": {"answered_at": now},
            "no_answer": {},
        }[kind]
        made = [self.open(**{**met, **facts}) for _ in range(how_many)]
        for call in made:
            assert self.end(call, Outcome(kind))
        return made

    def row(self, call: UUID) -> Record:
        """The call as it is stored."""
        return self.world.attempt(call)
