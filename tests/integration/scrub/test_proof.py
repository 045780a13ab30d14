"""What a scrub was answered can be answered again from its record, whatever was imported since."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from orchestrator.domain.errors import UserError
from orchestrator.persistence import number_facts
from orchestrator.persistence.tables.lists import registry_snapshots, scrubs
from orchestrator.persistence.tables.people import contact_points, suppressions
from orchestrator.pipeline import scrub
from orchestrator.pipeline.scrub import load_shelf, scrub_list
from orchestrator.pipeline.scrub_proof import Proof, answers_of, prove
from orchestrator.registries.errors import SnapshotDamagedError
from tests.integration.scrub.conftest import NOW, OBTAINED, Town
from tests.integration.scrub.test_scrub import CLEAR, ELSEWHERE, LISTED, scrubbed, suppress

LATER = NOW + timedelta(days=2)


def proven(town: Town, scrub_id: int) -> Proof:
    return prove(town.store, town.registries, scrub_id)


def test_an_answer_is_shown_later_as_it_was(town: Town) -> None:
    town.registry("504,5550107\n")
    report = scrubbed(town, town.list_of("acme", [LISTED, CLEAR]))
    town.registry("504,5550108\n", obtained_at=OBTAINED + timedelta(days=1))
    answers = answers_of(town.store, town.registries, report.id, [LISTED, CLEAR])
    assert [[(answer.listed, answer.obtained_at) for answer in said] for said in answers] == [
        [(True, OBTAINED)],
        [(False, OBTAINED)],
    ]


def test_evidence_that_was_changed_is_not_shown(town: Town) -> None:
    digest = town.registry("504,5550107\n").snapshot.digest
    report = scrubbed(town, town.list_of("acme", [LISTED]))
    file = town.registries / f"{digest}.snapshot"
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1] + b"\x7f")
    with pytest.raises(SnapshotDamagedError, match="has changed"):
        answers_of(town.store, town.registries, report.id, [LISTED])


def test_an_unknown_scrub_is_said(town: Town) -> None:
    with pytest.raises(UserError, match="no scrub 7"):
        answers_of(town.store, town.registries, 7, [LISTED])


def test_every_number_is_answered_the_same_after_newer_versions_came(town: Town) -> None:
    town.registry("504,5550107\n")
    town.registry("5045550108\n", "us-la")
    people = town.list_of("acme", [LISTED, CLEAR], [ELSEWHERE])
    report = scrubbed(town, people)
    town.registry("504,5550108\n504,5550109\n", obtained_at=OBTAINED + timedelta(days=1), now=LATER)
    town.registry("5045550107\n", "us-la", obtained_at=OBTAINED + timedelta(days=1), now=LATER)
    proof = proven(town, report.id)
    assert (proof.same_answers, proof.same_counts) == (True, True)
    newer = scrub_list(town.store, load_shelf(town.store, town.registries), "acme", people, "test", LATER)
    assert newer.registries == report.registries  # as many as before, but others: only the digest tells
    assert proven(town, newer.id).same_answers
    with town.store.read() as tx:
        digests = tx.execute(select(scrubs.c.answers_digest)).scalars().all()
    assert len(set(digests)) == 2


def test_what_was_refused_or_died_or_came_later_changes_no_earlier_scrub(town: Town) -> None:
    suppress(town, "acme", LISTED)
    people = town.list_of("acme", [LISTED, CLEAR])
    report = scrubbed(town, people)
    with town.store.write() as tx:
        number_facts.mark_dead(tx, town.store.keyring.number_key(CLEAR), "carrier error 21211", LATER)
        tx.execute(update(suppressions).values(lifted_at=LATER))
    proof = proven(town, report.id)
    assert (proof.same_answers, proof.same_counts) == (True, True)
    assert (proof.counts["suppressed"], proof.counts["dead"]) == (1, 0)


def test_the_proof_does_not_depend_on_how_many_rows_are_read_at_once(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.registry("".join(f"504,55501{index:02d}\n" for index in range(5)))
    report = scrubbed(town, town.list_of("acme", *[[f"+150455501{index:02d}", ELSEWHERE] for index in range(11)]))
    monkeypatch.setattr(scrub, "PAGE_ROWS", 3)
    assert proven(town, report.id).same_answers


def test_a_record_that_was_changed_is_found_out(town: Town) -> None:
    town.registry("504,5550107\n")
    report = scrubbed(town, town.list_of("acme", [LISTED, CLEAR]))
    with town.store.write() as tx:
        tx.execute(update(contact_points).values(number_sealed=sealed(town, CLEAR)))
    proof = proven(town, report.id)
    assert (proof.same_answers, proof.same_counts) == (False, False)


def sealed(town: Town, number: str) -> bytes:
    with town.store.read() as tx:
        key = town.store.keyring.number_key(number)
        query = select(contact_points.c.number_sealed).where(contact_points.c.number_key == key)
        return bytes(tx.execute(query).scalar_one())


def test_people_who_were_erased_are_missing_from_the_proof(town: Town) -> None:
    report = scrubbed(town, town.list_of("acme", [LISTED], [CLEAR]))
    with town.store.write() as tx:
        key = town.store.keyring.number_key(CLEAR)
        tx.execute(delete(contact_points).where(contact_points.c.number_key == key))
    proof = proven(town, report.id)
    assert (proof.same_answers, proof.counts["numbers"]) == (False, 1)


def test_what_was_cut_off_proves_nothing(town: Town) -> None:
    report = scrubbed(town, town.list_of("acme", [LISTED]))
    with town.store.write() as tx:
        tx.execute(update(scrubs).values(finished_at=None))
    with pytest.raises(UserError, match="cut off"):
        proven(town, report.id)


def test_a_version_that_is_no_longer_recorded_is_said(town: Town) -> None:
    town.registry("504,5550107\n")
    report = scrubbed(town, town.list_of("acme", [LISTED]))
    with town.store.write() as tx:
        tx.execute(delete(registry_snapshots))
    with pytest.raises(SnapshotDamagedError, match="no longer recorded"):
        proven(town, report.id)
