"""Our TaskRouter client against the sandbox's TaskRouter, over real HTTP."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
from twilio.rest import Client

from orchestrator.carrier.task_router import TwilioTaskRouter, attributes, connect_task_router
from orchestrator.carrier.transport import Transport
from orchestrator.domain.errors import AccountMisconfiguredError, CarrierBusyError, DispatchUncertainError, SettingError
from orchestrator.domain.task_routing import Post, TaskOrder, TaskOverError, WorkerLegOrder
from sandbox.server import RunningSandbox
from tests.contract.conftest import ACCOUNT, CALLER_ID, TOKEN, settings_for
from tests.sandbox.receiver import eventually

ORDER = TaskOrder(offer_id=7, worker_sid="WK" + "0" * 32, lasts_seconds=60, card={"name": "Kim", "why": "preview"})


class Office:
    """A workspace made with the official SDK, and our client on it."""

    def __init__(self, url: str) -> None:
        client = Client(ACCOUNT, TOKEN, http_client=Transport(threads=2, base_url=url))
        made = client.taskrouter.v1.workspaces.create(friendly_name="Office")
        self.space = client.taskrouter.v1.workspaces(str(made.sid))
        self.space.activities.create(friendly_name="Outbound calls", available=False)
        self.activity = {str(one.friendly_name): str(one.sid) for one in self.space.activities.list()}
        self.queue = self.space.task_queues.create(friendly_name="Everyone", target_workers="1==1")
        rules = {"task_routing": {"default_filter": {"queue": self.queue.sid}}}
        self.workflow = self.space.workflows.create(friendly_name="Previews", configuration=json.dumps(rules))
        names = {"taskrouter_workspace": str(made.sid), "taskrouter_workflow": str(self.workflow.sid)}
        router = connect_task_router(settings_for(url, **names))
        assert router is not None
        self.router: TwilioTaskRouter = router

    def worker(self, name: str = "ann", *, activity: str = "Available") -> str:
        made = self.space.workers.create(friendly_name=name, activity_sid=self.activity[activity], attributes="{}")
        return str(made.sid)

    def task_for(self, worker_sid: str, offer_id: int = 7) -> Any:
        return self.router.create_task(replace(ORDER, worker_sid=worker_sid, offer_id=offer_id))

    def accept(self, task_sid: str) -> None:
        [reservation] = self.space.tasks(task_sid).reservations.list(reservation_status="pending")
        self.space.tasks(task_sid).reservations(reservation.sid).update(reservation_status="accepted")


@pytest.fixture
def office(sandbox: RunningSandbox) -> Iterator[Office]:
    yield Office(sandbox.url)
    warnings = requests.get(f"{sandbox.url}/sandbox/report", timeout=5).json()["warnings"]
    assert warnings == [], "a parameter that Twilio does not document was sent"


def test_a_task_is_reserved_for_the_one_worker_that_it_names(office: Office) -> None:
    office.worker("ann")
    bob = office.worker("bob")
    made = office.task_for(bob)
    [reservation] = office.space.tasks(made.sid).reservations.list()
    assert reservation.worker_sid == bob
    task = office.space.tasks(made.sid).fetch()
    assert json.loads(task.attributes) == {"kind": "outbound-preview", "offer_id": 7, "name": "Kim", "why": "preview"}
    assert (task.timeout, task.task_channel_unique_name) == (60, "voice")


def test_a_task_whose_making_is_in_doubt_is_found_by_its_offer(office: Office, sandbox: RunningSandbox) -> None:
    ann = office.worker()
    assert office.router.find_task(7) is None
    for kind in ("create-error-after-accepting", "create-reset-after-accepting"):
        sandbox.world.faults.add({"kind": kind, "resource": "tasks", "times": 1})
        with pytest.raises(DispatchUncertainError):
            office.task_for(ann, offer_id=8)
    found = office.router.find_task(8)
    assert found is not None
    assert len(office.space.tasks.list()) == 2  # ours asked twice here: the engine looks before it asks again
    assert office.router.find_task(7) is None


def test_a_refused_creation_made_nothing(office: Office, sandbox: RunningSandbox) -> None:
    sandbox.world.faults.add({"kind": "create-busy", "resource": "tasks", "times": 1})
    with pytest.raises(CarrierBusyError):
        office.task_for(office.worker())
    assert office.space.tasks.list() == []


def test_a_task_is_cancelled_while_nobody_has_it_and_completed_afterwards(office: Office) -> None:
    ann = office.worker()
    waiting = office.task_for(ann)
    office.router.cancel_task(waiting.sid, "offer timed out")
    assert office.router.fetch_task(waiting.sid).status == "canceled"
    taken = office.task_for(ann, offer_id=8)
    office.accept(taken.sid)
    with pytest.raises(TaskOverError):
        office.router.cancel_task(taken.sid, "too late")
    office.router.wrap_up_task(taken.sid, "the call is over")
    office.router.complete_task(taken.sid, "wrapped up")
    assert office.router.fetch_task(taken.sid).reason == "wrapped up"
    with pytest.raises(TaskOverError):
        office.router.complete_task(taken.sid, "again")
    with pytest.raises(TaskOverError):
        office.router.fetch_task("WT" + "0" * 32)


def test_a_card_may_be_changed_while_the_task_lasts(office: Office) -> None:
    task = office.task_for(office.worker())
    office.router.note(task.sid, {"offer_id": 7, "not_called": "us-fl.voice.calling-window"})
    shown = json.loads(office.space.tasks(task.sid).fetch().attributes)
    assert shown == {"kind": "outbound-preview", "offer_id": 7, "not_called": "us-fl.voice.calling-window"}


@pytest.mark.parametrize(("length", "kept"), [(3000, True), (5000, False)])
def test_what_is_too_long_for_a_card_is_left_out_and_the_rest_is_kept(length: int, kept: bool) -> None:
    card = {"name": "Kim", "script": "é" * (length // 2)}
    shown = json.loads(attributes(replace(ORDER, card=card)))
    assert ("script" in shown) is kept
    assert (shown["name"], shown["offer_id"]) == ("Kim", 7)


def test_workers_are_told_with_what_they_do(office: Office) -> None:
    ann, bob = office.worker("ann"), office.worker("bob", activity="Offline")
    assert {(one.sid, one.name, one.activity, one.available) for one in office.router.workers()} == {
        (ann, "ann", "Available", True),
        (bob, "bob", "Offline", False),
    }
    assert office.router.workers_by_activity() == {
        "Offline": 1, "Available": 1, "Unavailable": 0, "Outbound calls": 0,
    }  # fmt: skip


def test_capacity_is_what_the_voice_channel_has_free(office: Office) -> None:
    ann = office.worker()
    assert office.router.free_capacity(ann) == 1
    task = office.task_for(ann)
    assert office.router.free_capacity(ann) == 0  # a reservation alone takes it
    office.space.workers(ann).worker_channels("voice").update(capacity=3)
    assert office.router.free_capacity(ann) == 2
    office.router.cancel_task(task.sid, "test")
    office.space.workers(ann).worker_channels("voice").update(available=False)
    assert office.router.free_capacity(ann) == 0


def test_a_worker_is_put_into_our_activity_and_back(office: Office) -> None:
    ann = office.worker()
    office.router.post(ann, Post.OUTBOUND)
    assert (office.router.worker(ann).activity, office.router.worker(ann).available) == ("Outbound calls", False)
    office.router.post(ann, Post.AVAILABLE)
    assert office.router.worker(ann).available is True


def test_an_activity_that_does_not_exist_is_said_with_what_to_do(office: Office) -> None:
    office.space.activities(office.activity["Outbound calls"]).delete()
    with pytest.raises(AccountMisconfiguredError, match="ORCHESTRATOR_TASKROUTER_OUTBOUND"):
        office.router.post(office.worker(), Post.OUTBOUND)


def test_a_worker_is_rung_into_a_room_of_that_name(office: Office, sandbox: RunningSandbox) -> None:
    order = WorkerLegOrder(offer_id=7, address="client:ann", from_=CALLER_ID, room="agent-ann")
    receipt = office.router.ring_worker(order)
    call = sandbox.world.calls.get(receipt.sid)
    assert call is not None
    assert (call.to, call.from_, call.orders.status_callback) == (
        "client:ann", CALLER_ID, "https://calls.example.com/tasks/7/leg#rc=3&rp=all&ct=3000&rt=10000",
    )  # fmt: skip
    eventually(lambda: [room.name for room in sandbox.world.conferences.values()] == ["agent-ann"])


def test_without_a_workspace_there_is_no_task_router(sandbox: RunningSandbox) -> None:
    assert connect_task_router(settings_for(sandbox.url)) is None
    with pytest.raises(SettingError, match="ORCHESTRATOR_TASKROUTER_WORKFLOW"):
        connect_task_router(settings_for(sandbox.url, taskrouter_workspace="WS" + "0" * 32))
