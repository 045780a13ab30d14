"""Somebody calls one of our caller ids."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.agent import AgentState
from orchestrator.domain.carrier import CallStatus, CarrierRecord
from orchestrator.domain.errors import AccountMisconfiguredError, CarrierBusyError, CarrierError
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.pipeline.agent_desk.refusing import do_not_call
from orchestrator.pipeline.reception.inbound_calls import caller_left, greet, run_once
from orchestrator.pipeline.reception.keypresses import key_in_their_call
from orchestrator.pipeline.reception.plans import Goodbye, Greet, HangUp, Join
from tests.integration.reception.world import ACME, CALLER_ID, NOW, PERSON, a_ready_agent, agent_row, an_event, stops
from tests.unit.carrier.orders import a_call


def theirs(kind: EventKind, **others: Any) -> CarrierEvent:
    return an_event(kind, to=others.pop("to", CALLER_ID), from_=PERSON, **others)


def contact(store: Store) -> Any:
    with store.read() as tx:
        return tx.execute(select(inbound_contacts)).one()


def test_the_caller_hears_whose_number_this_is_and_is_remembered(house: Store) -> None:
    plan = greet(house, theirs(EventKind.INBOUND_CALL), NOW)
    assert isinstance(plan, Greet)
    assert "Acme Roofing" in plan.text
    assert "Press 9" in plan.text
    row = contact(house)
    assert (row.seller_id, bytes(row.number_key), row.channel) == (ACME, house.keyring.number_key(PERSON), "voice")


def test_a_number_that_nobody_owns_says_goodbye_politely(house: Store) -> None:
    plan = greet(house, theirs(EventKind.INBOUND_CALL, to="+13055550199"), NOW)
    assert isinstance(plan, Goodbye)
    assert "Acme" not in plan.text


def test_who_stays_on_the_line_gets_an_agent_once_and_leaves_them_to_wrap_up(house: Store) -> None:
    a_ready_agent(house, "ada")
    a_ready_agent(house, "bob")
    greet(house, theirs(EventKind.INBOUND_CALL), NOW)
    waited = theirs(EventKind.KEYPRESS)
    assert [key_in_their_call(house, waited, NOW) for _ in range(2)] == [Join("agent-ada")] * 2
    assert agent_row(house, "ada").state == AgentState.TALKING
    assert agent_row(house, "bob").state == AgentState.READY
    caller_left(house, theirs(EventKind.CALL_STATUS, call_status=CallStatus.COMPLETED), NOW)
    assert agent_row(house, "ada").state == AgentState.WRAPPING
    assert contact(house).ended_at == NOW
    assert isinstance(key_in_their_call(house, waited, NOW), HangUp)


@pytest.mark.parametrize(
    ("status", "seconds", "expected"),
    [
        (CallStatus.COMPLETED, 60, AgentState.WRAPPING),
        (CallStatus.COMPLETED, 59, AgentState.TALKING),
        (CallStatus.IN_PROGRESS, 600, AgentState.TALKING),
        (None, 60, AgentState.WRAPPING),
    ],
)
def test_a_call_whose_end_was_never_heard_is_asked_about(
    house: Store, status: CallStatus | None, seconds: int, expected: AgentState
) -> None:
    carrier = InProcessCarrier(now=lambda: NOW)
    if status is not None:
        carrier.place_call(a_call())
        sid = next(iter(carrier.records))
        carrier.set_status(sid, status)
    else:
        sid = "CA-of-nobody"
    a_ready_agent(house, "ada")
    greet(house, theirs(EventKind.INBOUND_CALL, sid=sid), NOW)
    key_in_their_call(house, theirs(EventKind.KEYPRESS, sid=sid), NOW)
    run_once(house, carrier, NOW + timedelta(seconds=seconds))
    assert agent_row(house, "ada").state == expected


@pytest.mark.parametrize("error", [CarrierBusyError, AccountMisconfiguredError])
def test_a_carrier_that_says_nothing_of_the_call_is_asked_again_later(house: Store, error: type[CarrierError]) -> None:
    class BusyCarrier(InProcessCarrier):
        def fetch_call(self, sid: str) -> CarrierRecord:
            raise error(f"ask for {sid} later")

    a_ready_agent(house, "ada")
    greet(house, theirs(EventKind.INBOUND_CALL), NOW)
    key_in_their_call(house, theirs(EventKind.KEYPRESS), NOW)
    assert run_once(house, BusyCarrier(now=lambda: NOW), NOW + timedelta(hours=1)) == 0
    assert agent_row(house, "ada").state == AgentState.TALKING


def test_news_of_a_call_that_goes_on_frees_nobody(house: Store) -> None:
    a_ready_agent(house, "ada")
    greet(house, theirs(EventKind.INBOUND_CALL), NOW)
    key_in_their_call(house, theirs(EventKind.KEYPRESS), NOW)
    caller_left(house, theirs(EventKind.CALL_STATUS, call_status=CallStatus.IN_PROGRESS), NOW)
    assert agent_row(house, "ada").state == AgentState.TALKING


def test_where_nobody_is_free_the_caller_hears_how_to_reach_the_seller(house: Store) -> None:
    greet(house, theirs(EventKind.INBOUND_CALL), NOW)
    plan = key_in_their_call(house, theirs(EventKind.KEYPRESS), NOW)
    assert plan == Goodbye("Nobody is free at the moment. You can reach Acme Roofing at +12125550100. Goodbye.")


def test_a_call_delivered_twice_is_one_contact(house: Store) -> None:
    for _ in range(2):
        assert isinstance(greet(house, theirs(EventKind.INBOUND_CALL), NOW), Greet)
    assert contact(house).sid == "CA1"


def test_who_calls_us_and_says_no_to_the_agent_is_suppressed_and_the_call_ended(house: Store) -> None:
    a_ready_agent(house, "ada")
    carrier = InProcessCarrier(now=lambda: NOW)
    sid = carrier.place_call(a_call()).sid
    carrier.set_status(sid, CallStatus.IN_PROGRESS)
    greet(house, theirs(EventKind.INBOUND_CALL, sid=sid), NOW)
    key_in_their_call(house, theirs(EventKind.KEYPRESS, sid=sid), NOW)
    do_not_call(house, {}, lambda: carrier, "ada", NOW)
    assert stops(house) == [(ACME, "do_not_call", "any", True)]
    assert carrier.fetch_call(sid).status == CallStatus.COMPLETED
