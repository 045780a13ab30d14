"""A callback is promised in the person's time and kept by whom it was promised of, or by anyone after a while."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from orchestrator.domain.agent import AgentState
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.carrier import CallStatus
from orchestrator.domain.errors import UserError
from orchestrator.persistence import agents, campaigns, task_workers
from orchestrator.persistence.tables.agents import agents as agents_table
from orchestrator.persistence.tables.agents import offers as offers_table
from orchestrator.persistence.tables.desk import callbacks
from orchestrator.pipeline import control, offers
from orchestrator.pipeline.agent_desk.disposing import dispose
from orchestrator.pipeline.agent_desk.promising import Promise, Wish, promise
from tests.integration.desk.floor import DEFAULTS, over, talking, words, wrapped_up
from tests.world import World, numbers

THREE = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)  # 15:00 in New York
MINUTE = timedelta(minutes=1)


def promised(world: World, at: str = "15:00", **wish: object) -> tuple[int, UUID, Promise]:
    """Kim has talked with somebody who wants to be called back: campaign, attempt, promise."""
    campaign = world.a_campaign()
    attempt_id = talking(world, campaign=campaign)
    over(world, attempt_id)
    made = promise(world.engine, DEFAULTS, "kim", Wish(at=at, **wish), world.now)  # type: ignore[arg-type]
    wrapped_up(world)
    with world.store.write() as tx:
        agents.finish_wrap_up(tx, world.now)
    return campaign, attempt_id, made


def offered(world: World, campaign: int) -> str | None:
    """Before whom a run of the worker's step lays somebody."""
    offers.run_once(world.dispatcher, world.campaign(campaign))
    with world.store.read() as tx:
        return tx.execute(select(offers_table.c.agent_id).where(offers_table.c.state == "offered")).scalar()


def state(world: World) -> str:
    with world.store.read() as tx:
        return str(tx.execute(select(callbacks.c.state)).scalar_one())


def test_it_is_due_at_the_persons_own_time_and_not_a_second_before(world: World) -> None:
    campaign, attempt_id, made = promised(world)
    assert (made.due_at, made.time_zone, made.warning) == (THREE, "America/New_York", None)
    assert words(world) == [("callback", "kim", False)]
    waits = world.enrollment(world.attempt(attempt_id).contact_id)
    assert (waits.stage, waits.lane, waits.next_eligible_at, waits.held_by) == ("due", "callback", THREE, "callback")
    world.now = THREE - timedelta(seconds=1)
    assert offered(world, campaign) is None
    world.now = THREE
    assert offered(world, campaign) == "kim"


def test_accepting_asks_the_gate_again_and_places_the_call_in_preview(world: World) -> None:
    campaign, _, _ = promised(world)
    world.now = THREE
    offered(world, campaign)
    offers.accept(world.store, "kim", world.now)
    assert offers.run_once(world.dispatcher, world.campaign(campaign)).dialled == 1
    world.placer.drain(30)
    called_back = world.attempts()[-1]
    assert (called_back.mode, called_back.agent_id, called_back.ordinal) == ("preview", "kim", 2)
    assert state(world) == "dialled"


def test_after_a_callback_that_nobody_answered_the_cadence_goes_on(world: World) -> None:
    campaign, _, _ = promised(world)
    world.now = THREE
    offered(world, campaign)
    offers.accept(world.store, "kim", world.now)
    offers.run_once(world.dispatcher, world.campaign(campaign))
    world.placer.drain(30)
    attempt = world.attempts()[-1]
    over(world, attempt.id, CallStatus.NO_ANSWER)
    wrapped_up(world)
    later = world.enrollment(attempt.contact_id)
    assert (later.stage, later.lane) == ("due", "preview")


def test_an_own_callback_waits_for_its_agent_and_then_for_anyone(world: World) -> None:
    campaign, _, made = promised(world, own=True, waits=10 * MINUTE)
    assert (made.for_agent, made.anyone_from) == ("kim", THREE + 10 * MINUTE)
    world.an_agent("lee")
    with world.store.write() as tx:
        agents.ask_pause(tx, "kim", world.now)
    world.now = THREE + 10 * MINUTE - timedelta(seconds=1)
    assert offered(world, campaign) is None
    world.now = THREE + 10 * MINUTE
    assert offered(world, campaign) == "lee"


@pytest.mark.parametrize("news", [False, True])
def test_a_callback_is_laid_before_a_worker_of_the_task_router_who_was_read(world: World, news: bool) -> None:
    campaign, _, _ = promised(world)
    worker = "WK" + "a" * 32
    with world.store.write() as tx:
        agents.ask_pause(tx, "kim", world.now)
        facts = {"name": "Ann", "queue": "sales", "address": "client:ann", "wrap_up_seconds": 15}
        agents.add(tx, world.store.keyring, "ann", **facts, now=world.now)  # type: ignore[arg-type]
        task_workers.link(tx, "ann", worker, world.now)
        row = task_workers.of_agent(tx, "ann")
        assert row is not None
        task_workers.read(tx, row, available=True, free_capacity=1, now=world.now)
        assert task_workers.follow(tx, "ann", world.now) is AgentState.READY
        assert not news or task_workers.heard_of(tx, worker, world.now)
    world.now = THREE
    assert offered(world, campaign) == (None if news else "ann")


def test_an_own_callback_goes_to_its_agent_though_others_have_been_ready_longer(world: World) -> None:
    world.an_agent("ann")
    campaign = world.a_campaign()
    with world.store.write() as tx:
        agents.ask_pause(tx, "ann", world.now)
    attempt_id = talking(world, campaign=campaign)
    over(world, attempt_id)
    promise(world.engine, DEFAULTS, "kim", Wish(at="15:00", own=True), world.now)
    with world.store.write() as tx:
        agents.ready(tx, "ann", world.now)
    wrapped_up(world)
    with world.store.write() as tx:
        agents.finish_wrap_up(tx, world.now)
    world.now = THREE
    assert offered(world, campaign) == "kim"


def test_an_agent_who_serves_another_queue_now_is_not_given_the_callback(world: World) -> None:
    campaign, _, _ = promised(world, own=True)
    with world.store.write() as tx:
        tx.execute(update(agents_table).values(queue="other"))
    world.now = THREE
    assert offered(world, campaign) is None


@pytest.mark.parametrize(("at", "warned"), [("20:59", False), ("21:00", True), ("7:59", True), ("8:00", False)])
def test_an_hour_outside_of_the_window_is_said_at_once(world: World, at: str, warned: bool) -> None:
    _, _, made = promised(world, at=at)
    assert (made.warning is not None) == warned
    if made.warning is not None:
        assert "test.hours" in made.warning
        assert "waits until Tue 2026-11-24 08:00" in made.warning


def test_a_callback_that_was_promised_for_the_night_waits_for_the_morning(world: World) -> None:
    campaign, attempt_id, made = promised(world, at="21:00")
    world.now = made.due_at
    assert offered(world, campaign) is None
    held = world.enrollment(world.attempt(attempt_id).contact_id)
    assert held.next_eligible_at == datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
    world.now = held.next_eligible_at
    assert offered(world, campaign) == "kim"


def test_who_may_be_in_several_zones_is_asked_where_they_are(world: World) -> None:
    attempt_id = talking(world, "+18505550123", region="FL")
    over(world, attempt_id)
    with pytest.raises(UserError, match=r"may be in .* or .*--zone"):
        promise(world.engine, DEFAULTS, "kim", Wish(at="15:00"), world.now)
    made = promise(world.engine, DEFAULTS, "kim", Wish(at="15:00", time_zone="America/Chicago"), world.now)
    assert made.due_at == datetime(2026, 11, 23, 21, 0, tzinfo=UTC)


def test_another_word_withdraws_the_promise(world: World) -> None:
    attempt_id = talking(world)
    over(world, attempt_id)
    with pytest.raises(UserError, match="Say when they are to be called back"):
        dispose(world.store, DEFAULTS, "kim", "callback", world.now)
    promise(world.engine, DEFAULTS, "kim", Wish(at="15:00"), world.now)
    dispose(world.store, DEFAULTS, "kim", "agreed", world.now)
    wrapped_up(world)
    assert state(world) == "withdrawn"
    assert world.enrollment(world.attempt(attempt_id).contact_id).done_reason == "reached"


def test_of_two_promises_to_one_person_the_last_holds(world: World) -> None:
    attempt_id = talking(world)
    over(world, attempt_id)
    promise(world.engine, DEFAULTS, "kim", Wish(at="15:00"), world.now)
    promise(world.engine, DEFAULTS, "kim", Wish(at="16:00"), world.now)
    wrapped_up(world)
    held = world.enrollment(world.attempt(attempt_id).contact_id)
    assert held.next_eligible_at == THREE + 60 * MINUTE


def test_a_campaign_is_not_completed_while_a_promise_waits(world: World) -> None:
    campaign, _, _ = promised(world)
    control.run_once(world.store, world.carrier, world.now)
    with world.store.read() as tx:
        assert campaigns.fetch(tx, campaign).state is CampaignState.RUNNING


def test_no_moment_is_promised_after_the_campaigns_end(world: World) -> None:
    campaign = world.a_campaign(ends_at=THREE)
    attempt_id = talking(world, numbers(1)[0], campaign=campaign)
    over(world, attempt_id)
    promise(world.engine, DEFAULTS, "kim", Wish(at="14:59"), world.now)
    with pytest.raises(UserError, match="The campaign ends at 2026-11-23 20:00 UTC"):
        promise(world.engine, DEFAULTS, "kim", Wish(at="15:00"), world.now)
