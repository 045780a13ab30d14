"""How often a campaign abandoned, counted from its attempts in the window of each regime."""

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from orchestrator.compliance.abandonment_window import window_start
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.contact_request import AbandonmentCounts, Mode
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import IS_LIVE, attempts
from orchestrator.pipeline.engine import LiveCampaign

FRESH_WORLD_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a regime has counted, and the predictive calls in the air, each of which may be lost."""

    counts: AbandonmentCounts | None = None
    in_air: int = 0


class Abandonment:
    """Counts by campaign and country, recounted once a second of the world and after each batch that placed calls."""

    def __init__(self, store: Store, rulebook: Rulebook, speed: float = 1.0) -> None:
        self._store, self._rulebook, self._fresh_seconds = store, rulebook, FRESH_WORLD_SECONDS / speed
        self._known: dict[tuple[int, str], tuple[float, Exposure]] = {}

    def exposure(self, campaign: LiveCampaign, country: str, now: datetime) -> Exposure:
        """The exposure in the window that the country's regime measures; empty where no regime has a window."""
        counted_at, known = self._known.get((campaign.id, country), (None, Exposure()))
        if counted_at is not None and time.monotonic() - counted_at < self._fresh_seconds:
            return known
        start = window_start(self._rulebook, country, campaign.launched_at, now)
        fresh = Exposure()
        if start is not None:
            with self._store.read() as tx:
                fresh = recount(tx, campaign.id, country, start)
        self._known[campaign.id, country] = (time.monotonic(), fresh)
        return fresh

    def forget(self, campaign_id: int) -> None:
        """Calls have been placed: what was counted before them does not hold any more."""
        for key in [key for key in self._known if key[0] == campaign_id]:
            del self._known[key]


def recount(tx: Connection, campaign_id: int, country: str, since: datetime) -> Exposure:
    """Count the campaign's calls to a country that a person answered since then, those abandoned, those in the air."""
    detected = or_(attempts.c.answered_by.is_(None), attempts.c.answered_by.not_in(("machine", "fax")))
    live = detected & ~attempts.c.marked_machine
    met = or_(attempts.c.connected_at.is_not(None), attempts.c.abandoned_at.is_not(None))
    open_ended = (attempts.c.mode == Mode.PREDICTIVE) & IS_LIVE & ~met
    query = select(
        func.count().filter(met, live),
        func.count().filter(attempts.c.abandoned_at.is_not(None), live),
        func.count().filter(open_ended),
    ).where(attempts.c.campaign_id == campaign_id, attempts.c.country == country, attempts.c.planned_at >= since)
    live_answered, abandoned, in_air = tx.execute(query).one()
    counts = AbandonmentCounts(live_answered=live_answered, abandoned=abandoned, window_started_at=since)
    return Exposure(counts, in_air)
