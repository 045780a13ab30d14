"""Faults that were found by trying to break it, each as it was found."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.agent import AgentState
from orchestrator.domain.carrier import CallStatus
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.errors import CarrierError, UserError
from orchestrator.pacing import slots
from orchestrator.persistence import agents, campaigns, cancellations
from orchestrator.persistence import offers as offer_rows
from orchestrator.persistence.tables.agents import agents as agents_table
from orchestrator.persistence.tables.attempts import attempts as attempts_table
from orchestrator.persistence.tables.attempts import cancellations as cancellations_table
from orchestrator.persistence.tables.campaigns import campaigns as campaigns_table
from orchestrator.pipeline import control, follow_up, offers, tick
from tests.world import World, numbers


def test_a_phone_that_rang_and_was_taken_back_counts_in_every_cap(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1)))
    for _ in range(6):
        world.dispatch(campaign)
        with world.store.write() as tx:
            rings = {"ringing_at": world.now, "stage": "ringing"}
            tx.execute(update(attempts_table).where(attempts_table.c.stage == "queued").values(rings))
            live = tx.execute(select(attempts_table.c.id).where(attempts_table.c.stage == "ringing")).scalars().all()
            cancellations.file(tx, live, "paused", world.now)
        control.run_once(world.store, carrier, world.now)
        follow_up.run_once(world.store, world.now)
        world.now += timedelta(hours=1)
    assert len(carrier.orders) == 3


def previewed(world: World) -> int:
    """A mobile without consent, before an agent who has accepted."""
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1), line_type=LineType.MOBILE), lane=Lane.PREVIEW)
    world.an_agent()
    offers.run_once(world.dispatcher, world.campaign(campaign))
    return campaign


def test_an_offer_that_has_timed_out_cannot_be_accepted(world: World) -> None:
    previewed(world)
    with pytest.raises(UserError, match="has timed out"):
        offers.accept(world.store, "kim", world.now + timedelta(hours=3))


def test_an_offer_that_ends_while_the_agent_says_yes_is_not_said_to_be_accepted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    previewed(world)
    with world.store.read() as tx:
        seen = offer_rows.standing(tx, "kim")
    offers.skip(world.store, "kim", "another hand was quicker", world.now)
    monkeypatch.setattr(offer_rows, "standing", lambda *_: seen)
    with pytest.raises(UserError, match="has timed out"):
        offers.accept(world.store, "kim", world.now)


def test_an_accepted_preview_does_not_outlive_a_pause(world: World, carrier: InProcessCarrier) -> None:
    campaign = previewed(world)
    offers.accept(world.store, "kim", world.now)
    world.now += timedelta(hours=3)
    assert offers.time_out(world.store, world.now) == 1
    assert offers.run_once(world.dispatcher, world.campaign(campaign)).dialled == 0
    assert not carrier.orders


def test_a_preview_is_not_dialled_for_an_agent_who_has_gone(world: World, carrier: InProcessCarrier) -> None:
    campaign = previewed(world)
    offers.accept(world.store, "kim", world.now)
    with world.store.write() as tx:
        agents.change(tx, "kim", {AgentState.RESERVED}, AgentState.AWAY, world.now)
    report = offers.run_once(world.dispatcher, world.campaign(campaign))
    assert (report.dialled, report.withdrawn) == (0, 1)
    assert not carrier.orders


def test_a_stale_offer_does_not_free_an_agent_who_is_reserved_for_another_call(world: World) -> None:
    previewed(world)
    world.now += timedelta(minutes=6)
    with world.store.write() as tx:
        agents.change(tx, "kim", {AgentState.RESERVED}, AgentState.READY, world.now)
        world.now += timedelta(seconds=1)
        assert agents.reserve_ready(tx, "sales", 1, world.now) == ["kim"]
    assert offers.time_out(world.store, world.now) == 1
    with world.store.read() as tx:
        assert tx.execute(select(agents_table.c.state)).scalar_one() == AgentState.RESERVED


def test_nothing_leaves_after_its_window_however_long_it_waited_for_a_thread(
    world: World, carrier: InProcessCarrier
) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1)))
    submit = world.placer.submit

    def late(planned):  # type: ignore[no-untyped-def]
        world.now += timedelta(hours=10)
        submit(planned)

    world.placer.submit = late  # type: ignore[method-assign]
    world.dispatch(campaign)
    assert not carrier.orders
    assert [attempt.outcome for attempt in world.attempts()] == ["never_sent"]


def test_a_cancelling_without_effect_is_tried_again(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1)))
    world.dispatch(campaign)
    (attempt,) = world.attempts()
    with world.store.write() as tx:
        cancellations.file(tx, [attempt.id], "stop", world.now)
    carrier.cancel_call = lambda sid: carrier.set_status(sid, CallStatus.IN_PROGRESS)  # type: ignore[method-assign]
    assert control.run_once(world.store, carrier, world.now).taken_back == 0
    with world.store.read() as tx:
        assert tx.execute(select(cancellations_table.c.done_at)).scalar_one() is None


def test_a_pause_does_not_hang_up_on_whoever_has_just_been_joined(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1)))
    world.dispatch(campaign)
    (attempt,) = world.attempts()
    carrier.set_status(attempt.sid, CallStatus.IN_PROGRESS)
    with world.store.write() as tx:
        cancellations.file(tx, [attempt.id], "paused", world.now)
        tx.execute(update(attempts_table).values(stage="connected", connected_at=world.now))
    control.run_once(world.store, carrier, world.now)
    assert carrier.records[attempt.sid].status == CallStatus.IN_PROGRESS


def test_errors_that_are_not_in_a_row_pause_nothing(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, *[world.a_contact([number]) for number in numbers(60)])
    for _ in range(30):
        carrier.refuse_next(CarrierError("odd", carrier_code=99999))
        world.dispatch(campaign, lines=1)
        world.dispatch(campaign, lines=1)
    with world.store.read() as tx:
        assert tx.execute(select(campaigns_table.c.state)).scalar_one() == "running"
        assert campaigns.fetch(tx, campaign).errors <= 1


def test_a_canary_holds_over_all_lanes(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign(sms=True, canary_contacts=3)
    people = [world.a_contact([number]) for number in numbers(5)]
    mobiles = [world.a_contact([n], line_type=LineType.MOBILE, texts=True) for n in numbers(5, start=20)]
    world.enrol(campaign, *people)
    world.enrol(campaign, *mobiles, lane=Lane.SMS)
    stale = world.campaign(campaign)
    for lane in (Lane.PREDICTIVE, Lane.SMS):
        world.dispatcher.run_once(stale, lane, 10)
    world.placer.drain(30)
    assert len(carrier.orders) == 3
    assert tick.run_once(world.dispatcher, world.pacing).planned == 0


def test_a_clock_that_ran_ahead_once_stops_nothing_for_as_long(world: World) -> None:
    _, ahead = slots.take(world.now, world.now + timedelta(days=3), 1.0, 2.0, 1)
    assert slots.take(ahead, world.now, 1.0, 2.0, 1)[0] == 1
