"""Scrub every running campaign once a night; what was missed while no worker ran is done by the next one."""

from collections.abc import Callable
from datetime import datetime, timedelta

from orchestrator.log import log
from orchestrator.persistence import scrubs
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.scrub import ScrubReport, scrub_campaign
from orchestrator.registries.shelf import Shelf

BY = "nightly"
AGAIN_AFTER = timedelta(minutes=30)  # of a scrub that did not end: each try leaves a record


def run_once(store: Store, shelf: Callable[[], Shelf], now: datetime, hour: int) -> list[ScrubReport]:
    """Scrub each campaign that was not scrubbed since ``hour`` (UTC) last struck.

    The records say what is done, so a restart repeats nothing, and one that was cut off is done again after a while.
    """
    with store.read() as tx:
        due = scrubs.not_scrubbed_since(tx, last_struck(hour, now), now, AGAIN_AFTER)
    reports = (_scrubbed(store, shelf, row, now) for row in due)
    return [report for report in reports if report is not None]


def _scrubbed(store: Store, shelf: Callable[[], Shelf], campaign: Record, now: datetime) -> ScrubReport | None:
    """What came of it; None where it failed, which keeps no other campaign from being scrubbed."""
    try:
        return scrub_campaign(store, shelf(), campaign.seller_id, campaign.id, BY, now)
    except Exception as error:  # noqa: BLE001 - one campaign's trouble is not the others'
        log.error("campaign.scrub_failed", campaign=campaign.id, error=repr(error))
        return None


def last_struck(hour: int, now: datetime) -> datetime:
    """When it was that hour (UTC) last."""
    today = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)
