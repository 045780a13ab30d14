"""However previews, progressive calls, dialling by hand and answers race, no agent is rung for two people."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select, update

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.campaign_file import plan_as_dict
from orchestrator.domain.contact_request import LineType, Mode
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.errors import UserError
from orchestrator.domain.events import EventKind
from orchestrator.persistence import agents
from orchestrator.persistence import attempts as attempts_store
from orchestrator.persistence.tables.agents import offers as offers_table
from orchestrator.persistence.tables.attempts import IS_LIVE, attempts
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.pipeline import offers
from orchestrator.pipeline.agent_desk.dialling import dial
from orchestrator.pipeline.ending import end_attempt
from orchestrator.pipeline.reception import answering
from tests.integration.desk.floor import an_event
from tests.world import World, a_plan, numbers

AGENTS = [f"agent{number}" for number in range(4)]
THREADS, STEPS = 4, 20
BY_HAND = numbers(8, start=60)
Step = Callable[[random.Random], object]


@pytest.mark.parametrize("seed", range(3))
def test_no_agent_is_bound_to_two_people(world: World, seed: int) -> None:
    steps = _floor(world)
    together = Barrier(THREADS)

    def work(number: int) -> list[str]:
        chance = random.Random(f"{seed}:{number}")
        together.wait()
        found: list[str] = []
        for _ in range(STEPS):
            with suppress(UserError):  # somebody else was first
                chance.choice(steps)(chance)
            found += _bound_twice(world)
        return found

    with ThreadPoolExecutor(THREADS) as pool:
        assert [one for found in pool.map(work, range(THREADS)) for one in found] == []
    assert world.placer.drain(30)
    assert len(world.attempts()) >= 2, "the race was none: hardly anybody was called"
    assert all(attempt.agent_id for attempt in world.attempts()), "a call was placed without an agent for it"
    assert world.count(offers_table) >= 1, "the race was none: nobody was offered"


def _floor(world: World) -> list[Step]:
    """Two campaigns on one queue, agents who are ready, and everything that may happen to them."""
    looked_at, dialled = world.a_campaign("Looked at"), world.a_campaign("Dialled")
    mobiles = [world.a_contact([number], line_type=LineType.MOBILE) for number in numbers(20)]
    world.enrol(looked_at, *mobiles, lane=Lane.PREVIEW)
    _dial_mobiles_progressively(world, dialled)
    others = [world.a_contact([number], line_type=LineType.MOBILE) for number in numbers(20, start=30)]
    world.enrol(dialled, *others, lane=Lane.PROGRESSIVE)
    for number in BY_HAND:
        world.a_contact([number])
    for agent in AGENTS:
        world.an_agent(agent)
    preview, progressive = world.campaign(looked_at), world.campaign(dialled)
    return [
        lambda _: offers.run_once(world.dispatcher, preview, 2),
        lambda _: offers.run_once(world.dispatcher, preview, 2),
        lambda _: world.dispatcher.run_once(progressive, Lane.PROGRESSIVE, 2),
        lambda chance: offers.accept(world.store, chance.choice(AGENTS), world.now),
        lambda chance: offers.accept(world.store, chance.choice(AGENTS), world.now),
        lambda chance: offers.skip(world.store, chance.choice(AGENTS), "not now", world.now),
        lambda chance: dial(world.engine, chance.choice(AGENTS), chance.choice(BY_HAND), "Dialled", world.now),
        lambda chance: _pick_up(world, chance),
        lambda chance: _end(world, chance),
        lambda chance: _pause_or_return(world, chance),
    ]


def _dial_mobiles_progressively(world: World, campaign: int) -> None:
    plan = a_plan("Dialled", voice=True, sms=False)
    assert plan.voice is not None
    changed = replace(plan, voice=replace(plan.voice, mobile_without_consent=Mode.PROGRESSIVE))
    with world.store.write() as tx:
        tx.execute(update(campaigns).where(campaigns.c.id == campaign).values(plan=plan_as_dict(changed)))


def _pick_up(world: World, chance: random.Random) -> None:
    live = [attempt for attempt in world.attempts() if attempt.stage in {"queued", "ringing"}]
    if live:
        answering.answer(world.store, an_event(EventKind.ANSWER, chance.choice(live)), world.now)


def _end(world: World, chance: random.Random) -> None:
    live = [attempt.id for attempt in world.attempts() if attempt.stage not in {"planned", "ended"}]
    if not live:
        return
    with world.store.write() as tx:
        for attempt in attempts_store.fetch_for_change(tx, [chance.choice(live)]).values():
            end_attempt(tx, attempt, Outcome.NO_ANSWER, world.now)
        agents.finish_wrap_up(tx, world.now + timedelta(seconds=15))


def _pause_or_return(world: World, chance: random.Random) -> None:
    with world.store.write() as tx:
        chance.choice([agents.ask_pause, agents.ready, agents.ready])(tx, chance.choice(AGENTS), world.now)


def _bound_twice(world: World) -> list[str]:
    """Agents with two live calls, two offers, or an offer beside a live call; each by one statement."""
    calls = select(attempts.c.agent_id).where(IS_LIVE, attempts.c.agent_id.is_not(None))
    before = offers_table.c.state.in_(("offered", "accepted"))
    two_calls = calls.group_by(attempts.c.agent_id).having(func.count() > 1)
    two_offers = (
        select(offers_table.c.agent_id).where(before).group_by(offers_table.c.agent_id).having(func.count() > 1)
    )
    both = select(offers_table.c.agent_id).where(before, offers_table.c.agent_id.in_(calls))
    with world.store.read() as tx:
        return [
            f"{what}: {agent}"
            for what, query in (("two calls", two_calls), ("two offers", two_offers), ("offer and call", both))
            for agent in tx.execute(query).scalars()
        ]
