"""Two workers at once never give one person more than their due."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.attempt import Outcome
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence import enrollments
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.people import number_facts
from orchestrator.pipeline import dispatch, follow_up
from orchestrator.pipeline.claimed_people import people_of
from orchestrator.pipeline.ending import end_attempt
from tests.journeys import invariants
from tests.world import World, numbers

PEOPLE, ROUNDS, CAP = 24, 6, invariants.CAP_MAX


@pytest.fixture
def workers(store: Store, carrier: InProcessCarrier) -> Iterator[Sequence[World]]:
    """Two workers over one store and one carrier."""
    pair = [World(store, carrier), World(store, carrier)]
    for name, world in zip(("first", "second"), pair, strict=True):
        world.engine = replace(world.engine, worker=name)
        world.dispatcher = replace(world.dispatcher, engine=world.engine)
    yield pair
    for world in pair:
        world.close()


@pytest.fixture
def reading_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has read about people waits a moment for the other to have read too, if nothing keeps it from that."""
    together = threading.Barrier(2)

    def read(*asked):  # type: ignore[no-untyped-def]
        people = people_of(*asked)
        with suppress(threading.BrokenBarrierError):
            together.wait(0.2 if people else 0)
        together.reset()
        return people

    monkeypatch.setattr(dispatch, "people_of", read)


def at_once(workers: Sequence[World], work: Sequence[tuple[int, Lane]]) -> None:
    """Both dispatch all campaigns, in opposite order and from the same moment on."""
    start = threading.Barrier(len(workers))

    def dispatch_all(world: World, order: Sequence[tuple[int, Lane]]) -> None:
        start.wait(30)
        for campaign, lane in order:
            world.dispatch(campaign, lane)

    with ThreadPoolExecutor(len(workers)) as pool:
        list(pool.map(dispatch_all, workers, (work, work[::-1])))


def an_hour_passes(workers: Sequence[World]) -> None:
    """Every call ends busy, and all are due again."""
    world = workers[0]
    with world.store.write() as tx:
        for attempt in world.attempts():
            end_attempt(tx, attempt, Outcome.BUSY, world.now)
    while follow_up.run_once(world.store, world.now).more:
        pass
    for each in workers:
        each.now += timedelta(hours=1)


def broken(world: World) -> list[str]:
    """Promises that do not hold."""
    case = invariants.Case(world.store, {})
    promises = (
        invariants.caps_are_held,
        invariants.one_live_attempt_a_number,
        invariants.ordinals_count_up,
        invariants.totals_equal_a_recount,
        invariants.every_attempt_was_allowed,
    )
    return [what for promise in promises for what in promise(case)]


@pytest.mark.usefixtures("reading_together")
def test_two_campaigns_and_two_numbers_of_one_person_share_their_cap(
    workers: Sequence[World], carrier: InProcessCarrier
) -> None:
    world = workers[0]
    calls, texts = world.a_campaign("Calls"), world.a_campaign("Texts", voice=False, sms=True)
    drawn = numbers(2 * PEOPLE)
    people = [world.a_contact(drawn[2 * at : 2 * at + 2], texts=True) for at in range(PEOPLE)]
    mobiles = [world.store.keyring.number_key(number) for number in drawn[1::2]]
    with world.store.write() as tx:
        tx.execute(update(number_facts).where(number_facts.c.number_key.in_(mobiles)).values(line_type="mobile"))
    world.enrol(calls, *people)
    world.enrol(texts, *people, lane=Lane.SMS)
    for _ in range(ROUNDS):
        at_once(workers, [(calls, Lane.PREDICTIVE), (texts, Lane.SMS)])
        an_hour_passes(workers)
    assert broken(world) == []
    assert Counter(attempt.contact_id for attempt in world.attempts()) == dict.fromkeys(people, CAP)
    assert {attempt.channel for attempt in world.attempts()} == {"voice", "sms"}
    assert len(carrier.orders) == PEOPLE * CAP


def test_two_records_of_one_number_share_its_cap(workers: Sequence[World], carrier: InProcessCarrier) -> None:
    world = workers[0]
    campaigns = [world.a_campaign(name) for name in ("Spring", "Summer")]
    for number in numbers(PEOPLE):
        for campaign in campaigns:
            world.enrol(campaign, world.a_contact([number]))
    for _ in range(ROUNDS):
        at_once(workers, [(campaign, Lane.PREDICTIVE) for campaign in campaigns])
        an_hour_passes(workers)
    assert Counter(bytes(attempt.number_key) for attempt in world.attempts()).most_common(1)[0][1] == CAP
    assert len(carrier.orders) == PEOPLE * CAP


def test_a_claim_whose_lease_runs_out_while_it_is_decided_about_is_planned_once(
    workers: Sequence[World], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = workers
    campaign = first.a_campaign()
    person = first.a_contact(numbers(2))
    first.enrol(campaign, person)
    change = enrollments.change
    others: list[threading.Thread] = []

    def after_the_others_rescue(*written):  # type: ignore[no-untyped-def]
        if not others:
            others.append(threading.Thread(target=release))
            others[0].start()
            others[0].join(0.5 if first.store.is_sqlite else 5)  # SQLite's one writer waits until we have committed
        return change(*written)

    def release() -> None:
        with second.store.write() as tx:
            enrollments.release_expired(tx, second.now)

    monkeypatch.setattr(enrollments, "change", after_the_others_rescue)
    first.engine = replace(first.engine, waits=replace(first.engine.waits, lease=0.0))
    first.dispatcher = replace(first.dispatcher, engine=first.engine)
    first.dispatch(campaign)
    others[0].join(30)
    second.dispatch(campaign)
    assert [attempt.ordinal for attempt in first.attempts()] == [1]
    assert (first.enrollment(person).stage, first.enrollment(person).last_ordinal) == ("in_flight", 1)
