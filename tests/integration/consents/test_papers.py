"""Papers on file: what a seller needs must be in force, or nothing is launched and no agent takes calls."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from orchestrator.domain.agent import AgentState
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.errors import UserError
from orchestrator.domain.paper import Paper, PaperKind
from orchestrator.persistence import campaigns, papers
from orchestrator.persistence.campaigns import Campaign
from orchestrator.persistence.tables.agents import agents as agent_table
from orchestrator.pipeline import campaigns as lives
from orchestrator.pipeline import papers_on_file
from tests.world import NOON, World

TODAY = NOON.date()
DAY = timedelta(days=1)
TRAINING = Paper(
    seller_id="acme",
    kind=PaperKind.TRAINING,
    title="Calling rules",
    valid_from=TODAY - DAY,
    agent_id="kim",
    sha256="0" * 64,
)
CONTRACT = replace(TRAINING, kind=PaperKind.PROCESSOR_CONTRACT, agent_id=None, party="A carrier")


def need(world: World, *kinds: PaperKind) -> None:
    with world.store.write() as tx:
        papers.require(tx, "acme", kinds, "cli:ops", world.now)


def file(world: World, paper: Paper) -> int:
    with world.store.write() as tx:
        return papers.add(tx, world.store.keyring, paper, None, "cli:ops", world.now)


def a_draft(world: World) -> Campaign:
    """A campaign that can be resumed, as one that was paused."""
    campaign = world.a_campaign()
    with world.store.write() as tx:
        campaigns.change_state(tx, campaign, {CampaignState.RUNNING}, CampaignState.PAUSED, "lunch")
        return campaigns.fetch(tx, campaign)


def resume(world: World, campaign: Campaign) -> CampaignState:
    return lives.resume(world.store, campaign, world.now, lives.Scrubber(world.engine.shelf(), "tests"))


def test_a_campaign_opens_with_every_paper_in_force_and_not_before(world: World) -> None:
    draft = a_draft(world)
    need(world, PaperKind.PROCESSOR_CONTRACT, PaperKind.POLICY)
    file(world, replace(CONTRACT, valid_until=TODAY - DAY))
    file(world, replace(CONTRACT, kind=PaperKind.POLICY, valid_from=TODAY + DAY))
    with pytest.raises(UserError, match=r"no longer in force: policy; processor contract. File each with"):
        resume(world, draft)
    contract = file(world, replace(CONTRACT, valid_until=TODAY))
    file(world, replace(CONTRACT, kind=PaperKind.POLICY))
    with world.store.write() as tx:
        assert papers.retire(tx, contract, "replaced", "cli:ops", world.now)
        assert not papers.retire(tx, contract, "again", "cli:ops", world.now)
    with pytest.raises(UserError, match=r"in force: processor contract. File"):
        resume(world, draft)
    file(world, replace(CONTRACT, valid_until=TODAY))
    assert resume(world, draft) is CampaignState.RUNNING


def test_what_a_seller_needs_no_more_is_not_asked_for(world: World) -> None:
    draft = a_draft(world)
    need(world, PaperKind.POLICY)
    need(world)
    assert resume(world, draft) is CampaignState.RUNNING


def test_a_launch_asks_for_the_training_of_who_is_signed_in(world: World) -> None:
    draft = a_draft(world)
    need(world, PaperKind.TRAINING)
    assert resume(world, draft) is CampaignState.RUNNING
    world.an_agent()
    with world.store.read() as tx:
        stored = campaigns.fetch(tx, draft.id)
        assert [one.told for one in papers_on_file.lacking(tx, stored, TODAY)] == ["training of agent kim"]
        other_queue = replace(stored, plan=replace(stored.plan, voice=replace(stored.plan.voice, queue="late")))  # type: ignore[type-var]
        assert papers_on_file.lacking(tx, other_queue, TODAY) == []
    file(world, TRAINING)
    with world.store.read() as tx:
        assert papers_on_file.lacking(tx, stored, TODAY) == []


TRAINED = [(None, "acme", True), (TODAY, "acme", True), (TODAY - DAY, "acme", False), (None, "other", False)]


def test_who_is_not_trained_for_a_seller_takes_no_more_calls(world: World) -> None:
    world.a_campaign()
    world.a_seller("other")
    need(world, PaperKind.TRAINING)
    for at, (until, seller, _) in enumerate(TRAINED):
        world.an_agent(f"agent{at}")
        file(world, replace(TRAINING, seller_id=seller, valid_until=until, agent_id=f"agent{at}"))
    untrained = [f"agent{at}" for at, (_, _, is_trained) in enumerate(TRAINED) if not is_trained]
    with world.store.read() as tx:
        lacking = [papers_on_file.untrained_for(tx, f"agent{at}", "sales", TODAY) for at in range(4)]
    assert lacking == [[], [], ["acme"], ["acme"]]
    assert [papers_on_file.run_once(world.store, world.now) for _ in range(2)] == [untrained, []]
    with world.store.read() as tx:
        away = select(agent_table.c.id).where(agent_table.c.state == AgentState.AWAY)
        assert tx.execute(away.order_by(agent_table.c.id)).scalars().all() == untrained
