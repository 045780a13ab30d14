"""What a changed rulebook would have done, and would do, in one campaign."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestrator.compliance.rulebook import Rulebook
from orchestrator.persistence.campaigns import Campaign
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.replay_past import replay_past
from orchestrator.pipeline.replay_planned import replay_planned
from orchestrator.pipeline.replay_tally import Tally, tally_form, tally_lines

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One campaign under two rulebooks: what was decided, and what waits."""

    campaign: Campaign
    past: Tally
    planned: Tally

    @property
    def otherwise(self) -> int:
        """How many answers would be others."""
        return self.past.otherwise + self.planned.otherwise


def replay(
    engine: Engine, campaign: Campaign, changed: Rulebook, now: datetime, limit: int, progress: Progress
) -> Replay:
    """Ask again under ``changed`` what was decided, and about whoever waits. Writes nothing."""
    store, loaded = engine.store, engine.rulebook
    return Replay(
        campaign=campaign,
        past=replay_past(store, campaign.id, loaded, changed, limit, progress),
        planned=replay_planned(engine, campaign.id, changed, now, limit, progress),
    )


def replay_form(found: Replay) -> dict[str, Any]:
    """The replay as plain JSON."""
    return {
        "campaign": found.campaign.name,
        "id": found.campaign.id,
        "past": tally_form(found.past),
        "planned": tally_form(found.planned),
    }


def replay_lines(found: Replay) -> list[str]:
    """The replay for a person."""
    return [
        f"Campaign {found.campaign.id} '{found.campaign.name}':",
        *tally_lines(found.past, "stored decisions were asked again"),
        *tally_lines(found.planned, "people who wait were asked about"),
    ]
