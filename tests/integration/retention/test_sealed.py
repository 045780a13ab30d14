"""What a run takes is law to the seal."""

from datetime import timedelta

from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.people import consents
from orchestrator.pipeline.sealing.verifying import verify
from tests.integration.retention.past import ran
from tests.integration.sealing.history import a_history, sealed
from tests.world import NOON


def test_a_run_is_no_tampering(store: Store) -> None:
    """Before the sealer follows and after it: the verifier names what went by retention, and finds nothing wrong."""
    world = a_history(store)
    sealed(world)
    before = world.count(consents)
    ran(store, NOON + timedelta(days=12 * 366))
    assert world.count(consents) < before
    report = verify(store, world.now)
    assert report.findings == []
    assert sum(log.removed["retention"] for log in report.logs if "retention" in log.removed) > 0
    sealed(world)
    assert verify(store, world.now).findings == []
