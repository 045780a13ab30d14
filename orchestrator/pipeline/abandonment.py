"""How often a campaign abandoned, counted from its attempts in the window of each regime."""

import time
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from orchestrator.compliance.abandonment_window import window_start
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.contact_request import AbandonmentCounts
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.pipeline.engine import LiveCampaign

RECOUNT_REAL_SECONDS = 1.0


class Abandonment:
    """Counts by campaign and country, recounted once a second."""

    def __init__(self, store: Store, rulebook: Rulebook) -> None:
        self._store, self._rulebook = store, rulebook
        self._known: dict[tuple[int, str], tuple[float, AbandonmentCounts | None]] = {}

    def counts(self, campaign: LiveCampaign, country: str, now: datetime) -> AbandonmentCounts | None:
        """The counts in the window that the country's regime measures; None where no regime has a window."""
        counted_at, counts = self._known.get((campaign.id, country), (-RECOUNT_REAL_SECONDS, None))
        if time.monotonic() - counted_at < RECOUNT_REAL_SECONDS:
            return counts
        start = window_start(self._rulebook, country, campaign.launched_at, now)
        fresh = None
        if start is not None:
            with self._store.read() as tx:
                fresh = recount(tx, campaign.id, country, start)
        self._known[campaign.id, country] = (time.monotonic(), fresh)
        return fresh


def recount(tx: Connection, campaign_id: int, country: str, since: datetime) -> AbandonmentCounts:
    """Count the campaign's calls to a country that a person answered since then, and those abandoned."""
    live = or_(attempts.c.answered_by.is_(None), attempts.c.answered_by.not_in(("machine", "fax")))
    met = or_(attempts.c.connected_at.is_not(None), attempts.c.abandoned_at.is_not(None))
    query = select(
        func.count().filter(met, live).label("live"), func.count().filter(attempts.c.abandoned_at.is_not(None), live)
    ).where(attempts.c.campaign_id == campaign_id, attempts.c.country == country, attempts.c.planned_at >= since)
    live_answered, abandoned = tx.execute(query).one()
    return AbandonmentCounts(live_answered=live_answered, abandoned=abandoned, window_started_at=since)
