"""A whole erasure, as it is done, over what was sealed: it is law, before the next sealing and after it."""

from datetime import timedelta

from orchestrator.domain.rights import RequestState, Right
from orchestrator.pipeline.rights.erasing import Eraser
from orchestrator.pipeline.sealing import sealer
from orchestrator.pipeline.sealing.verifying import verify
from tests.integration.rights.people import LAW, NUMBER, a_known_person, asking
from tests.integration.sealing.history import unguard
from tests.world import NOON, World

LATER = NOON + timedelta(minutes=1)


def test_an_erasure_is_no_tampering(world: World) -> None:
    unguard(world.store)  # an erasure keeps a part of the evidence, which append-only consents do not know
    a_known_person(world)
    sealer.run_once(world.store, NOON)
    assert verify(world.store, NOON).findings == []
    row = Eraser(world.store, LAW, "cli:ops").ask(asking(Right.ERASE, NUMBER), "acme", NOON)
    assert row.state == RequestState.DONE
    assert verify(world.store, LATER).findings == [], "before the worker follows"
    sealer.run_once(world.store, LATER)
    report = verify(world.store, LATER)
    assert report.findings == []
    assert sum(log.removed["erasure"] for log in report.logs) > 0
