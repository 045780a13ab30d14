"""Steps that one worker alone may do: what they do costs money, or is a record."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.law import rule_files
from orchestrator.persistence import consents as ledger
from orchestrator.persistence.leadership import Leadership
from orchestrator.persistence.tables.account import reconciliations
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.lists import scrubs
from orchestrator.persistence.tables.people import consents, reassigned_answers
from orchestrator.persistence.tables.seals import seals
from orchestrator.pipeline.law_in_force import standing
from orchestrator.pipeline.law_watch import LawWatch
from orchestrator.scheduler.metronome import jobs
from orchestrator.scheduler.worker import Worker
from orchestrator.settings import config_dir
from tests.integration.consents.builders import a_consent
from tests.world import World, numbers


def a_worker(world: World, carrier: InProcessCarrier) -> Worker:
    files = rule_files(config_dir())
    law = LawWatch(world.store, standing(world.store, files, world.now), files)
    return Worker(world.dispatcher, lambda: carrier, world.pacing, Leadership(world.store), law, scrub_hour=6)


@pytest.mark.parametrize("step", ["reassigned", "nightly_scrub", "nightly_reconcile", "consents"])
def test_only_the_worker_that_leads_asks_and_scrubs(world: World, carrier: InProcessCarrier, step: str) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1)))
    with world.store.write() as tx:
        tx.execute(update(enrollments).values(stage="blocked", cure="reassigned"))
        ending = a_consent("acme", happened_at=world.now, expires_at=world.now + timedelta(hours=1))
        ledger.record(tx, world.store.keyring, ending, world.now)
    world.now += timedelta(days=1)
    leader, other = a_worker(world, carrier), a_worker(world, carrier)
    assert leader.leadership.hold()
    done = {
        "reassigned": select(reassigned_answers),
        "nightly_scrub": select(scrubs),
        "nightly_reconcile": select(reconciliations),
        "consents": select(consents).where(consents.c.event == "expired"),
    }[step]
    for worker, rows in ((other, 0), (leader, 1), (leader, 1)):
        run, _ = jobs(worker)[step]
        run(worker)
        with world.store.read() as tx:
            assert len(tx.execute(done).all()) == rows
    leader.leadership.release()
    other.leadership.release()


def test_only_the_worker_that_leads_seals_and_lets_heads_leave(
    world: World, carrier: InProcessCarrier, tmp_path: Path
) -> None:
    """Every few seconds of real time, however fast the world runs; the heads once a night, into the folder named."""
    world.a_seller()
    world.a_contact(numbers(1), automated=True)
    leader, other = a_worker(world, carrier), a_worker(world, carrier)  # which accept the first rulebook
    leader.heads_dir = other.heads_dir = tmp_path / "heads"
    assert leader.leadership.hold()
    for worker, entries, files in ((other, 0, 0), (leader, 3, 1), (leader, 3, 1)):
        rung = jobs(worker)
        assert rung["seal"][1] <= 10
        for step in ("seal", "nightly_heads"):
            rung[step][0](worker)
        assert world.count(seals) == entries
        assert len(list(tmp_path.glob("heads/heads-2026-11-23.json"))) == files
