"""The counts of calls held against the attempts themselves: all windows at the start, the last hours every minute."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.quarters import next_quarter, quarter_at
from orchestrator.log import log
from orchestrator.persistence import call_counts
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import Record

EVERY = timedelta(minutes=1)
LATELY = timedelta(hours=2)
LONGEST_WINDOW = timedelta(days=32)  # a month, wherever its clock stands


@dataclass
class Recounts:
    """What this process has counted anew, and when it next does."""

    store: Store
    _whole: set[int] = field(default_factory=set)
    _counted_at: datetime | None = None

    def run_once(self, now: datetime) -> int:
        """Hold the running campaigns' counts against their attempts, once a minute; how many quarters were mended."""
        if self._counted_at is not None and timedelta(0) <= now - self._counted_at < EVERY:
            return 0
        self._counted_at = now
        with self.store.read() as tx:
            here = campaigns.c.state == CampaignState.RUNNING
            running = tx.execute(select(campaigns.c.id, campaigns.c.launched_at).where(here)).all()
        return sum(self._recount(row, now) for row in running)

    def _recount(self, campaign: Record, now: datetime) -> int:
        """The first time whole, since a version before this one may have counted nothing."""
        back = LATELY if campaign.id in self._whole else LONGEST_WINDOW
        start = quarter_at(max(now - back, campaign.launched_at or now))
        wrong = call_counts.correct(self.store, campaign.id, start, next_quarter(now))
        self._whole.add(campaign.id)
        if wrong:
            log.warning("calls.recounted", campaign=campaign.id, quarters=len(wrong), first=wrong[0].isoformat())
        return len(wrong)
