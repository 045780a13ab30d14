"""Steps that keep the house: what is owed to people about their data, the sealed logs, the months ahead."""

from orchestrator.persistence import partitions
from orchestrator.pipeline.rights import duty
from orchestrator.pipeline.sealing import sealer
from orchestrator.scheduler.worker import Worker


def answer_people(worker: Worker) -> object:
    """Go on with erasures, here and at the carrier, and remind of requests; one worker does."""
    if worker.duty is None or not worker.leadership.hold():
        return None
    return duty.run_once(worker.store, worker.duty, worker.carrier, worker.clock.now())


def seal(worker: Worker) -> object:
    """Enter what is ready into the sealed logs; one worker does."""
    if not worker.leadership.hold():
        return None
    return sealer.run_once(worker.store, worker.clock.now())


def make_partitions(worker: Worker) -> object:
    """Make the months ahead."""
    return partitions.ensure(worker.store, worker.clock.now())
