"""Pause, halt, canary, previews and agents: what a person says takes hold at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.agent import AgentState
from orchestrator.domain.attempt import Outcome
from orchestrator.domain.carrier import CallStatus
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.enrollment import Lane, OfferState
from orchestrator.domain.errors import CarrierUnreachableError, UserError
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.persistence import agent_legs, agents, campaigns, cancellations
from orchestrator.persistence.tables.agents import agents as agents_table
from orchestrator.persistence.tables.agents import offers as offers_table
from orchestrator.pipeline import agents as agent_steps
from orchestrator.pipeline import campaigns as lives
from orchestrator.pipeline import control, follow_up, halts, offers, settlement, tick
from orchestrator.pipeline.ending import end_attempt
from orchestrator.pipeline.offer_ends import SKIPPED_FOR
from tests.world import World, numbers


def test_a_pause_takes_back_what_is_queued_and_resuming_contacts_nobody_twice(
    world: World, carrier: InProcessCarrier
) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, *[world.a_contact([number]) for number in numbers(3)])
    world.dispatch(campaign)
    with world.store.read() as tx:
        stored = campaigns.fetch(tx, campaign)
    assert lives.pause(world.store, stored, world.now, "lunch") == 3
    control.run_once(world.store, carrier, world.now)
    assert {record.status for record in carrier.records.values()} == {"canceled"}
    assert world.dispatch(campaign) == 0
    follow_up.run_once(world.store, world.now)
    with world.store.read() as tx:
        paused = campaigns.fetch(tx, campaign)
    lives.resume(world.store, paused, world.now, lives.Scrubber(world.engine.shelf(), "tests"))
    world.now += timedelta(minutes=5)
    assert world.dispatch(campaign) == 3
    rung = [record.to for record in carrier.records.values() if record.status != "canceled"]
    assert sorted(rung) == numbers(3)


def test_a_cancellation_is_tried_until_the_carrier_confirms(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1)))
    world.dispatch(campaign)
    (attempt,) = world.attempts()
    with world.store.write() as tx:
        cancellations.file(tx, [attempt.id], "paused", world.now)
    cancel = carrier.cancel_call

    def unreachable(sid: str):  # type: ignore[no-untyped-def]
        raise CarrierUnreachableError

    carrier.cancel_call = unreachable  # type: ignore[method-assign]
    assert control.run_once(world.store, carrier, world.now).taken_back == 0
    carrier.cancel_call = cancel  # type: ignore[method-assign]
    with world.store.write() as tx:
        tx.exec_driver_sql("UPDATE cancellations SET due_at = '2026-01-01 00:00:00.000000'")
    assert control.run_once(world.store, carrier, world.now).taken_back == 1
    assert world.attempts()[0].outcome == "canceled"


@pytest.mark.parametrize(("scope", "value"), [("all", ""), ("seller", "acme"), ("campaign", "1")])
def test_a_halt_stops_at_once_and_takes_back_what_is_queued(
    world: World, carrier: InProcessCarrier, scope: str, value: str
) -> None:
    campaign = world.a_campaign()
    first, second = world.a_contact(numbers(1)), world.a_contact(numbers(2)[1:])
    world.enrol(campaign, first)
    world.dispatch(campaign)
    with world.store.write() as tx:
        halts.declare(tx, halts.Halt(scope, value, None, "kim"), world.now)
    world.enrol(campaign, second)
    assert world.dispatch(campaign) == 0
    control.run_once(world.store, carrier, world.now)
    assert [attempt.outcome for attempt in world.attempts()] == ["canceled"]
    halts.lift(world.store, scope, value, world.now)
    assert world.dispatch(campaign) == 1


def test_a_halted_jurisdiction_is_held_and_others_go_on(world: World) -> None:
    campaign = world.a_campaign()
    new_york, texas = world.a_contact(numbers(1)), world.a_contact(["+12145550100"], region="TX")
    world.enrol(campaign, new_york, texas)
    with world.store.write() as tx:
        halts.declare(tx, halts.Halt("jurisdiction", "US-TX", world.now + timedelta(hours=2), "kim"), world.now)
    assert world.dispatch(campaign) == 1
    held = world.enrollment(texas)
    assert (held.stage, held.held_by, held.next_eligible_at) == ("due", "halt", world.now + timedelta(hours=2))


def test_a_canary_pauses_the_campaign_after_its_contacts(world: World) -> None:
    campaign = world.a_campaign(canary_contacts=2)
    world.enrol(campaign, *[world.a_contact([number]) for number in numbers(5)])
    assert world.dispatch(campaign) == 2
    assert world.dispatch(campaign) == 0
    assert world.campaign(campaign).state == "paused"


def preview(world: World) -> tuple[int, int]:
    """A campaign, one mobile without consent, one agent."""
    campaign = world.a_campaign()
    person = world.a_contact(numbers(1), line_type=LineType.MOBILE)
    world.enrol(campaign, person, lane=Lane.PREVIEW)
    world.an_agent()
    return campaign, person


def test_a_preview_is_no_attempt_until_the_agent_accepts(world: World, carrier: InProcessCarrier) -> None:
    campaign, person = preview(world)
    assert offers.run_once(world.dispatcher, world.campaign(campaign)).offered == 1
    assert not world.attempts()
    assert world.enrollment(person).stage == "offered"
    offers.accept(world.store, "kim", world.now)
    assert offers.run_once(world.dispatcher, world.campaign(campaign)).dialled == 1
    world.placer.drain(30)
    (attempt,) = world.attempts()
    assert (attempt.mode, attempt.agent_id, attempt.stage) == ("preview", "kim", "queued")
    assert offers.run_once(world.dispatcher, world.campaign(campaign)).dialled == 0
    assert len(carrier.orders) == 1


def test_between_offer_and_accept_the_gate_may_change_its_mind(world: World, carrier: InProcessCarrier) -> None:
    campaign, person = preview(world)
    offers.run_once(world.dispatcher, world.campaign(campaign))
    offers.accept(world.store, "kim", world.now)
    world.now += timedelta(hours=12)  # midnight in New York
    report = offers.run_once(world.dispatcher, world.campaign(campaign))
    assert (report.dialled, report.withdrawn) == (0, 1)
    assert not carrier.orders
    assert world.enrollment(person).held_by == "test.hours"
    assert agent_state(world) == AgentState.READY


def agent_state(world: World) -> str:
    """What Kim is doing."""
    with world.store.read() as tx:
        return str(tx.execute(select(agents_table.c.state)).scalar_one())


def test_a_skipped_preview_comes_back_later_and_the_agent_is_ready(world: World) -> None:
    campaign, person = preview(world)
    offers.run_once(world.dispatcher, world.campaign(campaign))
    offers.skip(world.store, "kim", "not today", world.now)
    assert agent_state(world) == AgentState.READY
    assert world.enrollment(person).next_eligible_at == world.now + SKIPPED_FOR


def test_a_preview_that_nobody_answers_times_out_and_frees_the_agent(world: World) -> None:
    campaign, person = preview(world)
    offers.run_once(world.dispatcher, world.campaign(campaign))
    world.now += timedelta(seconds=60)
    report = offers.run_once(world.dispatcher, world.campaign(campaign))
    assert report.timed_out == 1
    with world.store.read() as tx:
        assert tx.execute(select(offers_table.c.state)).scalars().first() == OfferState.TIMED_OUT
    assert world.enrollment(person).stage == "due"


def test_accepting_what_is_not_there_is_one_clear_sentence(world: World) -> None:
    preview(world)
    with pytest.raises(UserError, match="Nothing lies before agent 'kim'"):
        offers.accept(world.store, "kim", world.now)


def test_no_two_agents_get_the_same_person(world: World) -> None:
    campaign, _ = preview(world)
    world.an_agent("lee")
    assert offers.run_once(world.dispatcher, world.campaign(campaign)).offered == 1
    assert offers.run_once(world.dispatcher, world.campaign(campaign)).offered == 0


def test_an_agent_is_rung_once_ready_when_up_and_away_when_the_call_ends(
    world: World, carrier: InProcessCarrier
) -> None:
    with world.store.write() as tx:
        facts = {"name": "Kim", "queue": "sales", "address": "client:kim", "wrap_up_seconds": 15}
        agents.add(tx, world.store.keyring, "kim", **facts, now=world.now)  # type: ignore[arg-type]
        agent_legs.ask(tx, "kim", world.now)
    for _ in range(2):
        agent_steps.run_once(world.store, carrier, world.now, lambda _queue: "+12125550100")
    (sid,) = carrier.orders
    assert agent_state(world) == AgentState.AWAY
    settle_leg(world, sid, CallStatus.IN_PROGRESS)
    assert agent_state(world) == AgentState.READY
    settle_leg(world, sid, CallStatus.COMPLETED)
    assert agent_state(world) == AgentState.AWAY


def settle_leg(world: World, sid: str, status: CallStatus) -> None:
    """News of the agent's own call."""
    event = CarrierEvent(
        kind=EventKind.AGENT_STATUS,
        key=f"{sid}:{status}",
        sid=sid,
        to="client:kim",
        from_="",
        agent_id="kim",
        call_status=status,
    )
    with world.store.write() as tx:
        settlement.apply(tx, event, world.now)


def test_an_agent_reserved_for_a_call_that_ended_is_ready_again(world: World) -> None:
    campaign, _ = preview(world)
    offers.run_once(world.dispatcher, world.campaign(campaign))
    offers.accept(world.store, "kim", world.now)
    offers.run_once(world.dispatcher, world.campaign(campaign))
    world.placer.drain(30)
    (attempt,) = world.attempts()
    with world.store.write() as tx:
        assert end_attempt(tx, attempt, Outcome.NO_ANSWER, world.now)
        assert not end_attempt(tx, attempt, Outcome.BUSY, world.now)
    assert agent_state(world) == AgentState.READY


def test_a_tick_serves_every_lane_of_every_campaign(world: World, carrier: InProcessCarrier) -> None:
    voice, texts = world.a_campaign("Voice"), world.a_campaign("Texts", voice=False, sms=True)
    world.an_agent()
    world.enrol(voice, world.a_contact(numbers(1)))
    mobile = world.a_contact(numbers(2)[1:], line_type=LineType.MOBILE, texts=True)
    world.enrol(texts, mobile, lane=Lane.SMS)
    assert tick.run_once(world.dispatcher, world.pacing).planned == 2
    world.placer.drain(30)
    assert len(carrier.orders) == 2
