"""What TaskRouter tells an application: events, and the question what to do with a reservation."""

import json
from typing import Any

import pytest

from tests.sandbox.conftest import NUMBER, PERSON, TOKEN, Here
from tests.sandbox.receiver import Answer, Receiver, eventually
from tests.sandbox.taskrouter.conftest import Office


def instruct(receiver: Receiver, office: Office, *documents: object) -> Any:
    """A workflow whose application answers its assignment callbacks so; returns the workflow."""
    answers = [Answer(body=json.dumps(one), content_type="application/json") for one in documents]
    url = receiver.answers("/assign", *answers)
    return office.flow("Asking", assignment_callback_url=url)


def test_events_are_signed_posts_that_say_what_happened_to_whom(watched: Office, receiver: Receiver) -> None:
    worker = watched.worker()
    task = watched.task(attributes=json.dumps({"offer_id": 7}))
    [created] = receiver.wait_for("/events", EventType="reservation.created")
    assert created.is_signed_with(TOKEN)
    assert created["TaskSid"] == task.sid
    assert (created["WorkerSid"], created["WorkerName"], created["WorkerActivityName"]) == (
        worker.sid,
        "ann",
        "Available",
    )
    assert json.loads(created["TaskAttributes"]) == {"offer_id": 7}
    assert created["ReservationSid"] == created["ResourceSid"] == watched.only_reservation(task).sid
    assert created["TaskChannelUniqueName"] == "voice"
    assert created["Timestamp"].isdigit()
    assert abs(int(created["TimestampMs"]) / 1000 - int(created["Timestamp"])) < 1
    kept = watched.space.events.list(event_type="reservation.created")
    assert [one.sid for one in kept] == [created["Sid"]]


def test_only_the_events_that_were_asked_for_are_told(here: Here, receiver: Receiver) -> None:
    office = Office(here, f"{receiver.url}/events", "reservation.accepted, worker.activity.update")
    worker = office.worker()
    office.behaves(worker, "accept")
    office.until(office.task(), "assigned")
    office.space.workers(worker.sid).update(activity_sid=office.activity["Offline"])
    receiver.wait_for("/events", count=2)
    assert [one["EventType"] for one in receiver.at("/events")] == ["reservation.accepted", "worker.activity.update"]
    assert receiver.at("/events")[1]["WorkerPreviousActivityName"] == "Available"


def test_a_lifes_events_come_in_order(watched: Office, receiver: Receiver) -> None:
    worker = watched.worker()
    watched.behaves(worker, "accept", after_seconds=1, talk_seconds=5, wrap_up_seconds=5)
    task = watched.task()
    receiver.wait_for("/events", TaskSid=task.sid, EventType="task.completed")
    told = [one["EventType"] for one in receiver.at("/events", TaskSid=task.sid)]
    assert told == [
        "task.created", "workflow.target-matched", "workflow.entered", "task-queue.entered", "reservation.created",
        "reservation.accepted", "task.updated", "reservation.wrapup", "task.wrapup", "reservation.completed",
        "task.completed",
    ]  # fmt: skip


def test_events_are_lost_doubled_late_and_overtaken_on_request(watched: Office, receiver: Receiver) -> None:
    watched.here.fault("callback-doubled", resource="taskrouter", times=1)
    watched.worker()
    receiver.wait_for("/events", count=2, EventType="worker.created")
    watched.here.fault("callback-lost", resource="taskrouter", times=1)
    watched.worker("bob")
    watched.worker("eve")
    receiver.wait_for("/events", EventType="worker.created", WorkerName="eve")
    assert receiver.at("/events", WorkerName="bob") == []
    assert watched.here.report()["counts"]["callbacks_lost"] == {"taskrouter": 1}


@pytest.mark.parametrize("deed", ["ignore", "go-offline"])
def test_an_agent_who_does_not_answer_is_taken_out_when_the_reservation_times_out(
    watched: Office, receiver: Receiver, deed: str
) -> None:
    worker = watched.worker()
    watched.behaves(worker, deed, after_seconds=1)
    watched.task(workflow_sid=watched.flow("Short", task_reservation_timeout=20).sid)
    receiver.wait_for("/events", EventType="reservation.timeout")
    eventually(lambda: watched.doing(worker) == "Offline")


def test_an_agent_may_refuse_first_and_accept_then(office: Office) -> None:
    worker = office.worker()
    office.behaves(worker, "reject", "accept", after_seconds=1)
    task = office.task()
    office.until(task, "assigned")
    assert office.reservations(task) == [("ann", "rejected"), ("ann", "accepted")]


def test_the_assignment_callback_says_who_is_asked_for_what(office: Office, receiver: Receiver) -> None:
    flow = instruct(receiver, office, {})
    worker = office.worker()
    task = office.task(workflow_sid=flow.sid, attributes=json.dumps({"kind": "preview"}))
    [asked] = receiver.wait_for("/assign")
    assert asked.is_signed_with(TOKEN)
    assert (asked["TaskSid"], asked["WorkerSid"], asked["WorkflowSid"]) == (task.sid, worker.sid, flow.sid)
    assert json.loads(asked["TaskAttributes"]) == {"kind": "preview"}
    assert office.status(task) == "reserved"  # an empty answer leaves it to the worker


def test_an_application_may_accept_for_the_worker(office: Office, receiver: Receiver) -> None:
    office.worker()
    office.until(office.task(workflow_sid=instruct(receiver, office, {"instruction": "accept"}).sid), "assigned")


def test_an_application_may_refuse_and_send_the_worker_elsewhere(office: Office, receiver: Receiver) -> None:
    worker = office.worker()
    no = {"instruction": "reject", "activity_sid": office.activity["Unavailable"]}
    task = office.task(workflow_sid=instruct(receiver, office, no).sid)
    eventually(lambda: office.reservations(task) == [("ann", "rejected")])
    assert office.doing(worker) == "Unavailable"


def test_an_application_may_have_the_worker_called(office: Office, receiver: Receiver) -> None:
    office.worker()
    document = receiver.answers("/agent", "<Pause length='60'/>")
    call = {"instruction": "call", "from": NUMBER, "url": document, "accept": True}
    office.until(office.task(workflow_sid=instruct(receiver, office, call).sid), "assigned")
    assert receiver.wait_for("/agent")[0]["To"] == "client:ann"


def test_a_worker_who_does_not_pick_up_lets_the_reservation_pass(office: Office, receiver: Receiver) -> None:
    worker = office.worker()
    office.here.pin("client:ann", outcomes=["no_answer"])
    call = {"instruction": "call", "from": NUMBER, "url": f"{receiver.url}/agent", "accept": True, "timeout": 10}
    task = office.task(workflow_sid=instruct(receiver, office, call, {}).sid)
    eventually(lambda: ("ann", "timeout") in office.reservations(task))
    assert office.doing(worker) == "Offline"


@pytest.mark.parametrize("kind", ["dequeue", "conference"])
def test_an_application_may_join_the_worker_with_the_waiting_call(
    office: Office, receiver: Receiver, kind: str
) -> None:
    office.worker()
    office.here.pin(PERSON, outcomes=["human"], ring_seconds=1, talk_seconds=600)
    document = receiver.answers("/wait", "<Pause length='600'/>")
    waiting = str(office.here.client.calls.create(to=PERSON, from_=NUMBER, url=document).sid)
    receiver.wait_for("/wait")
    flow = instruct(receiver, office, {"instruction": kind, "from": NUMBER})
    task = office.task(workflow_sid=flow.sid, attributes=json.dumps({"call_sid": waiting}))
    office.until(task, "assigned")
    eventually(lambda: "agent_voice" in office.here.heard(waiting))


def test_a_call_may_be_redirected(office: Office, receiver: Receiver) -> None:
    office.worker()
    office.here.pin(PERSON, outcomes=["human"], ring_seconds=1)
    waiting = receiver.answers("/wait", "<Pause length='600'/>")
    call = str(office.here.client.calls.create(to=PERSON, from_=NUMBER, url=waiting).sid)
    receiver.wait_for("/wait")
    onward = receiver.answers("/onward", "<Pause length='600'/>")
    wish = {"instruction": "redirect", "call_sid": call, "url": onward, "accept": True}
    office.until(office.task(workflow_sid=instruct(receiver, office, wish).sid), "assigned")
    assert receiver.wait_for("/onward")[0]["CallSid"] == call


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(body="no JSON"), 40110),
        (Answer(body='{"instruction": "dance"}'), 40111),
        (Answer(body='{"instruction": "dequeue"}'), 40140),  # the task was made by no <Enqueue>
        (Answer(status=500), 40001),
    ],
)
def test_an_answer_that_cannot_be_followed_cancels_the_reservation(
    office: Office, receiver: Receiver, answer: Answer, code: int
) -> None:
    office.worker()
    flow = office.flow("Asking", assignment_callback_url=receiver.answers("/assign", answer, Answer(body="{}")))
    task = office.task(workflow_sid=flow.sid)
    eventually(lambda: office.reservations(task)[:2] == [("ann", "canceled"), ("ann", "pending")])
    assert office.here.report()["warnings"][0].startswith(str(code))


def test_the_fallback_is_asked_where_the_first_address_fails(office: Office, receiver: Receiver) -> None:
    office.worker()
    first = receiver.answers("/assign", Answer(status=503))
    second = receiver.answers("/fallback", Answer(body='{"instruction": "accept"}'))
    flow = office.flow("Asking", assignment_callback_url=first, fallback_assignment_callback_url=second)
    office.until(office.task(workflow_sid=flow.sid), "assigned")
    assert len(receiver.at("/assign")) == 1


def test_reservations_take_instructions_over_rest_as_well(office: Office, receiver: Receiver) -> None:
    office.worker()
    task = office.task()
    document = receiver.answers("/agent", "<Pause length='60'/>")
    reservation = office.space.tasks(task.sid).reservations(office.only_reservation(task).sid)
    reservation.update(instruction="call", call_from=NUMBER, call_url=document, call_accept="true")
    office.until(task, "assigned")
    assert receiver.wait_for("/agent")[0]["From"] == NUMBER
