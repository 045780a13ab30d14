"""What the carrier's callbacks did not bring is asked for."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.carrier import CallStatus, MessageStatus
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.errors import CarrierBusyError, CarrierError, DispatchUncertainError
from orchestrator.persistence import agent_legs
from orchestrator.persistence import agents as states
from orchestrator.persistence.tables.agents import agents as agents_table
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline import agents, rescue, settlement
from tests.world import CALLER_ID, World, numbers


@pytest.fixture
def kim(world: World) -> str:
    """An agent who has just signed in."""
    with world.store.write() as tx:
        facts = {"name": "Kim", "queue": "sales", "address": "client:kim", "wrap_up_seconds": 15}
        states.add(tx, world.store.keyring, "kim", **facts, now=world.now)  # type: ignore[arg-type]
        agent_legs.ask(tx, "kim", world.now)
    return "kim"


def serve(world: World, after: timedelta = timedelta(0)) -> agents.AgentsReport:
    world.now += after
    return agents.run_once(world.store, world.carrier, world.now, lambda _: CALLER_ID)


def row(world: World) -> Record:
    with world.store.read() as tx:
        return tx.execute(select(agents_table)).one()


def test_an_agent_whose_callback_was_lost_becomes_ready(world: World, carrier: InProcessCarrier, kim: str) -> None:
    assert serve(world).rung == 1
    (leg,) = carrier.orders
    carrier.set_status(leg, CallStatus.IN_PROGRESS)
    assert serve(world, timedelta(seconds=14)).asked == 0
    assert serve(world, timedelta(seconds=1)).asked == 1
    assert (row(world).state, row(world).leg_sid) == ("ready", leg)


def test_an_agent_whose_leg_ended_unheard_is_away(world: World, carrier: InProcessCarrier, kim: str) -> None:
    serve(world)
    (leg,) = carrier.orders
    carrier.set_status(leg, CallStatus.IN_PROGRESS)
    serve(world, timedelta(seconds=15))
    carrier.set_status(leg, CallStatus.COMPLETED)
    assert serve(world, agents.CHECKED_EVERY - timedelta(seconds=1)).asked == 0
    serve(world, timedelta(seconds=1))
    assert (row(world).state, row(world).leg_sid, row(world).leg_asked_at) == ("away", None, None)
    assert serve(world).rung == 0


@pytest.mark.parametrize(
    ("error", "waits", "rung"),
    [
        (CarrierBusyError(), timedelta(0), 1),
        (DispatchUncertainError(), timedelta(seconds=14), 0),
        (DispatchUncertainError(), timedelta(seconds=15), 1),
        (CarrierError(), timedelta(hours=1), 0),
    ],
)
def test_a_ring_that_failed_is_tried_again_unless_it_was_refused(
    world: World, carrier: InProcessCarrier, kim: str, error: CarrierError, waits: timedelta, rung: int
) -> None:
    carrier.refuse_next(error)
    assert serve(world).rung == 0
    assert serve(world, waits).rung == rung


def test_a_ring_in_doubt_is_not_repeated_once_the_leg_has_named_itself(
    world: World, carrier: InProcessCarrier, kim: str
) -> None:
    carrier.lose_next_answer(DispatchUncertainError())
    serve(world)
    (leg,) = carrier.orders
    with world.store.write() as tx:
        assert agent_legs.leg_up(tx, kim, leg, world.now)
    assert serve(world, timedelta(minutes=1)).rung == 0
    assert row(world).state == "ready"


def a_sent_message(world: World, carrier: InProcessCarrier) -> str:
    campaign = world.a_campaign(voice=False, sms=True)
    world.enrol(campaign, world.a_contact(numbers(1), line_type=LineType.MOBILE, texts=True), lane=Lane.SMS)
    world.dispatch(campaign, Lane.SMS)
    (sid,) = carrier.orders
    with world.store.write() as tx:
        settlement.apply_message_status(tx, world.attempts()[0], MessageStatus.SENT, world.now, None)
    assert [(one.stage, one.outcome) for one in world.attempts()] == [("ended", "sent")]
    return sid


@pytest.mark.parametrize("status", [MessageStatus.DELIVERED, MessageStatus.UNDELIVERED])
def test_whether_a_sent_message_arrived_is_asked(
    world: World, carrier: InProcessCarrier, status: MessageStatus
) -> None:
    sid = a_sent_message(world, carrier)
    carrier.set_status(sid, status)
    rescue.run_once(world.store, carrier, world.now, world.waits)
    assert [(one.outcome, one.rescue_at) for one in world.attempts()] == [(status, None)]


def test_a_network_that_never_says_is_not_asked_for_ever(world: World, carrier: InProcessCarrier) -> None:
    carrier.set_status(a_sent_message(world, carrier), MessageStatus.SENT)
    asked = [rescue.run_once(world.store, carrier, world.now, world.waits).asked for _ in range(10)]
    assert sum(asked) == rescue.LOOKS_FOR_DELIVERY + 1
    assert [(one.outcome, one.rescue_at) for one in world.attempts()] == [("sent", None)]
