"""Hold every day that is over against the carrier's list, once; nights that nobody worked are made up for."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from orchestrator.domain.carrier import Carrier
from orchestrator.persistence import reconciliations
from orchestrator.persistence.reconciliations import day_ended
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.nightly_scrub import last_struck
from orchestrator.pipeline.reconcile import DayReport, reconcile_day

BY = "nightly"
AGAIN_AFTER = timedelta(minutes=30)  # of a look that did not end
DAYS_BACK = 30


def run_once(store: Store, carrier: Callable[[], Carrier], now: Callable[[], datetime], hour: int) -> list[DayReport]:
    """Look at one day that is over and not looked at yet, the latest first, once ``hour`` (UTC) has struck after it."""
    with store.read() as tx:
        day = _due(tx, last_struck(hour, now()).date() - timedelta(days=1), now())
    return [] if day is None else [reconcile_day(store, carrier(), day, BY, now)]


def _due(tx: Connection, latest: date, now: datetime) -> date | None:
    looks = reconciliations.looks(tx, latest - timedelta(days=DAYS_BACK))
    if any(look.finished_at is None and now - AGAIN_AFTER < look.began_at <= now for look in looks):
        return None
    done = _whole(looks)
    first = min(done, default=latest)
    days = (latest - timedelta(days=back) for back in range((latest - first).days + 1))
    return next((day for day in days if day not in done), None)


def _whole(looks: Sequence[Record]) -> set[date]:
    """Days that were looked at to their end after they were over."""
    return {look.day for look in looks if look.finished_at is not None and look.began_at >= day_ended(look.day)}
