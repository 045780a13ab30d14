"""Whoever is blocked for want of an answer is asked about once, and opened by what comes."""

import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.carrier import ReassignedLookup
from orchestrator.domain.contact_request import LineType, ReassignedResult
from orchestrator.domain.errors import (
    AccountMisconfiguredError,
    AnswerLostError,
    CarrierBusyError,
    CarrierError,
    DispatchUncertainError,
)
from orchestrator.persistence import number_facts, reassigned_answers
from orchestrator.persistence.reassigned_answers import Told
from orchestrator.persistence.tables.campaigns import campaigns, enrollments
from orchestrator.persistence.tables.people import consents
from orchestrator.persistence.tables.people import reassigned_answers as table
from orchestrator.pipeline import follow_up
from orchestrator.pipeline.ending import end_attempt
from tests.integration.reassigned.conftest import Asked, ask
from tests.world import NOON, World, numbers

PERSON, OTHER = numbers(2)
YESTERDAY, TODAY = date(2026, 11, 22), date(2026, 11, 23)


def blocked(
    world: World, *, automated: bool = True, people: int = 1, known_since: datetime = NOON, **plan: object
) -> tuple[int, list[int]]:
    """A campaign whose people were decided about and wait; each consented on the day before they were known."""
    campaign = world.a_campaign(**plan)  # type: ignore[arg-type]
    world.now = known_since
    contacts = [world.a_contact([number], automated=automated) for number in numbers(people)]
    world.now = NOON
    world.enrol(campaign, *contacts)
    assert world.dispatch(campaign) == 0
    assert {world.enrollment(contact).cure for contact in contacts} == {"reassigned"}
    return campaign, contacts


def test_a_person_waits_until_the_database_has_said_that_the_number_is_still_theirs(
    world: World, carrier: Asked
) -> None:
    campaign, [contact] = blocked(world)
    assert world.enrollment(contact).blocked_by == "test.reassigned"
    report = ask(world)
    assert (report.asked, report.unchanged, report.reopened) == (1, 1, 1)
    assert world.enrollment(contact).stage == "due"
    assert world.dispatch(campaign) == 1
    assert ask(world).asked == 0


@pytest.mark.parametrize(("automated", "day"), [(True, YESTERDAY), (False, TODAY)])
def test_the_day_asked_about_is_that_of_the_consent_else_of_the_record(
    world: World, carrier: Asked, automated: bool, day: date
) -> None:
    blocked(world, automated=automated)
    ask(world)
    assert carrier.asked == [(PERSON, day)]
    with world.store.read() as tx:
        row = tx.execute(select(table)).one()
    assert (row.last_verified_on, row.result, row.checked_at, row.asked_at) == (day, "no", NOON, NOON)


@pytest.mark.parametrize("gone", [YESTERDAY, date(2026, 11, 30)])
def test_a_number_that_was_reassigned_stays_blocked_and_is_not_asked_about_again(
    world: World, carrier: Asked, gone: date
) -> None:
    campaign, [contact] = blocked(world)
    carrier.disconnected[PERSON] = gone
    assert ask(world).reassigned == 1
    for _ in range(3):
        world.now += timedelta(days=5)
        assert world.dispatch(campaign) == 0
        assert ask(world).asked == 0
    assert world.enrollment(contact).stage == "blocked"


def test_a_new_consent_asks_about_a_new_day(world: World, carrier: Asked) -> None:
    campaign, _ = blocked(world)
    carrier.disconnected[PERSON] = TODAY
    ask(world)
    world.now += timedelta(days=3)
    with world.store.write() as tx:
        given = tx.execute(select(consents)).one()._mapping
        fresh = {**given, "id": given["id"] + 1, "happened_at": world.now, "recorded_at": world.now}
        tx.execute(insert(consents).values(fresh))
    assert world.dispatch(campaign) == 0
    assert ask(world).unchanged == 1
    assert [day for _, day in carrier.asked] == [YESTERDAY, date(2026, 11, 26)]
    assert world.dispatch(campaign) == 1


def test_where_the_database_has_no_data_nobody_is_contacted_and_a_new_edition_is_asked(
    world: World, carrier: Asked
) -> None:
    campaign, _ = blocked(world, known_since=datetime(2020, 6, 2, 12, tzinfo=UTC))
    assert ask(world).no_data == 1
    world.now += timedelta(days=29)
    assert world.dispatch(campaign) == 0
    assert ask(world).asked == 0
    world.now += timedelta(days=1)
    assert ask(world).asked == 1


def test_an_answer_that_grew_too_old_is_asked_for_again(world: World, carrier: Asked) -> None:
    campaign, [contact] = blocked(world)
    ask(world)
    assert world.dispatch(campaign) == 1
    with world.store.write() as tx:
        end_attempt(tx, world.attempts()[0], Outcome.NO_ANSWER, world.now)
    follow_up.run_once(world.store, world.now)
    world.now += timedelta(days=2)
    assert world.dispatch(campaign) == 0
    assert world.enrollment(contact).cure == "reassigned"
    assert ask(world).unchanged == 1
    assert world.dispatch(campaign) == 1
    assert len(carrier.asked) == 2


def test_a_number_that_was_not_answered_is_asked_again_after_half_a_day(world: World, carrier: Asked) -> None:
    _, [contact] = blocked(world)
    carrier.disconnected[PERSON] = CarrierError(carrier_code=60600)
    assert ask(world).unanswered == 1
    world.now += timedelta(hours=11)
    assert ask(world).asked == 0
    world.now += timedelta(hours=1)
    del carrier.disconnected[PERSON]
    assert ask(world).unchanged == 1
    assert world.enrollment(contact).stage == "due"


@pytest.mark.parametrize("error", [CarrierBusyError("too many"), AccountMisconfiguredError("not approved")])
def test_a_carrier_that_cannot_answer_anything_ends_the_run_and_nothing_is_written(
    world: World, carrier: Asked, error: CarrierError
) -> None:
    blocked(world, people=60)
    carrier.disconnected.update(dict.fromkeys(numbers(60), error))
    report = ask(world)
    assert (report.asked, report.stopped) == (0, str(error))
    assert len(carrier.asked) < 60
    assert world.count(table) == 0
    carrier.disconnected.clear()
    assert ask(world).unchanged == 60


@pytest.mark.parametrize("broken", ["begin", "record"])
def test_where_nothing_can_be_written_nothing_is_paid_for_twice(
    world: World, carrier: Asked, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    blocked(world, people=3)
    with monkeypatch.context() as patched:
        patched.setattr(reassigned_answers, broken, _full)
        for _ in range(4):
            with contextlib.suppress(OSError):
                ask(world)
    paid = 3 if broken == "record" else 0
    assert len(carrier.asked) == paid
    world.now += timedelta(hours=12)
    assert ask(world).unchanged == 3


def _full(*_: object) -> None:
    raise OSError("no space left on device")


@pytest.mark.parametrize("error", [AnswerLostError(), DispatchUncertainError(), AttributeError("of a JSON list")])
def test_one_number_whose_answer_always_gets_lost_holds_nobody_up(
    world: World, carrier: Asked, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    blocked(world, people=60)
    sound = Asked.reassigned

    def strange(self: Asked, number: str, last_verified_on: date) -> ReassignedLookup:
        answer = sound(self, number, last_verified_on)
        if number == PERSON:
            raise error
        return answer

    monkeypatch.setattr(Asked, "reassigned", strange)
    report = ask(world)
    assert (report.asked, report.unchanged, report.unanswered, report.stopped) == (60, 59, 1, None)
    assert ask(world).asked == 0
    assert len(carrier.asked) == 60


def test_answers_that_get_lost_in_a_row_end_the_run_and_others_come_first_in_the_next(
    world: World, carrier: Asked
) -> None:
    blocked(world, people=60)
    carrier.disconnected.update(dict.fromkeys(numbers(60), AnswerLostError()))
    report = ask(world)
    assert report.stopped == "5 answers in a row got lost."
    assert 5 <= report.unanswered < 60
    carrier.disconnected.clear()
    assert ask(world).unchanged == 60 - report.unanswered


def test_what_a_clock_a_year_ahead_wrote_is_asked_again(world: World) -> None:
    blocked(world)
    told = Told(
        number_key=world.store.keyring.number_key(PERSON), last_verified_on=YESTERDAY, result=ReassignedResult.YES
    )
    with world.store.write() as tx:
        reassigned_answers.record(tx, [told], NOON + timedelta(days=365))
    assert ask(world).unchanged == 1


def test_a_lookup_that_brought_nothing_leaves_an_earlier_answer(world: World) -> None:
    key = world.store.keyring.number_key(PERSON)
    for day, result in enumerate((ReassignedResult.NO, None)):
        told = Told(number_key=key, last_verified_on=TODAY, result=result, error=None if result else 60600)
        with world.store.write() as tx:
            reassigned_answers.record(tx, [told], NOON + timedelta(days=day))
    with world.store.read() as tx:
        row = tx.execute(select(table)).one()
    assert (row.result, row.checked_at, row.asked_at) == ("no", NOON, NOON + timedelta(days=1))
    assert row.error == 60600


def test_a_run_asks_no_more_than_it_may(world: World) -> None:
    blocked(world, people=5)
    assert [ask(world, limit=3).asked for _ in range(3)] == [3, 2, 0]


def test_nothing_is_spent_on_a_paused_campaign_a_dead_number_or_another_country(world: World, carrier: Asked) -> None:
    campaign = world.a_campaign()
    contact = world.a_contact([PERSON, "+442079460123", OTHER], automated=True)
    world.enrol(campaign, contact)
    world.dispatch(campaign)
    with world.store.write() as tx:
        number_facts.mark_dead(tx, world.store.keyring.number_key(OTHER), "not in service", NOON)
        tx.execute(update(enrollments).values(stage="blocked", cure="reassigned"))
        tx.execute(update(campaigns).values(state=CampaignState.PAUSED))
    assert ask(world).asked == 0
    with world.store.write() as tx:
        tx.execute(update(campaigns).values(state=CampaignState.RUNNING))
    ask(world)
    assert [number for number, _ in carrier.asked] == [PERSON]


def test_a_crash_between_the_answer_and_the_opening_leaves_nobody_behind(world: World, carrier: Asked) -> None:
    _, [contact] = blocked(world)
    told = Told(
        number_key=world.store.keyring.number_key(PERSON), last_verified_on=YESTERDAY, result=ReassignedResult.NO
    )
    world.now += timedelta(seconds=1)
    with world.store.write() as tx:
        reassigned_answers.record(tx, [told], world.now)
    assert ask(world).reopened == 1
    assert (world.enrollment(contact).stage, carrier.asked) == ("due", [])


def test_a_campaign_may_want_an_answer_where_the_law_wants_none(lenient: World, carrier: Asked) -> None:
    campaign, [contact] = blocked(lenient, reassigned_check_days=30)
    assert lenient.enrollment(contact).blocked_by == "campaign.reassigned-check"
    ask(lenient)
    assert lenient.dispatch(campaign) == 1


@pytest.mark.parametrize(("days", "planned"), [(7, 1), (7.01, 0)])
def test_an_answer_counts_for_the_campaign_as_long_as_it_says(lenient: World, days: float, planned: int) -> None:
    campaign, _ = blocked(lenient, reassigned_check_days=7)
    ask(lenient)
    lenient.now += timedelta(days=days)
    assert lenient.dispatch(campaign) == planned


def test_a_campaign_wants_no_answer_about_another_country(lenient: World) -> None:
    campaign = lenient.a_campaign(reassigned_check_days=30)
    lenient.enrol(campaign, lenient.a_contact(["+442079460123"], country="GB", region=None, automated=True))
    assert lenient.dispatch(campaign) == 1


def test_before_a_preview_is_offered_the_answer_is_there(lenient: World, carrier: Asked) -> None:
    campaign = lenient.a_campaign(reassigned_check_days=30)
    contact = lenient.a_contact([PERSON], line_type=LineType.MOBILE)
    lenient.enrol(campaign, contact)
    lenient.an_agent()
    lenient.dispatch(campaign)
    assert (lenient.enrollment(contact).stage, lenient.enrollment(contact).cure) == ("blocked", "reassigned")
