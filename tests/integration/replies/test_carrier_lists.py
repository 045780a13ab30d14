"""Numbers that carriers took back, and our stops told to the carrier's own list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from orchestrator.domain.carrier_lists import ConsentNews
from orchestrator.domain.contact_request import LineType, SuppressionKind
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.errors import AnswerLostError, CarrierBusyError, RecipientOptedOutError
from orchestrator.persistence import consents as ledger
from orchestrator.persistence import dossiers, senders, suppressions
from orchestrator.persistence.tables.conversations import consent_outbox, deactivation_days
from orchestrator.persistence.tables.people import consents, number_facts
from orchestrator.persistence.tables.people import suppressions as suppressions_table
from orchestrator.pipeline import consent_news, deactivations
from orchestrator.pipeline.reception.stops import Stop, suppress
from tests.integration.consents.builders import a_consent
from tests.world import NOON, SENDER, World, numbers

TODAY = NOON.date()
YESTERDAY = TODAY - timedelta(days=1)
ADA, BEN, STRANGER = numbers(3)


@dataclass
class Lists:
    """A carrier's lists in memory; what is in ``failing`` is raised first, and ``refused`` items get an error."""

    days: dict[date, list[str]] = field(default_factory=dict)
    told: list[ConsentNews] = field(default_factory=list)
    failing: list[Exception] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)  # by number

    def deactivated_on(self, day: date) -> Sequence[str]:
        if day not in self.days:
            raise AnswerLostError(carrier_code=20404)
        return self.days[day]

    def tell_consents(self, news: Sequence[ConsentNews]) -> Mapping[str, int]:
        if self.failing:
            raise self.failing.pop()
        self.told += [one for one in news if one.number not in self.refused]
        return {one.correlation_id: self.refused.get(one.number, 0) for one in news}


def test_a_deactivated_number_is_dead_and_what_was_agreed_under_it_is_void(world: World) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact([ADA], texts=True, automated=True))
    world.a_contact([BEN], texts=True)
    lists = Lists({YESTERDAY: [ADA, STRANGER]})
    assert deactivations.run_once(world.store, lambda: lists, world.now) == [
        deactivations.DeactivationReport(YESTERDAY, listed=2, known=1, consents=1)
    ]
    assert deactivations.run_once(world.store, lambda: lists, world.now) == [], "a day is read once"
    again = deactivations.read_day(world.store, lists, YESTERDAY, "cli:kim", world.now)
    assert again.consents == 0
    key = world.store.keyring.number_key(ADA)
    with world.store.write() as tx:
        dead = tx.execute(select(number_facts.c.number_key).where(number_facts.c.dead_at.is_not(None))).scalars().all()
        assert [bytes(one) for one in dead] == [key]
        assert tx.execute(select(deactivation_days.c.by)).scalars().all() == ["cli:kim"]
        (ada,) = dossiers.load(tx, world.store.keyring, [1], world.now)
        assert ada.consents[key]
        assert all(one.withdrawn_at is not None for one in ada.consents[key])


def test_a_yes_after_a_deactivation_is_the_next_owners(world: World) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact([ADA], texts=True))
    late = YESTERDAY - timedelta(days=5)  # the consent is a day old
    assert deactivations.read_day(world.store, Lists({late: [ADA]}), late, "cli:kim", world.now).consents == 0
    with world.store.read() as tx:
        (ada,) = dossiers.load(tx, world.store.keyring, [1], world.now)
    assert [one.withdrawn_at for one in ada.consents[world.store.keyring.number_key(ADA)]] == [None]


def test_what_the_next_owner_agreed_to_is_void_when_they_lose_the_number_too(world: World) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact([ADA], texts=True))  # the consent is a day old
    first, again = YESTERDAY - timedelta(days=40), YESTERDAY
    with world.store.write() as tx:
        older = a_consent("acme", number=ADA, happened_at=world.now - timedelta(days=60))
        ledger.record(tx, world.store.keyring, older, world.now)
    for day in (first, again, again):
        deactivations.read_day(world.store, Lists({day: [ADA]}), day, "cli:kim", world.now)
    with world.store.read() as tx:
        (ada,) = dossiers.load(tx, world.store.keyring, [1], world.now)
        voided = tx.execute(select(func.count()).where(consents.c.event == "invalidated")).scalar_one()
    assert [one.withdrawn_at is None for one in ada.consents[world.store.keyring.number_key(ADA)]] == [False, False]
    assert voided == 2


def test_a_night_that_nobody_worked_is_made_up_for_and_a_day_that_is_late_is_asked_for_again(world: World) -> None:
    world.a_seller()
    lists = Lists({YESTERDAY - timedelta(days=2): [], YESTERDAY: []})
    deactivations.read_day(world.store, lists, YESTERDAY - timedelta(days=2), "cli:kim", world.now)
    assert deactivations.run_once(world.store, lambda: lists, world.now) == [], "the day between is not there yet"
    lists.days[YESTERDAY - timedelta(days=1)] = []
    read = deactivations.run_once(world.store, lambda: lists, world.now)
    assert [report.day for report in read] == [YESTERDAY - timedelta(days=1), YESTERDAY]


def test_a_number_that_the_carrier_refuses_is_stopped_over_every_channel(world: World) -> None:
    campaign = world.a_campaign(voice=False, sms=True)
    person = world.a_contact([ADA], line_type=LineType.MOBILE, texts=True)
    elsewhere = world.a_campaign("Autumn", voice=False, sms=True)
    world.enrol(campaign, person, lane=Lane.SMS)
    world.enrol(elsewhere, person, lane=Lane.SMS)
    world.carrier.refuse_next(RecipientOptedOutError(carrier_code=21610))  # type: ignore[attr-defined]
    world.dispatch(campaign, Lane.SMS)
    with world.store.read() as tx:
        (row,) = suppressions.standing(tx, "acme", world.store.keyring.number_key(ADA))
        source = tx.execute(select(suppressions_table.c.source)).scalar_one()
    assert (row.kind, row.channel, source) == ("stop_reply", "any", "carrier error 21610")
    assert world.dispatch(elsewhere, Lane.SMS) == 0


@pytest.fixture
def two_stops(world: World) -> World:
    world.a_seller()
    world.a_contact([ADA])
    world.a_contact([BEN])
    with world.store.write() as tx:
        senders.register(tx, "acme", SENDER, None, NOON)
        senders.register(tx, "acme", "ACME", None, NOON)
        for number in (ADA, BEN):
            stop(tx, world, number)
    return world


def stop(tx, world: World, number: str) -> None:  # type: ignore[no-untyped-def]
    key = world.store.keyring.number_key(number)
    suppress(tx, Stop(seller_id="acme", number_key=key, kind=SuppressionKind.STOP_REPLY, source="reply"), NOON)


def test_each_stop_is_told_once_to_senders_that_people_can_write_to_and_a_start_after_it(two_stops: World) -> None:
    world, lists = two_stops, Lists()
    assert consent_news.run_once(world.store, lists, NOON) == consent_news.NewsReport(filed=2, told=2)
    assert consent_news.run_once(world.store, lists, NOON) == consent_news.NewsReport()
    assert [(one.number, one.sender, one.status, one.source) for one in lists.told] == [
        (ADA, SENDER, "opt-out", "opt-out-message"),
        (BEN, SENDER, "opt-out", "opt-out-message"),
    ]
    assert len({one.correlation_id for one in lists.told}) == 2
    later = NOON + timedelta(minutes=1)
    with world.store.write() as tx:
        suppressions.reopen_texts(tx, "acme", world.store.keyring.number_key(ADA), later)
    consent_news.run_once(world.store, lists, later)
    assert (lists.told[2].number, lists.told[2].status, lists.told[2].said_at) == (ADA, "opt-in", later)


def test_a_start_that_could_not_be_told_is_not_told_after_a_later_stop(two_stops: World) -> None:
    world, lists = two_stops, Lists()
    consent_news.run_once(world.store, lists, NOON)
    with world.store.write() as tx:
        suppressions.reopen_texts(tx, "acme", world.store.keyring.number_key(ADA), NOON + timedelta(minutes=1))
    lists.failing.append(CarrierBusyError(carrier_code=20429))
    consent_news.run_once(world.store, lists, NOON + timedelta(minutes=1))
    with world.store.write() as tx:
        stop(tx, world, ADA)
    for _ in range(2):
        consent_news.run_once(world.store, lists, NOON + timedelta(minutes=2))
        make_due(world)
    assert [one.status for one in lists.told if one.number == ADA] == ["opt-out", "opt-out"]


def test_what_failed_is_told_again_and_an_item_that_is_refused_keeps_its_error(two_stops: World) -> None:
    world, lists = two_stops, Lists(failing=[CarrierBusyError(carrier_code=20429)], refused={BEN: 30646})
    assert consent_news.run_once(world.store, lists, NOON).told == 0
    assert consent_news.run_once(world.store, lists, NOON).refused == 0, "not before its time"
    make_due(world)
    assert consent_news.run_once(world.store, lists, NOON).told == 1
    for _ in range(consent_news.MOST_TRIES):
        make_due(world)
        consent_news.run_once(world.store, lists, NOON)
    with world.store.read() as tx:
        rows = tx.execute(select(consent_outbox).order_by(consent_outbox.c.id)).all()
    assert [(row.due_at, row.told_at, row.error_code) for row in rows] == [(None, NOON, None), (None, None, 30646)]
    assert [one.number for one in lists.told] == [ADA]


def make_due(world: World) -> None:
    with world.store.write() as tx:
        past = datetime(2020, 1, 1, tzinfo=UTC)
        tx.execute(update(consent_outbox).where(consent_outbox.c.due_at.is_not(None)).values(due_at=past))
