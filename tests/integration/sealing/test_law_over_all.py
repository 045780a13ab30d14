"""A seller that is closed, a complaint that is erased, a run of years: over everything sealed, none of it tampering."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, select

from orchestrator.config_files import load_closing_law
from orchestrator.domain.leaving import ClosingState, Way
from orchestrator.domain.rights import RequestState, Right
from orchestrator.persistence import reviews
from orchestrator.persistence.rights_requests import steps_of
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.accountability import closings
from orchestrator.persistence.tables.proof import actions
from orchestrator.persistence.tables.seals import seals
from orchestrator.pipeline.evidence.checking import check_pack
from orchestrator.pipeline.leaving.closing import Closer, Order
from orchestrator.pipeline.rights import complaining, objecting
from orchestrator.pipeline.rights.complaining import Complaint
from orchestrator.pipeline.rights.erasing import Eraser
from orchestrator.pipeline.sealing import sealer
from orchestrator.pipeline.sealing.verifying import verify
from tests.integration.retention.past import ran
from tests.integration.rights.people import LAW, NUMBER, a_known_person, asking
from tests.integration.sealing.history import a_history, sealed, unguard
from tests.integration.sealing.test_packs import a_complaint, part, written
from tests.world import NOON, World

LATER = NOON + timedelta(hours=1)


def sound_before_and_after_the_sealer(world: World) -> dict[str, int]:
    """What went by which right; nothing else is amiss."""
    assert verify(world.store, LATER).findings == [], "before the sealer follows"
    sealer.run_once(world.store, LATER)
    report = verify(world.store, LATER)
    assert report.findings == []
    return {cause: sum(log.removed[cause] for log in report.logs) for log in report.logs for cause in log.removed}


def test_a_seller_that_is_closed_is_no_tampering(store: Store) -> None:
    world = a_history(store)
    with store.write() as tx:
        tx.execute(delete(closings))  # it has not left yet
    sealed(world)
    order = Order(seller_id="acme", way=Way.DELETE, file=None, keeps_suppressions=False, because="over")
    closed = Closer(store, load_closing_law(), "cli:ops").close(order, LATER)
    assert closed.state == ClosingState.CLOSED
    assert sound_before_and_after_the_sealer(world)["closing"] > 20
    with store.read() as tx:
        done = tx.execute(select(actions.c.detail, actions.c.by).order_by(actions.c.id)).all()
    assert (done[-1].detail["to"], done[-1].by) == ("cancelled", "cli:ops"), "who ended its campaigns stays on record"


def test_twelve_years_over_all_that_staff_did_are_no_tampering(store: Store) -> None:
    world = a_history(store)
    sealed(world)
    ran(store, NOON + timedelta(days=12 * 366))
    assert world.count(actions) == 0
    assert sound_before_and_after_the_sealer(world)["retention"] > 20


def test_an_erasure_takes_what_earlier_requests_said_of_the_person_and_leaves_that_they_were(
    world: World, tmp_path: Path
) -> None:
    """A complaint with its hold, an objection, a doubt: their words go by right, their facts stay proved."""
    store = world.store
    unguard(store)
    a_known_person(world)
    key = store.keyring.number_key(NUMBER)
    case = complaining.open_case(
        store, LAW, asking(Right.COMPLAIN), Complaint(about="Zebedee Quillfeather was called"), "acme", NOON
    )
    complaining.close_case(store, LAW, case.id, "settled with Zebedee", "cli:ops", NOON)
    objecting.stop(store, LAW, asking(Right.OBJECT), "acme", NOON)
    with store.write() as tx:
        reviews.ask(tx, seller_id="acme", number_key=key, sid="SM" + "3" * 32, suppression_id=1, at=NOON)
        reviews.decide(tx, 1, "stop", "cli:ops", NOON)
    sealer.run_once(store, NOON)
    assert verify(store, NOON).findings == []
    row = Eraser(store, LAW, "cli:ops").ask(asking(Right.ERASE), "acme", NOON)
    assert row.state == RequestState.DONE
    assert sound_before_and_after_the_sealer(world)["erasure"] > 10
    with store.read() as tx:
        noted = [step.note_sealed for step in steps_of(tx, case.id)]
        words = select(seals.c.salt).where(seals.c.form == "rights_steps.note/1", seals.c.row_id == "1")
        assert (set(noted), tx.execute(words).scalar_one()) == ({None}, None), "the words, and what could tell them"
    evidence = written(world, tmp_path / "pack.zip", a_complaint(number=NUMBER))
    assert [item["row"]["kind"] for item in part(evidence, 15)] == ["complain", "object", "erase"]
    assert any("by erasure" in item.get("sentence", "") for item in part(evidence, 17))
    assert "Zebedee" not in str(evidence)
    assert check_pack(tmp_path / "pack.zip").is_sound
