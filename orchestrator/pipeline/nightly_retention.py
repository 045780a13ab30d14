"""Let go every night what has been kept long enough; a night that nobody worked is made up for by the next worker."""

from datetime import timedelta

from orchestrator.log import log
from orchestrator.persistence.retention import runs
from orchestrator.pipeline.nightly_scrub import last_struck
from orchestrator.pipeline.retention.running import Retention, RunReport

BY = "nightly"
AGAIN_AFTER = timedelta(minutes=30)  # of a run that did not end: each try leaves a record


def run_once(retention: Retention, hour: int) -> RunReport | None:
    """Run where none has ended since ``hour`` (UTC) last struck; one that was cut off is gone on with."""
    now = retention.clock()
    with retention.store.read() as tx:
        tonight = runs.since(tx, last_struck(hour, now), BY)
    if any(run.finished_at is not None or now - AGAIN_AFTER < run.began_at <= now for run in tonight):
        return None
    report = retention.run(BY)
    log.info("retention.ran", run=report.number, rows=report.rows, finished=report.finished)
    return report
