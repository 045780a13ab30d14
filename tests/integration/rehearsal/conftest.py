"""A campaign with people who are due, and what a rehearsal of it needs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from orchestrator.compliance.opt_out import OPT_OUT_FILE, OptOutWords, classify
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence import campaigns
from orchestrator.rehearsal.cost import Prices
from orchestrator.rehearsal.memory import open_memory
from orchestrator.rehearsal.played import Played, Rehearsal
from orchestrator.rehearsal.rehearsing import play, rehearse
from orchestrator.rehearsal.report import Report
from tests.world import CONFIG, World, numbers

WORDS = OptOutWords.parse((CONFIG / OPT_OUT_FILE).read_text("utf-8"))
PRICES = Prices.parse((CONFIG / "prices.toml").read_text("utf-8"))


@dataclass
class Theatre:
    """A world, one campaign of it, and how it is rehearsed."""

    world: World
    campaign_id: int

    def rehearse(self, start: datetime | None = None, **wishes: Any) -> Report:
        """Ten minutes with three agents, unless the test wishes otherwise."""
        return rehearse(*self._asked(start, wishes), partial(classify, words=WORDS), PRICES)

    def play(self, start: datetime | None = None, **wishes: Any) -> Played:
        """The same, left open to look into."""
        engine, campaign, rehearsal = self._asked(start, wishes)
        return play(engine, open_memory(), campaign, rehearsal, partial(classify, words=WORDS))

    def _asked(self, start: datetime | None, wishes: dict[str, Any]) -> tuple[Any, Any, Rehearsal]:
        usual = {"start": start or self.world.now, "lasts": timedelta(minutes=10), "agents": 3}
        with self.world.store.read() as tx:
            campaign = campaigns.fetch(tx, self.campaign_id)
        return replace(self.world.engine, calls_per_second=2.0), campaign, Rehearsal(**{**usual, **wishes})


Staged = Callable[..., Theatre]


@pytest.fixture
def staged(world: World) -> Staged:
    """A theatre with so many people who are due, of one line type."""

    def stage(people: int = 20, line_type: LineType = LineType.LANDLINE, **plan: Any) -> Theatre:
        campaign_id = world.a_campaign(**plan)
        sms = plan.get("sms", False)
        world.enrol(
            campaign_id,
            *(world.a_contact([number], line_type=line_type, texts=sms) for number in numbers(people)),
            lane=Lane.SMS if sms else Lane.PREDICTIVE,
        )
        return Theatre(world, campaign_id)

    return stage
