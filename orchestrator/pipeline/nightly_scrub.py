"""Scrub every running campaign once a night; what was missed while no worker ran is done by the next one."""

from collections.abc import Callable
from datetime import datetime, timedelta

from orchestrator.persistence import scrubs
from orchestrator.persistence.store import Store
from orchestrator.pipeline.scrub import ScrubReport, scrub_campaign
from orchestrator.registries.shelf import Shelf

BY = "nightly"


def run_once(store: Store, shelf: Callable[[], Shelf], now: datetime, hour: int) -> list[ScrubReport]:
    """Scrub each campaign that was not scrubbed since ``hour`` (UTC) last struck.

    The records say what is done, so a restart repeats nothing, and one that was cut off is done again.
    """
    with store.read() as tx:
        due = scrubs.not_scrubbed_since(tx, last_struck(hour, now))
    return [scrub_campaign(store, shelf(), row.seller_id, row.id, BY, now) for row in due]


def last_struck(hour: int, now: datetime) -> datetime:
    """When it was that hour (UTC) last."""
    today = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)
