"""Previews as tasks before Flex agents: sandbox, callbacks server and worker over real HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.domain.contact_request import LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence.store import Store
from tests.journeys.floor import Floor
from tests.journeys.stage import Stage, staged
from tests.world import numbers

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("journeys")]


@pytest.fixture
def stage(tmp_path: Path, sqlite_store: Store) -> Iterator[Stage]:
    with staged(tmp_path, sqlite_store) as made:
        yield made


def people(stage: Stage, count: int) -> list[str]:
    """So many people whom only a preview may reach, and who talk for twenty seconds."""
    to_call = numbers(count)
    with stage.building() as world:
        campaign = world.a_campaign("Calls")
        ids = [world.a_contact([number], line_type=LineType.MOBILE) for number in to_call]
        world.enrol(campaign, *ids, lane=Lane.PREVIEW)
    stage.open()
    for number in to_call:
        stage.pin(number, outcomes=["human"], ring_seconds=3, talk_seconds=20, greeting_seconds=1)
    return to_call


def test_flex_agents_accept_previews_and_talk_with_everybody_once(stage: Stage) -> None:
    to_call = people(stage, 6)
    floor = Floor(stage)
    sids = [floor.agent(name, "accept", after_seconds=2) for name in ("ann", "bob")]
    stage.start_worker()
    stage.until(lambda: [call.outcome for call in floor.attempts()] == ["reached"] * 6, "six conversations")
    stage.until(lambda: {task.stage for task in floor.tasks()} == {"over"}, "the tasks' ends")
    calls = floor.heard()
    assert sorted(call["to"] for call in calls) == sorted(to_call)
    assert all(call["agent_voice_at"] is not None for call in calls), "somebody heard nobody"
    assert all("information_message" not in {heard["what"] for heard in call["heard"]} for call in calls)
    assert {state for _, state in floor.offers()} == {"dialled"}
    stage.until(lambda: {floor.state("ann"), floor.state("bob")} == {"ready"}, "agents who are ready again")
    assert [floor.doing(sid) for sid in sids] == ["Available"] * 2
    assert stage.report()["warnings"] == []
    legs = [call for call in stage.report()["calls"] if call["is_agent"]]
    assert len(legs) == 6
    assert all(leg["status"] == "completed" for leg in legs)
