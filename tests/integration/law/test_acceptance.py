"""A new rulebook takes effect once it was shown and accepted; until then the accepted one is run."""

from dataclasses import replace
from datetime import timedelta
from importlib import metadata

import pytest
from sqlalchemy import select, update

from orchestrator.compliance import rulebook as libraries
from orchestrator.compliance.rulebook import digest_of
from orchestrator.domain.decision import Verdict
from orchestrator.domain.enrollment import EnrollmentStage
from orchestrator.domain.errors import UserError
from orchestrator.persistence import acceptances, rulebooks
from orchestrator.persistence.leadership import Leadership
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import decisions, enrollments
from orchestrator.persistence.tables.law import rulebook_acceptances
from orchestrator.pipeline.law_in_force import standing
from orchestrator.pipeline.law_watch import LawWatch
from orchestrator.pipeline.rulebook_review import accept
from orchestrator.scheduler.contacting import dispatch
from orchestrator.scheduler.worker import Worker
from tests.integration.law.conftest import KIM, LATER_HOURS, accept_text, reviewed
from tests.world import NOON, THREE_RULES, World, files_of, numbers


def test_the_first_rulebook_of_an_empty_database_is_accepted_and_said_to_be(store: Store) -> None:
    found = standing(store, files_of(), NOON)
    assert (found.acceptance.how, found.acceptance.digest) == ("first", digest_of(files_of()))
    assert (found.may_place, found.notice) == (True, "")
    with store.read() as tx:
        assert rulebooks.content(tx, found.acceptance.digest) == files_of()


def test_another_rulebook_in_config_waits_and_the_accepted_one_is_run(store: Store) -> None:
    first = standing(store, files_of(), NOON)
    found = standing(store, files_of(LATER_HOURS), NOON)
    assert found.rulebook.digest == first.rulebook.digest
    assert found.may_place
    assert digest_of(files_of(LATER_HOURS))[:12] in found.notice
    assert "orchestrator rules review" in found.notice


def test_a_damaged_rulebook_in_config_stops_nobody(store: Store) -> None:
    first = standing(store, files_of(), NOON)
    found = standing(store, files_of("this is no TOML ["), NOON)
    assert (found.rulebook.digest, found.may_place) == (first.rulebook.digest, True)


def test_a_damaged_first_rulebook_is_not_accepted(store: Store) -> None:
    with pytest.raises(UserError, match=r"rules/test\.toml"):
        standing(store, files_of("this is no TOML ["), NOON)
    with store.read() as tx:
        assert acceptances.in_force(tx) is None


def test_what_was_in_use_before_there_were_acceptances_stays_in_force(store: Store) -> None:
    rulebooks.remember(store, digest_of(files_of()), files_of(), NOON)
    found = standing(store, files_of(LATER_HOURS), NOON)
    assert (found.acceptance.how, found.acceptance.digest) == ("in_use", digest_of(files_of()))


def test_other_tables_beside_the_rules_stop_placing_until_accepted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = standing(world.store, files_of(), NOON)
    monkeypatch.setattr(libraries, "holidays_version", "0.0.1")
    found = standing(world.store, files_of(), NOON)
    assert not found.may_place
    assert f"orchestrator rules review --rulebook {first.acceptance.digest[:12]}" in found.notice
    assert "-> 0.0.1" in found.notice
    accept_text(world, THREE_RULES)
    assert standing(world.store, files_of(), NOON).may_place


def test_an_accepted_rulebook_that_this_version_cannot_read_stops_placing(store: Store) -> None:
    standing(store, files_of(), NOON)
    unread = files_of(THREE_RULES.replace("[[coverage]]", "[[no_longer_known]]"))
    rulebooks.remember(store, "f" * 64, unread, NOON)
    with store.write() as tx:
        tx.execute(update(rulebook_acceptances).values(digest="f" * 64))
    found = standing(store, files_of(), NOON)
    assert (found.may_place, found.rulebook.digest) == (False, digest_of(files_of()))
    assert "cannot be read by this version" in found.notice


def test_accepting_says_who_when_after_what_and_what_was_shown(world: World) -> None:
    first = standing(world.store, files_of(), NOON).acceptance
    review_id = reviewed(world, LATER_HOURS)
    accepted = accept(world.store, review_id, KIM, NOON + timedelta(hours=1))
    with world.store.read() as tx:
        [found, before] = acceptances.history(tx)
        review = acceptances.find_review(tx, review_id)
        assert rulebooks.content(tx, accepted.digest) == files_of(LATER_HOURS)
    assert review is not None
    assert found == accepted
    assert (found.previous, before.digest) == (first.digest, first.digest)
    assert (found.accepted_by, found.role, found.note) == ("Kim", "compliance", "tests")
    assert (found.diff_hash, found.replay_hash) == (review.diff_hash, review.replay_hash)


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        (replace(KIM, by=" "), "--by must name"),
        (replace(KIM, role="agent"), "takes a compliance user"),
        (replace(KIM, role=""), "takes a compliance user"),
    ],
)
def test_only_a_named_compliance_user_may_accept(world: World, who: object, sentence: str) -> None:
    standing(world.store, files_of(), NOON)
    review_id = reviewed(world, LATER_HOURS)
    with pytest.raises(UserError, match=sentence):
        accept(world.store, review_id, who, NOON)  # type: ignore[arg-type]
    assert standing(world.store, files_of(LATER_HOURS), NOON).notice


def test_what_nobody_was_shown_cannot_be_accepted(world: World) -> None:
    standing(world.store, files_of(), NOON)
    with pytest.raises(UserError, match="There is no review 'abc'"):
        accept(world.store, "abc", KIM, NOON)


def test_a_review_does_not_hold_against_another_rulebook_than_it_compared_with(world: World) -> None:
    standing(world.store, files_of(), NOON)
    stale, other = reviewed(world, LATER_HOURS), THREE_RULES.replace("max = 3", "max = 2")
    accept_text(world, other)
    with pytest.raises(UserError, match=r"was accepted since: run `orchestrator rules review` again"):
        accept(world.store, stale, KIM, NOON)


def test_an_old_review_does_not_put_back_what_was_rolled_back(world: World) -> None:
    """Neither the one that was used nor one that was left, though both compared with what is in force again."""
    standing(world.store, files_of(), NOON)
    used, left = reviewed(world, LATER_HOURS), reviewed(world, LATER_HOURS)
    accept(world.store, used, KIM, NOON)
    accept_text(world, THREE_RULES)
    for review_id in (used, left):
        with pytest.raises(UserError, match="was accepted since"):
            accept(world.store, review_id, KIM, NOON)
    assert standing(world.store, files_of(), NOON).acceptance.number == 3


@pytest.mark.parametrize(("seconds", "holds"), [(0, True), (1, False)])
def test_a_review_grows_old(world: World, seconds: int, *, holds: bool) -> None:
    standing(world.store, files_of(), NOON)
    review_id = reviewed(world, LATER_HOURS)
    later = NOON + timedelta(days=7, seconds=seconds)
    if holds:
        assert accept(world.store, review_id, KIM, later).number == 2
        return
    with pytest.raises(UserError, match="older than 7 days"):
        accept(world.store, review_id, KIM, later)


def test_a_review_does_not_hold_with_other_tables(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    standing(world.store, files_of(), NOON)
    review_id = reviewed(world, LATER_HOURS)
    monkeypatch.setattr(libraries, "holidays_version", "0.0.1")
    with pytest.raises(UserError, match="have been updated since review"):
        accept(world.store, review_id, KIM, NOON)


def test_of_two_who_accept_at_once_one_is_told(world: World) -> None:
    first = standing(world.store, files_of(), NOON).acceptance
    with world.store.write() as tx:
        assert acceptances.record(tx, replace(first, number=2))
        assert not acceptances.record(tx, replace(first, number=2))


def test_a_running_worker_decides_by_the_rulebook_accepted_since(world: World, watch: LawWatch) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1)))
    digest = accept_text(world, LATER_HOURS)
    world.dispatcher = watch.follow(world.dispatcher, world.now)
    assert world.dispatch(campaign) == 0
    with world.store.read() as tx:
        [row] = tx.execute(select(decisions)).all()
        latest = acceptances.in_force(tx)
    assert (row.rulebook, row.verdict) == (digest, Verdict.HOLD)
    assert latest is not None
    assert latest.taken_up_at == world.now


def test_whoever_the_last_rulebook_blocked_is_due_under_the_next(world: World, watch: LawWatch) -> None:
    campaign, contact = world.a_campaign(), world.a_contact(numbers(1))
    world.enrol(campaign, contact)
    blocked = {"stage": EnrollmentStage.BLOCKED, "blocked_by": "test.gone", "cure": "registry", "cure_detail": "x"}
    with world.store.write() as tx:
        tx.execute(update(enrollments).values(blocked))
    watch.follow(world.dispatcher, world.now)
    assert world.enrollment(contact).stage == EnrollmentStage.BLOCKED
    accept_text(world, LATER_HOURS)
    watch.follow(world.dispatcher, world.now)
    assert world.enrollment(contact).stage == EnrollmentStage.DUE


def test_whoever_the_last_rulebook_held_is_asked_again_under_the_next(world: World, watch: LawWatch) -> None:
    """As when a rulebook goes back: what it held until the afternoon may be contacted now."""
    campaign, held, resting = world.a_campaign(), world.a_contact(numbers(1)), world.a_contact(numbers(2)[1:])
    world.enrol(campaign, held)
    accept_text(world, LATER_HOURS)
    world.dispatcher = watch.follow(world.dispatcher, world.now)
    assert world.dispatch(campaign) == 0
    world.enrol(campaign, resting)
    later = world.now + timedelta(hours=3)
    with world.store.write() as tx:
        theirs = enrollments.c.contact_id == resting
        tx.execute(update(enrollments).where(theirs).values(held_by="rest", next_eligible_at=later))
    accept_text(world, THREE_RULES)
    world.dispatcher = watch.follow(world.dispatcher, world.now)
    assert world.dispatch(campaign) == 1
    assert world.enrollment(resting).next_eligible_at == later


def test_a_worker_that_starts_after_the_acceptance_reopens_them_once(world: World, watch: LawWatch) -> None:
    accept_text(world, LATER_HOURS)
    campaign, contact = world.a_campaign(), world.a_contact(numbers(1))
    world.enrol(campaign, contact)
    late = LawWatch(world.store, standing(world.store, watch.files, world.now), watch.files)
    for stage in (EnrollmentStage.DUE, EnrollmentStage.BLOCKED):
        with world.store.write() as tx:
            tx.execute(update(enrollments).values(stage=EnrollmentStage.BLOCKED, cure="consent", cure_detail=""))
        late.begin(world.now)
        assert world.enrollment(contact).stage == stage
        late.standing = standing(world.store, watch.files, world.now)


def test_a_worker_whose_libraries_were_replaced_places_nothing_until_it_is_started_again(
    world: World, watch: LawWatch, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It looks once a minute, and is not mended by an acceptance: what it has loaded stays half of each."""
    seconds = [0.0]
    watch.monotonic = lambda: seconds[0]
    watch.follow(world.dispatcher, world.now)
    monkeypatch.setattr(metadata, "version", lambda _: "9.9.9")
    for moment, may_place in ((59.0, True), (60.0, False), (200.0, False)):
        seconds[0] = moment
        watch.follow(world.dispatcher, world.now)
        assert watch.may_place is may_place
    said = capsys.readouterr().out
    assert said.count("libraries.replaced") == 1
    assert "-> 9.9.9" in said
    accept_text(world, LATER_HOURS)
    watch.follow(world.dispatcher, world.now)
    assert not watch.may_place


@pytest.mark.parametrize("may_place", [True, False])
def test_a_worker_places_nothing_while_its_tables_are_not_accepted(
    world: World, watch: LawWatch, *, may_place: bool
) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1)))
    world.an_agent()
    watch.standing = replace(watch.standing, may_place=may_place)
    leadership = Leadership(world.store)
    worker = Worker(world.dispatcher, lambda: world.carrier, world.pacing, leadership, watch, scrub_hour=6)
    dispatch(worker)
    leadership.release()
    assert world.placer.drain(30)
    assert len(world.attempts()) == may_place
