"""Answers around what happens at the same time: another answer, a stop, a lost reply of the carrier, a death."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.carrier import MessageOrder, MessageStatus
from orchestrator.domain.errors import DispatchUncertainError, UserError
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts, cancellations, live_attempts
from orchestrator.pipeline import control, conversation_campaign, rescue
from orchestrator.pipeline.planning import Planned
from tests.integration.reception.world import ACME, NOW, open_house
from tests.integration.replies.desk import answer, hear, tell, written_by
from tests.world import World

PEOPLE = ("cli:kim", "cli:lee")


@pytest.fixture
def world(store: Store, law: Rulebook) -> Iterator[World]:
    """Acme under the law as it ships, on each database."""
    open_house(store)
    made = World(store, InProcessCarrier(now=lambda: NOW), now=NOW, rulebook=law)
    yield made
    made.close()


def carrier_of(world: World) -> InProcessCarrier:
    assert isinstance(world.carrier, InProcessCarrier)
    return world.carrier


def a_worker_of_its_own(world: World) -> World:
    """Another process, as far as the database can tell: an engine, threads and a placer of its own."""
    return World(world.store, world.carrier, now=NOW, rulebook=world.rulebook)


def rescued(world: World) -> None:
    """The worker, after every lease, asks and takes back until nothing is left to do."""
    with world.store.write() as tx:
        tx.execute(update(attempts).values(lease_until=NOW - timedelta(days=30)))
    for _ in range(2 + rescue.LOOKS_BEFORE_NEVER):
        rescue.run_once(world.store, world.carrier, world.now, world.waits)
        control.run_once(world.store, world.carrier, world.now)


def dies_with(world: World, patch: pytest.MonkeyPatch, before: Callable[[MessageOrder], object]) -> None:
    """The process dies where it would hand the answer over; ``before`` is what it still did."""

    def submit(planned: Sequence[Planned]) -> None:
        for one in planned:
            assert isinstance(one.order, MessageOrder)
            before(one.order)

    patch.setattr(world.placer, "submit", submit)


@pytest.mark.parametrize("ever_answered", [False, True])
def test_of_two_who_answer_at_once_one_sends_and_the_other_is_told_who_did(world: World, ever_answered: bool) -> None:
    thread = hear(world, "do you work on Sundays?", "SM1")
    if ever_answered:  # the seller's first answer opens its campaign, which alone makes others wait
        with world.store.write() as tx:
            conversation_campaign.running(tx, world.engine, ACME, NOW)
    desks = [world, a_worker_of_its_own(world)]
    together, said = threading.Barrier(2), dict[str, str]()

    def write(desk: World, by: str) -> None:
        together.wait(30)
        try:
            said[by] = answer(desk, thread, by=by)
        except UserError as error:
            said[by] = str(error)

    people = [threading.Thread(target=write, args=pair) for pair in zip(desks, PEOPLE, strict=True)]
    for one in people:
        one.start()
    for one in people:
        one.join(60)
    desks[1].close()
    ((attempt, winner),) = written_by(world.store).items()
    (loser,) = set(PEOPLE) - {winner}
    assert said[winner] == world.attempt(attempt).sid
    assert f"{winner} has answered this already" in said[loser]
    assert len(carrier_of(world).orders) == 1


def test_a_stop_between_the_writing_and_the_sending_is_honoured(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    thread, submit = hear(world, "thanks", "SM1"), world.placer.submit

    def said_in_between(planned: Any) -> None:
        hear(world, "STOP", "SM2")
        submit(planned)

    monkeypatch.setattr(world.placer, "submit", said_in_between)
    with pytest.raises(UserError, match="just said stop"):
        answer(world, thread)
    assert carrier_of(world).orders == {}
    assert [row.outcome for row in world.attempts()] == ["never_sent"]


def test_a_stop_while_the_carrier_takes_it_has_it_taken_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    thread, carrier = hear(world, "thanks", "SM1"), carrier_of(world)
    send = carrier.send_message

    def said_meanwhile(order: MessageOrder) -> Any:
        receipt = send(order)
        hear(world, "STOP", "SM2")
        return receipt

    monkeypatch.setattr(carrier, "send_message", said_meanwhile)
    with pytest.raises(UserError, match="is being taken back"):
        answer(world, thread)
    control.run_once(world.store, carrier, world.now)
    assert [row.outcome for row in world.attempts()] == ["canceled"]
    assert [record.status for record in carrier.records.values()] == [MessageStatus.CANCELED]


def test_an_answer_whose_fate_is_unknown_is_asked_after_and_never_sent_again(world: World) -> None:
    thread, carrier = hear(world, "thanks", "SM1"), carrier_of(world)
    carrier.lose_next_answer(DispatchUncertainError("reset"))
    with pytest.raises(UserError, match="Do not write it again"):
        answer(world, thread)
    with pytest.raises(UserError, match="nobody knows yet"):
        answer(world, thread, again=True)
    rescued(world)
    (row,) = world.attempts()
    assert row.sid == next(iter(carrier.orders))
    assert len(carrier.orders) == 1
    tell(world, row, MessageStatus.DELIVERED)
    assert world.attempt(row.id).outcome == "delivered"


def test_an_answer_of_which_the_carrier_knows_nothing_ends_as_lost_and_was_an_answer(world: World) -> None:
    thread, carrier = hear(world, "thanks", "SM1"), carrier_of(world)
    carrier.refuse_next(DispatchUncertainError("reset"))
    with pytest.raises(UserError, match="Do not write it again"):
        answer(world, thread)
    rescued(world)
    assert [row.stage for row in world.attempts()] == ["in_doubt"]
    world.now += timedelta(hours=5)
    rescued(world)
    assert [row.outcome for row in world.attempts()] == ["lost"]
    assert carrier.orders == {}
    with pytest.raises(UserError, match="has answered this already"):
        answer(world, thread)


def test_who_dies_before_asking_the_carrier_has_sent_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    thread = hear(world, "thanks", "SM1")
    with monkeypatch.context() as patch:
        dies_with(world, patch, lambda _: None)
        with pytest.raises(UserError):
            answer(world, thread)
    with pytest.raises(UserError, match="has answered this already"):
        answer(world, thread)
    rescued(world)
    assert [row.outcome for row in world.attempts()] == ["never_sent"]
    assert world.count(live_attempts) == 0
    assert answer(world, thread)


def test_who_dies_after_asking_is_found_out_and_a_stop_since_then_wins(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread, carrier = hear(world, "thanks", "SM1"), carrier_of(world)
    with monkeypatch.context() as patch:
        dies_with(world, patch, carrier.send_message)
        with pytest.raises(UserError):
            answer(world, thread)
    hear(world, "STOP", "SM2")
    rescued(world)
    assert [row.outcome for row in world.attempts()] == ["canceled"]
    assert [record.status for record in carrier.records.values()] == [MessageStatus.CANCELED]


def test_a_stop_that_neither_side_saw_is_found_by_the_worker(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    thread, carrier = hear(world, "thanks", "SM1"), carrier_of(world)
    with monkeypatch.context() as patch:
        dies_with(world, patch, carrier.send_message)
        with pytest.raises(UserError):
            answer(world, thread)
    hear(world, "STOP", "SM2")
    with world.store.write() as tx:
        tx.execute(cancellations.delete())  # whoever received it died before it looked
    control.run_once(world.store, carrier, world.now)
    with world.store.read() as tx:
        assert tx.execute(select(cancellations.c.reason)).scalars().all() == ["stop"]
