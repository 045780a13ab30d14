"""An agent's own dialling goes through the same gate and makes the same attempt."""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import pytest
from sqlalchemy import select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.campaign_file import plan_as_dict
from orchestrator.domain.carrier import CallStatus
from orchestrator.domain.contact_request import LineType, SuppressionKind
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.errors import UserError
from orchestrator.persistence import agents, suppressions
from orchestrator.persistence.tables.agents import offers as offers_table
from orchestrator.persistence.tables.campaigns import campaigns, decisions, enrollments
from orchestrator.pipeline import offers, tick
from orchestrator.pipeline.agent_desk.dialling import dial
from orchestrator.pipeline.agent_desk.disposing import dispose
from orchestrator.pipeline.preview_card import card_for
from tests.integration.desk.floor import DEFAULTS, agent_row, joined, over, wrapped_up
from tests.world import World, a_plan, numbers

FIRST, SECOND = numbers(2)


def a_floor(world: World, **facts: Any) -> int:
    """A running campaign, a person with two numbers on its seller's lists, and Kim, who is ready: the campaign."""
    campaign = world.a_campaign(**facts)
    world.a_contact([FIRST, SECOND], line_type=LineType.MOBILE)
    world.an_agent()
    return campaign


def with_script(world: World, text: str) -> int:
    """A running campaign whose agents have something to say."""
    campaign = world.a_campaign()
    plan = a_plan("Spring", voice=True, sms=False)
    assert plan.voice is not None
    scripted = plan_as_dict(replace(plan, voice=replace(plan.voice, script_text=text)))
    with world.store.write() as tx:
        tx.execute(update(campaigns).where(campaigns.c.id == campaign).values(plan=scripted))
    return campaign


def placed(world: World, campaign: int) -> int:
    """How many the worker's step dials."""
    dialled = offers.run_once(world.dispatcher, world.campaign(campaign)).dialled
    assert world.placer.drain(30)
    return dialled


def test_the_number_that_was_dialled_is_called_for_the_agent_who_dialled_it(
    world: World, carrier: InProcessCarrier
) -> None:
    campaign = a_floor(world)
    dial(world.engine, "kim", SECOND, "Spring", world.now)
    assert agent_row(world).state == "reserved"  # type: ignore[union-attr]
    assert placed(world, campaign) == 1
    [attempt] = world.attempts()
    assert (attempt.mode, attempt.agent_id, attempt.amd) == ("manual", "kim", "off")
    assert [order.to for order in carrier.orders.values()] == [SECOND]  # type: ignore[union-attr]
    with world.store.read() as tx:
        assert tx.execute(select(decisions.c.mode, decisions.c.verdict)).all() == [("manual", "allow")]
    joined(world)
    over(world, attempt.id)
    dispose(world.store, DEFAULTS, "kim", "agreed", world.now)
    wrapped_up(world)
    assert world.enrollment(attempt.contact_id).done_reason == "reached"


def test_outside_of_the_window_the_refusal_says_which_rule_and_nobody_is_reserved(world: World) -> None:
    a_floor(world)
    world.now = datetime(2026, 11, 23, 12, 59, 59, tzinfo=UTC)
    with pytest.raises(UserError, match=r"Not now: .*\[test.hours\]"):
        dial(world.engine, "kim", FIRST, "Spring", world.now)
    assert agent_row(world).state == "ready"  # type: ignore[union-attr]
    assert world.count(enrollments) == 0


def test_a_no_that_comes_before_the_worker_asks_again_is_heeded_and_told(world: World) -> None:
    campaign = a_floor(world)
    dial(world.engine, "kim", FIRST, "Spring", world.now)
    with world.store.write() as tx:
        key = world.store.keyring.number_key(FIRST)
        kind = SuppressionKind.DO_NOT_CALL
        suppressions.add(tx, seller_id="acme", number_key=key, kind=kind, at=world.now, source="letter")
    assert placed(world, campaign) == 0
    assert agent_row(world).state == "ready"  # type: ignore[union-attr]
    with world.store.read() as tx:
        row = tx.execute(select(offers_table)).one()
    assert (row.state, row.mode) == ("withdrawn", "manual")
    with pytest.raises(UserError, match=r"The last one was withdrawn: .*\[test.no-means-no\]"):
        card_for(world.store, world.rulebook, "kim", world.now)
    with pytest.raises(UserError, match=r"\[test.no-means-no\]"):
        dial(world.engine, "kim", SECOND, "Spring", world.now)  # a person who says no means themselves


def test_the_campaigns_own_hours_bind_an_agents_dialling_too(world: World) -> None:
    a_floor(world, hours={day: ((time(13), time(14)),) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")})
    with pytest.raises(UserError, match="own hours are closed"):
        dial(world.engine, "kim", FIRST, "Spring", world.now)


def test_nobody_is_called_of_whom_there_is_no_record(world: World) -> None:
    a_floor(world)
    with pytest.raises(UserError, match="on no list of the seller"):
        dial(world.engine, "kim", "+13155550199", "Spring", world.now)
    with pytest.raises(UserError, match="is no number"):
        dial(world.engine, "kim", "the baker", "Spring", world.now)


def test_only_who_is_ready_and_serves_the_queue_dials(world: World) -> None:
    a_floor(world)
    world.an_agent("lee", queue="other")
    with pytest.raises(UserError, match="serves queue other; the campaign's is sales"):
        dial(world.engine, "lee", FIRST, "Spring", world.now)
    with world.store.write() as tx:
        agents.ask_pause(tx, "kim", world.now)
    with pytest.raises(UserError, match="'kim' is away"):
        dial(world.engine, "kim", FIRST, "Spring", world.now)


def test_two_agents_cannot_dial_one_person(world: World) -> None:
    a_floor(world)
    world.an_agent("lee")
    dial(world.engine, "kim", FIRST, "Spring", world.now)
    with pytest.raises(UserError, match="is being contacted at this moment"):
        dial(world.engine, "lee", SECOND, "Spring", world.now)
    assert agent_row(world, "lee").state == "ready"  # type: ignore[union-attr]


def test_a_person_whom_nobody_answered_for_by_hand_goes_on_by_the_strategy(world: World) -> None:
    campaign = a_floor(world)
    dial(world.engine, "kim", FIRST, "Spring", world.now)
    placed(world, campaign)
    [attempt] = world.attempts()
    over(world, attempt.id, CallStatus.NO_ANSWER)
    wrapped_up(world)
    assert world.enrollment(attempt.contact_id).stage == "due"


def test_what_an_agent_dials_is_placed_though_another_campaign_has_the_queue(world: World) -> None:
    busy = world.a_campaign("Busy", priority=1)
    world.enrol(busy, world.a_contact(numbers(1, start=50)), lane=Lane.PREDICTIVE)
    world.an_agent("lee")
    a_floor(world)
    dial(world.engine, "kim", FIRST, "Spring", world.now)
    tick.run_once(world.dispatcher, world.pacing)
    assert world.placer.drain(30)
    assert "manual" in {attempt.mode for attempt in world.attempts()}


def test_the_card_says_what_is_dialled_why_and_what_to_say(world: World) -> None:
    campaign = with_script(world, "Good day {first_name}, your roof {roof} is due.")
    person = world.a_contact([FIRST, SECOND], line_type=LineType.MOBILE)
    world.enrol(campaign, person, lane=Lane.PREVIEW)
    world.an_agent()
    offers.run_once(world.dispatcher, world.campaign(campaign))
    card = card_for(world.store, world.rulebook, "kim", world.now)
    assert (card["mode"], card["dials"], card["until"]) == ("preview", FIRST, "2026-11-23T17:01:00+00:00")
    assert "without proven consent to automated calls" in card["why"]
    assert card["script"] == "Good day {first_name}, your roof {roof} is due."  # as it stands, not with a hole
    offers.accept(world.store, "kim", world.now)
    placed(world, campaign)
    joined(world)
    on_the_line = card_for(world.store, world.rulebook, "kim", world.now)
    assert (on_the_line["dials"], on_the_line["until"]) == (FIRST, None)
