"""Steps that are due once a day of the world, in the hour that the settings name."""

from orchestrator.log import log
from orchestrator.pipeline import nightly_reconcile, nightly_retention, nightly_scrub
from orchestrator.pipeline.consents import expiring
from orchestrator.pipeline.nightly_scrub import last_struck
from orchestrator.pipeline.retention.running import Retention
from orchestrator.pipeline.sealing import heads
from orchestrator.scheduler.worker import Worker


def scrub_nightly(worker: Worker) -> object:
    """Scrub the campaigns that were not scrubbed since the hour last struck; one worker does."""
    if not worker.leadership.hold():
        return None
    reports = nightly_scrub.run_once(
        worker.store, worker.dispatcher.engine.shelf, worker.clock.now(), worker.scrub_hour
    )
    for report in reports:
        log.info("campaign.scrubbed", campaign=report.campaign_id, scrub=report.id, numbers=report.numbers)
    return reports


def reconcile_nightly(worker: Worker) -> object:
    """Hold the days that are over against the carrier's list; one worker does."""
    if not worker.leadership.hold():
        return None
    reports = nightly_reconcile.run_once(worker.store, worker.carrier, worker.clock.now, worker.reconcile_hour)
    for report in reports:
        log.info("carrier.reconciled", day=str(report.day), open=report.open, **report.tally)
    return reports


def expire_consents(worker: Worker) -> object:
    """Write down, once a night, which consents have ended for their age; one worker does."""
    now = worker.clock.now()
    done = worker.expired_at is not None and worker.expired_at >= last_struck(worker.scrub_hour, now)
    if done or not worker.leadership.hold():
        return None
    written = expiring.run_once(worker.store, worker.dispatcher.engine.rulebook, now)
    worker.expired_at = now
    if written:
        log.info("consents.expired", consents=written)
    return written


def export_heads(worker: Worker) -> object:
    """Let the logs' heads leave the house, once a night; one worker does."""
    if worker.heads_dir is None or not worker.leadership.hold():
        return None
    written = heads.run_once(worker.store, worker.heads_dir, worker.clock.now(), worker.heads_hour)
    if written is not None:
        log.info("heads.exported", file=str(written))
    return written


def retain_nightly(worker: Worker) -> object:
    """Let go what has been kept long enough; one worker does, for as long as it leads."""
    if worker.retention is None or not worker.leadership.hold():
        return None
    history = worker.dispatcher.engine.rulebook.history_days
    wanted = Retention(
        store=worker.store,
        law=worker.retention(),
        history_days=history,
        clock=worker.clock.now,
        may_go_on=worker.leadership.hold,
    )
    return nightly_retention.run_once(wanted, worker.retention_hour)
