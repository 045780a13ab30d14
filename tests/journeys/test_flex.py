"""Previews as tasks before Flex agents: sandbox, callbacks server and worker over real HTTP."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from orchestrator.domain.contact_request import ConsentChannel, LineType, SuppressionKind
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence import agent_legs, suppressions, task_workers
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.pipeline.task_routing.news import GONE
from tests.journeys.floor import Floor
from tests.journeys.stage import Stage, staged
from tests.world import NOON, numbers

pytestmark = pytest.mark.long


FAULTS = (
    ("callback-late", {"probability": 0.2, "seconds": 15}),
    ("callback-doubled", {"probability": 0.2}),
    ("callback-lost", {"probability": 0.2, "resource": "taskrouter"}),
    ("callback-lost", {"probability": 0.2, "resource": "calls"}),
    ("callback-reordered", {"probability": 0.2}),
    ("create-busy", {"probability": 0.2, "resource": "tasks"}),
    ("create-error-after-accepting", {"probability": 0.2, "resource": "tasks"}),
    ("create-reset-after-accepting", {"probability": 0.2, "resource": "tasks"}),
    ("create-error-after-accepting", {"probability": 0.2, "resource": "participants"}),
)


SPEED = 10  # an offer lasts a minute of the world, and must not run out because the machine is busy


@pytest.fixture
def stage(tmp_path: Path, sqlite_store: Store) -> Iterator[Stage]:
    with staged(tmp_path, sqlite_store, speed=SPEED) as made:
        yield made


def people(stage: Stage, count: int) -> list[str]:
    """So many people whom only a preview may reach, and who talk for twenty seconds."""
    to_call = numbers(count)
    with stage.building() as world:
        campaign = world.a_campaign("Calls")
        for number in to_call:
            world.enrol(campaign, world.a_contact([number], line_type=LineType.MOBILE), lane=Lane.PREVIEW)
    stage.open()
    for number in to_call:
        stage.pin(number, outcomes=["human"], ring_seconds=3, talk_seconds=20, greeting_seconds=1, patience_seconds=900)
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


def test_whoever_does_not_say_yes_costs_nobody_a_call(stage: Stage) -> None:
    people(stage, 3)
    floor = Floor(stage, reservation_seconds=20)
    silent, unwilling = floor.agent("ann", "ignore"), floor.agent("bob", "reject", after_seconds=2)
    gone = floor.agent("eve", "go-offline", after_seconds=2)
    stage.start_worker()
    stage.until(lambda: ("ann", "timed_out") in floor.offers(), "the silent one's timeout")
    stage.until(lambda: ("bob", "skipped") in floor.offers(), "the unwilling one's no")
    stage.until(lambda: ("eve", "timed_out") in floor.offers(), "the end of what lay before somebody who left")
    # TaskRouter put her away, and nobody but us would bring her back.
    stage.until(lambda: floor.doing(silent) == "Available", "the silent one's coming back")
    stage.until(lambda: floor.state("eve") == "away", "the leaving one's absence")
    assert floor.doing(unwilling) == "Available"
    assert floor.doing(gone) == "Offline"
    assert floor.heard() == []


def test_a_stop_between_the_offer_and_the_yes_is_heeded_and_the_agent_sees_why(stage: Stage) -> None:
    [person] = people(stage, 1)
    floor = Floor(stage)
    worker = floor.agent("ann", "ignore")
    stage.start_worker()
    stage.until(lambda: [task.stage for task in floor.tasks()] == ["placed"], "a task")
    with stage.store.write() as tx:
        key = stage.store.keyring.number_key(person)
        suppressions.add(
            tx, seller_id="acme", number_key=key, kind=SuppressionKind.DO_NOT_CALL, channel=ConsentChannel.VOICE,
            at=floor.now(), source="test",
        )  # fmt: skip
    [task] = floor.space.tasks.list()
    [reservation] = floor.space.tasks(task.sid).reservations.list(reservation_status="pending")
    floor.space.tasks(task.sid).reservations(reservation.sid).update(reservation_status="accepted")
    stage.until(lambda: [task.stage for task in floor.tasks()] == ["over"], "the task's end")
    assert floor.offers() == [("ann", "withdrawn")]
    ended = floor.space.tasks(task.sid).fetch()
    assert (ended.assignment_status, ended.reason) == ("completed", "not called: test.no-means-no")
    assert json.loads(ended.attributes)["not_called"] == "not called: test.no-means-no"
    assert floor.heard() == []
    stage.until(lambda: floor.state("ann") == "ready", "the agent's readiness")
    assert floor.doing(worker) == "Available"


def test_an_agent_whose_phone_stays_silent_leaves_the_person_in_peace(stage: Stage) -> None:
    people(stage, 1)
    floor = Floor(stage)
    floor.agent("ann", "accept", "ignore", after_seconds=1)
    stage.pin("client:ann", outcomes=["no_answer"])
    stage.start_worker()
    stage.until(lambda: ("ann", "withdrawn") in floor.offers(), "the end of the offer")
    stage.until(lambda: floor.tasks()[0].stage == "over", "the task's end")
    assert floor.heard() == []
    assert floor.tasks()[0].reason == GONE


def test_an_agent_who_hangs_up_while_it_rings_takes_the_call_back(stage: Stage) -> None:
    [person] = people(stage, 1)
    stage.pin(person, ring_seconds=24)
    floor = Floor(stage)
    floor.agent("ann", "accept", "ignore", after_seconds=1)
    stage.start_worker()
    stage.until(lambda: [call.stage for call in floor.attempts()] == ["ringing"], "a phone that rings")
    [leg] = [call for call in stage.report()["calls"] if call["is_agent"]]
    stage.carrier.hang_up(leg["sid"])
    stage.until(lambda: [call.outcome for call in floor.attempts()] == ["canceled"], "the call's taking back")
    assert [call["answered_at"] for call in floor.heard()] == [None]
    stage.until(lambda: floor.tasks()[0].stage == "over", "the task's end")


def test_under_every_fault_each_person_is_talked_with_once_and_no_task_is_left(stage: Stage) -> None:
    to_call = people(stage, 8)
    floor = Floor(stage)
    for name in ("ann", "bob", "eve"):
        floor.agent(name, "accept", after_seconds=2)
    for kind, wishes in FAULTS:
        stage.fault(kind, **wishes)
    stage.start_worker()

    def all_reached() -> bool:
        return sorted(call.outcome for call in floor.attempts() if call.outcome) == ["reached"] * len(to_call)

    stage.until(all_reached, "eight conversations", within=90)
    stage.until(lambda: {task.stage for task in floor.tasks()} == {"over"}, "the tasks' ends")
    assert sorted(call["to"] for call in floor.heard()) == sorted(to_call)
    stage.end_faults()
    assert {task.assignment_status for task in floor.space.tasks.list()} <= {"completed", "canceled"}
    stage.until(lambda: {floor.state(name) for name in ("ann", "bob", "eve")} == {"ready"}, "agents who are ready")


def test_a_worker_killed_at_any_moment_leaves_no_task_and_rings_nobody_twice(stage: Stage) -> None:
    to_call = people(stage, 4)
    floor = Floor(stage)
    floor.agent("ann", "accept", after_seconds=2)
    floor.agent("bob", "accept", after_seconds=2)
    for lives in (2.5, 1.5, 2.0, 1.8):
        with stage.mortal_worker():
            threading.Event().wait(lives)
    stage.start_worker()
    stage.until(lambda: len({call.to_sealed for call in floor.attempts() if call.outcome == "reached"}) == 4, "all")
    stage.until(lambda: {task.stage for task in floor.tasks()} == {"over"}, "the tasks' ends")
    reached = [call["to"] for call in floor.heard() if call["agent_voice_at"]]
    assert sorted(reached) == sorted(to_call)


def test_an_agent_who_signs_in_by_phone_takes_no_tasks_meanwhile(stage: Stage) -> None:
    people(stage, 1)
    with stage.store.write() as tx:
        tx.execute(update(enrollments).values(next_eligible_at=NOON + timedelta(days=1)))
    floor = Floor(stage)
    worker = floor.agent("ann", "accept")
    stage.start_worker()
    stage.until(lambda: floor.state("ann") == "ready", "an agent who takes tasks")
    with stage.store.write() as tx:
        assert task_workers.leave_tasks(tx, "ann", floor.now())
        agent_legs.ask(tx, "ann", floor.now())
    stage.until(lambda: floor.doing(worker) == "Outbound calls", "the activity that takes no tasks")
    stage.until(lambda: floor.state("ann") == "ready", "the agent's own call")
    assert floor.queue("ann") == "sales"
    [leg] = [call for call in stage.report()["calls"] if call["is_agent"]]
    stage.carrier.hang_up(leg["sid"])
    stage.until(lambda: floor.doing(worker) == "Available", "tasks again")
    stage.until(lambda: (floor.state("ann"), floor.queue("ann")) == ("ready", "task:sales"), "readiness for tasks")
