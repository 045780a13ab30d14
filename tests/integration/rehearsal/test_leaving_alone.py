"""A rehearsal changes nothing that lasts, and takes nobody's name along."""

import os
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.contact_request import LineType, SuppressionKind
from orchestrator.domain.errors import WrongKeyError
from orchestrator.domain.paper import Origin, Provenance
from orchestrator.persistence import suppressions
from orchestrator.persistence.dossiers import NUMBER, PROFILE
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.columns import metadata
from orchestrator.persistence.tables.people import consents, contact_points, contacts
from orchestrator.persistence.tables.people import suppressions as suppressions_table
from orchestrator.pipeline import follow_up
from orchestrator.pipeline.ending import end_attempt
from tests.integration.consents.test_bought_lists import on_list
from tests.integration.rehearsal.conftest import Staged
from tests.world import numbers


def digest_of(store: Store) -> str:
    """Over every row of every table."""
    with store.read() as tx:
        rows = {table.name: sorted(map(repr, tx.execute(select(table)))) for table in metadata.sorted_tables}
    return sha256(repr(sorted(rows.items())).encode()).hexdigest()


def files_below(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file with its size and the time of its last change."""
    found = (Path(parent) / name for parent, _, names in os.walk(folder) for name in names)
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in found}


def test_no_row_of_the_live_database_is_changed_and_no_file_is_written(
    staged: Staged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows, send slots, ledger, agents and key file alike; the day itself had calls to write down."""
    theatre = staged(people=15)
    theatre.world.an_agent()
    monkeypatch.chdir(tmp_path)
    before, files = digest_of(theatre.world.store), files_below(tmp_path)
    report = theatre.rehearse()
    assert report.contacted > 0
    assert digest_of(theatre.world.store) == before
    assert files_below(tmp_path) == files


def test_what_is_copied_opens_with_no_key_of_ours_and_holds_no_name(staged: Staged) -> None:
    theatre = staged(people=3)
    played, keyring = theatre.play(agents=1), theatre.world.store.keyring
    with played.memory.read() as tx:
        people = tx.execute(select(contacts)).all()
        points = tx.execute(select(contact_points)).all()
        live = {played.memory.keyring.open(row.number_sealed, NUMBER) for row in points}
    assert live == set(numbers(3))
    assert all(played.memory.keyring.open_json(row.profile_sealed, PROFILE) == {} for row in people)
    assert all(bytes(row.number_key) not in map(keyring.number_key, numbers(3)) for row in points)
    with pytest.raises(WrongKeyError):
        keyring.open(points[0].number_sealed, NUMBER)


def test_the_evidence_of_a_consent_stays_behind_and_still_counts(staged: Staged) -> None:
    theatre = staged(people=4, voice=False, sms=True, line_type=LineType.MOBILE)
    played = theatre.play()
    with played.memory.read() as tx:
        evidence = [row.evidence_sealed for row in tx.execute(select(consents))]
        sent = tx.execute(select(attempts.c.outcome)).scalars().all()
    assert [played.memory.keyring.open(sealed, "consents.evidence") for sealed in evidence] == [""] * 4
    assert len(sent) == 4, "without evidence no consent counts, and nobody would be texted"


def test_who_said_no_in_life_is_not_contacted_in_the_rehearsal(staged: Staged) -> None:
    theatre = staged(people=5)
    world, refused = theatre.world, numbers(5)[2]
    with world.store.write() as tx:
        suppressions.add(
            tx,
            seller_id="acme",
            number_key=world.store.keyring.number_key(refused),
            kind=SuppressionKind.DO_NOT_CALL,
            at=world.now,
            source="tests",
        )
    played = theatre.play()
    with played.memory.read() as tx:
        called = tx.execute(select(attempts.c.contact_id)).scalars().all()
        assert len(tx.execute(select(suppressions_table)).all()) >= 1
    assert sorted(called) == [1, 2, 4, 5]


def test_the_history_of_the_caps_comes_along(staged: Staged) -> None:
    """Three calls in a day are the most that the test's rulebook allows: those of life count in the rehearsal."""
    theatre = staged(people=1)
    world = theatre.world
    for _ in range(3):
        assert world.dispatch(theatre.campaign_id) == 1
        world.now += timedelta(minutes=1)
        with world.store.write() as tx:
            for row in world.attempts():
                end_attempt(tx, row, Outcome.BUSY, world.now, ringing_at=world.now)
        follow_up.run_once(world.store, world.now)
        world.now += timedelta(minutes=20)
    report = theatre.rehearse()
    assert report.contacted == 0
    assert [(entry.stage, entry.rule) for entry in report.not_contacted] == [("waiting", "test.three-a-day")]


def test_who_came_with_a_bought_list_is_left_out_as_in_life(staged: Staged) -> None:
    theatre = staged(people=2)
    bought = Provenance(origin=Origin.PURCHASED, vendor="Lead House")
    on_list(theatre.world, "leads", 1, bought)
    played = theatre.play()
    with played.memory.read() as tx:
        called = tx.execute(select(attempts.c.contact_id)).scalars().all()
        why = tx.execute(select(enrollments.c.blocked_by).where(enrollments.c.contact_id == 1)).scalar_one()
    assert (called, why) == ([2], "lists.no-vendor-contract")
