"""What is sealed, when, and what comes of a worker that dies or is not alone."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from orchestrator.domain.attempt import Outcome
from orchestrator.persistence.attempts import name
from orchestrator.persistence.sealing.subjects import CONTENTS, SUBJECTS
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.people import consents, suppressions
from orchestrator.persistence.tables.seals import seal_heads, seal_logs, seals
from orchestrator.pipeline.ending import refine_outcome
from orchestrator.pipeline.sealing import sealer
from orchestrator.pipeline.sealing.verifying import verify
from tests.integration.sealing.history import a_history, sealed
from tests.world import World


@pytest.fixture
def world(sqlite_store: Store) -> World:
    return a_history(sqlite_store)


def forms(store: Store) -> dict[str, int]:
    with store.read() as tx:
        rows = tx.execute(select(seals.c.form, func.count().label("entries")).group_by(seals.c.form))
        return {row.form: row.entries for row in rows}


def test_everything_is_sealed_once_and_is_sound(store: Store) -> None:
    """Each kind of entry but the later judgements, which the history has none of; then nothing is left to do."""
    world = a_history(store)
    first = sealed(world)
    assert first.complete
    assert forms(world.store).keys() == {s.form for s in SUBJECTS} - {"rejudgements.made/1"} | CONTENTS.keys()
    report = verify(world.store, world.now)
    assert report.findings == []
    assert report.unsealed == []
    assert sealed(world) == sealer.SealReport(0, 0, complete=True)
    with world.store.read() as tx:
        kept = tx.execute(select(seals.c.commitment, seals.c.row_id)).all()
    assert len({bytes(row.commitment) for row in kept}) == len(kept)


def test_a_stop_that_is_lifted_later_is_an_entry_of_its_own(world: World) -> None:
    sealed(world)
    assert forms(world.store)["suppressions.lifted/1"] == 1
    with world.store.write() as tx:
        tx.execute(update(suppressions).where(suppressions.c.lifted_at.is_(None)).values(lifted_at=world.now))
    assert verify(world.store, world.now).findings == []
    sealed(world)
    assert forms(world.store)["suppressions.lifted/1"] == 2
    with world.store.write() as tx:
        tx.execute(update(suppressions).values(lifted_at=None))
    assert len(verify(world.store, world.now).findings) == 2, "a lifting that is taken back is found"


def test_a_call_judged_anew_is_sound_and_says_so(store: Store) -> None:
    world = a_history(store)
    row = world.attempts()[0]
    with world.store.write() as tx:
        tx.execute(update(attempts).where(attempts.c.id == row.id).values(outcome=Outcome.HUNG_UP))
    sealed(world)
    with world.store.write() as tx:
        assert refine_outcome(tx, world.attempt(row.id), Outcome.REACHED, connected_at=world.now)
    with world.store.write() as tx:
        assert refine_outcome(tx, world.attempt(row.id), Outcome.MACHINE)
    sealed(world)
    report = verify(world.store, world.now)
    assert report.findings == []
    assert sum(log.rejudged for log in report.logs) == 1
    assert forms(world.store)["rejudgements.made/1"] == 2
    with world.store.write() as tx:
        tx.execute(update(attempts).where(attempts.c.id == row.id).values(answered_by="fax"))
    assert [finding.row_id for finding in verify(world.store, world.now).findings] == [row.id.hex]


def test_a_call_named_late_is_sound(world: World) -> None:
    """The carrier was asked, nobody knew, and days later it names the call."""
    row = world.attempts()[0]
    with world.store.write() as tx:
        tx.execute(update(attempts).where(attempts.c.id == row.id).values(sid=None, outcome=Outcome.LOST))
    sealed(world)
    with world.store.write() as tx:
        assert name(tx, row.id, "CA" + "7" * 32)
        assert name(tx, row.id, "CA" + "7" * 32), "the same name again is no news"
        assert not name(tx, row.id, "CA" + "8" * 32)
    sealed(world)
    assert verify(world.store, world.now).findings == []
    assert forms(world.store)["rejudgements.made/1"] == 1


def test_what_a_call_was_before_it_was_sealed_is_not_kept(world: World) -> None:
    row = world.attempts()[0]
    with world.store.write() as tx:
        tx.execute(update(attempts).where(attempts.c.id == row.id).values(outcome=Outcome.HUNG_UP))
    with world.store.write() as tx:
        assert refine_outcome(tx, world.attempt(row.id), Outcome.REACHED)
    sealed(world)
    assert "rejudgements.made/1" not in forms(world.store)


def test_a_worker_killed_between_entries_and_head_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sealer, "_put_heads", killed)
        with pytest.raises(KeyboardInterrupt):
            sealed(world)
    report = verify(world.store, world.now)
    assert report.findings == []
    assert {log.under_head for log in report.logs} == {0}
    assert sealed(world).heads == 2
    assert all(log.under_head == log.entries for log in verify(world.store, world.now).logs)


def test_a_batch_that_dies_leaves_nothing_half_entered(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_history(store)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("orchestrator.persistence.sealing.waiting.mark", killed)
        with pytest.raises(KeyboardInterrupt):
            sealed(world)
    assert forms(world.store) == {}
    sealed(world)
    assert verify(world.store, world.now).is_sound


def test_two_workers_who_seal_at_once_enter_every_row_once(store: Store) -> None:
    world = a_history(store)
    reports: list[sealer.SealReport] = []
    start = threading.Barrier(2)

    def run() -> None:
        start.wait()
        reports.append(sealed(world))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sealed(world)
    report = verify(world.store, world.now)
    assert report.findings == []
    assert report.unsealed == []


def test_a_clock_that_was_set_back_is_no_tampering(world: World) -> None:
    sealed(world)
    world.now -= timedelta(days=2)
    with world.store.write() as tx:
        row = tx.execute(select(consents).limit(1)).one()._asdict()
        row |= {"id": 9999, "recorded_at": world.now, "sealed_in": None}
        tx.execute(insert(consents).values(row))
    assert verify(world.store, world.now).findings == [], "before it is sealed, and after"
    sealed(world)
    assert verify(world.store, world.now).findings == []


def test_what_waits_is_said_and_what_waited_too_long_is_found(world: World) -> None:
    """A consent of this minute waits; one of last month should have been there when all that was there was sealed."""
    sealed(world)
    with world.store.write() as tx:
        row = tx.execute(select(consents).limit(1)).one()._asdict() | {"sealed_in": None}
        tx.execute(insert(consents).values(row | {"id": 9998, "recorded_at": world.now}))
    report = verify(world.store, world.now)
    assert [(one.form, one.count, one.oldest) for one in report.unsealed] == [("consents.recorded/1", 1, world.now)]
    assert report.is_sound
    with world.store.write() as tx:
        tx.execute(insert(consents).values(row | {"id": 9999, "recorded_at": world.now - timedelta(days=30)}))
    found = verify(world.store, world.now).findings
    assert [(finding.relation, finding.row_id) for finding in found] == [("consents", "9999")]
    world.now += timedelta(seconds=10)
    sealed(world)
    assert [finding.row_id for finding in verify(world.store, world.now).findings] == ["9999"], (
        "sealing it makes it no older"
    )


def test_logs_may_be_verified_one_by_one_while_they_grow(world: World) -> None:
    sealer.run_once(world.store, world.now, most=5)
    with world.store.read() as tx:
        names = tx.execute(select(seal_logs.c.log)).scalars().all()
        assert tx.execute(select(seal_heads.c.complete)).scalars().all() == [False]
    assert all(verify(world.store, world.now, name).is_sound for name in names)
    sealed(world)
    assert {log.log for log in verify(world.store, world.now).logs} == {"acme", "*"}
    assert [log.log for log in verify(world.store, world.now, "acme").logs] == ["acme"]
