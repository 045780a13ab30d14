"""Who gets a task: queues, filters and expressions, availability, capacity, reservations and what becomes of them."""

import json
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from sandbox.taskrouter.expression import fits
from tests.sandbox.receiver import eventually
from tests.sandbox.taskrouter.conftest import Office

ANN = {
    "team": "sales",
    "languages": ["en", "fr"],
    "level": 3,
    "region": {"name": "north-east"},
    "contact_uri": "client:ann",
    "contact-id": 7,
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('team == "sales"', True),
        ("team == 'support'", False),
        ("team != 'support'", True),
        ("level > 2", True),
        ("level > 3", False),
        ("level >= 3 AND team == 'sales'", True),
        ("level < 3 OR languages HAS 'fr'", True),
        ('languages HAS "de"', False),
        ('team HAS "sales"', False),  # HAS on what is no array never fits, and is no error
        ("region.name CONTAINS 'north'", True),
        ("languages CONTAINS 'en'", True),
        ("team IN ['sales', 'support']", True),
        ("team NOT IN ['sales', 'support']", False),
        ("level IN [1, 2]", False),
        ("NOT (team == 'sales' AND level == 3)", False),
        ("a == 1 OR team == 'sales' AND level == 4", False),
        ("team == 'sales' or level == 4", True),
        ("missing == 'x'", False),
        ("missing > 2", False),
        ("missing == null", True),
        ("1==1", True),
        ("'AND' == 'AND'", True),
    ],
)
def test_expressions_mean_what_twilio_says(expression: str, expected: bool) -> None:
    assert fits(expression, ANN) is expected


def test_a_hyphen_in_a_name_never_fits_unnoticed() -> None:
    with pytest.raises(Exception, match="invalid"):
        fits("contact-id == 7", ANN)


def test_a_task_is_reserved_for_whoever_fits_its_queue_and_is_available(office: Office) -> None:
    office.worker("away", available=False)
    office.worker("support", team="support")
    office.worker("ann")
    task = office.task()
    assert office.status(task) == "reserved"
    assert office.reservations(task) == [("ann", "pending")]


def test_a_task_waits_until_somebody_becomes_available(office: Office) -> None:
    worker, task = office.worker(available=False), office.task()
    assert office.status(task) == "pending"
    office.space.workers(worker.sid).update(activity_sid=office.activity["Available"])
    assert office.reservations(task) == [("ann", "pending")]


def test_a_workflow_leads_by_its_first_filter_that_fits_else_to_the_default_queue(office: Office) -> None:
    vip = office.space.task_queues.create(friendly_name="VIP", target_workers="level > 2")
    rules = {
        "task_routing": {
            "filters": [{"expression": "kind == 'vip'", "targets": [{"queue": vip.sid, "priority": "7"}]}],
            "default_filter": {"queue": office.queue.sid},
        }
    }
    flow = office.flow("By kind", rules=rules)
    rich = office.task(workflow_sid=flow.sid, attributes=json.dumps({"kind": "vip"}))
    plain = office.task(workflow_sid=flow.sid, attributes=json.dumps({"kind": "plain"}))
    assert (rich.task_queue_friendly_name, rich.priority) == ("VIP", 7)
    assert (plain.task_queue_friendly_name, plain.priority) == ("Sales", 0)


def test_a_target_may_name_the_worker_that_the_task_wants(office: Office) -> None:
    office.worker("ann", id="1")
    office.worker("bob", id="2")
    target = {"queue": office.queue.sid, "expression": "task.agent == worker.id", "timeout": "60"}
    flow = office.flow("Own agent", rules={"task_routing": {"filters": [{"expression": "1==1", "targets": [target]}]}})
    task = office.task(workflow_sid=flow.sid, attributes=json.dumps({"agent": "2"}))
    assert office.reservations(task) == [("bob", "pending")]


def test_a_task_whose_targets_are_used_up_is_cancelled(office: Office) -> None:
    targets = [{"queue": office.queue.sid, "timeout": "20"}]
    flow = office.flow("Patient", rules={"task_routing": {"filters": [{"expression": "1==1", "targets": targets}]}})
    task = office.task(workflow_sid=flow.sid)
    office.until(task, "canceled")
    assert [one.event_type for one in office.space.events.list(task_sid=task.sid)][:2] == [
        "task.canceled", "workflow.timeout",
    ]  # fmt: skip


def test_a_task_that_nobody_takes_in_its_time_is_cancelled(office: Office) -> None:
    task = office.task(timeout=30)
    office.until(task, "canceled")
    assert office.space.tasks(task.sid).fetch().reason == "Task TTL Exceeded"


def test_a_worker_is_asked_for_no_more_tasks_of_a_channel_than_they_have_capacity(office: Office) -> None:
    worker = office.worker()
    first, second = office.task(), office.task()
    assert (office.status(first), office.status(second)) == ("reserved", "pending")
    assert office.status(office.task(task_channel="chat")) == "reserved"
    channel = office.space.workers(worker.sid).worker_channels("voice")
    assert (channel.fetch().assigned_tasks, channel.fetch().available_capacity_percentage) == (1, 0)
    channel.update(capacity=2)
    assert office.status(second) == "reserved"


def test_a_worker_who_takes_no_tasks_of_a_channel_is_not_asked(office: Office) -> None:
    worker = office.worker()
    office.space.workers(worker.sid).worker_channels("voice").update(available=False)
    assert office.status(office.task()) == "pending"
    assert office.status(office.task(task_channel="default")) == "reserved"


def test_who_accepts_has_the_task_until_it_is_wrapped_up_and_completed(office: Office) -> None:
    worker = office.worker()
    task, waiting = office.task(), office.task()
    reservation = office.only_reservation(task)
    office.space.tasks(task.sid).reservations(reservation.sid).update(reservation_status="accepted")
    assert office.status(task) == "assigned"
    office.space.tasks(task.sid).update(assignment_status="wrapping", reason="hung up")
    assert (office.status(task), office.reservations(task)) == ("wrapping", [("ann", "wrapping")])
    assert office.status(waiting) == "pending"
    done = office.space.tasks(task.sid).update(assignment_status="completed", reason="sold")
    assert (done.assignment_status, done.reason) == ("completed", "sold")
    assert office.reservations(task) == [("ann", "completed")]
    assert office.reservations(waiting) == [("ann", "pending")]
    assert office.doing(worker) == "Available"


def test_a_refused_task_goes_to_somebody_else_first(office: Office) -> None:
    office.worker("ann")
    office.worker("bob")
    task = office.task()
    first = office.only_reservation(task)
    office.space.tasks(task.sid).reservations(first.sid).update(reservation_status="rejected")
    assert office.reservations(task) == [("ann", "rejected"), ("bob", "pending")]


def test_a_reservation_that_times_out_takes_its_worker_out_of_the_queue(office: Office) -> None:
    worker = office.worker()
    flow = office.flow("Short", task_reservation_timeout=15)
    task = office.task(workflow_sid=flow.sid)
    eventually(lambda: office.reservations(task) == [("ann", "timeout")])
    assert office.doing(worker) == "Offline"
    assert office.status(task) == "pending"
    office.space.workers(worker.sid).update(activity_sid=office.activity["Available"])
    assert office.reservations(task)[-1] == ("ann", "pending")


def test_the_timeout_activity_is_the_workspaces_own_choice(office: Office) -> None:
    office.space.update(timeout_activity_sid=office.activity["Unavailable"])
    worker = office.worker()
    office.task(workflow_sid=office.flow("Short", task_reservation_timeout=15).sid)
    eventually(lambda: office.doing(worker) == "Unavailable")


def test_whoever_is_slower_is_rescinded(office: Office) -> None:
    office.space.task_queues(office.queue.sid).update(max_reserved_workers=2)
    office.worker("ann")
    office.worker("bob")
    task = office.task()
    slow, quick = office.space.tasks(task.sid).reservations.list()
    office.space.tasks(task.sid).reservations(quick.sid).update(reservation_status="accepted")
    assert office.reservations(task) == [("ann", "rescinded"), ("bob", "accepted")]
    assert _refused(office.space.tasks(task.sid).reservations(slow.sid).update, reservation_status="accepted") == 409


def test_a_cancelled_task_takes_its_reservation_with_it(office: Office) -> None:
    worker, task = office.worker(), office.task()
    assert _refused(office.space.tasks(task.sid).update, assignment_status="canceled") == 400  # no reason given
    assert _refused(office.space.tasks(task.sid).update, assignment_status="completed", reason="x") == 409
    both = {"assignment_status": "canceled", "reason": "x", "attributes": "{}"}
    assert _refused(office.space.tasks(task.sid).update, **both) == 400
    office.space.tasks(task.sid).update(assignment_status="canceled", reason="opted out")
    assert office.reservations(task) == [("ann", "canceled")]
    assert office.doing(worker) == "Available"
    assert _refused(office.space.tasks(task.sid).update, assignment_status="canceled", reason="again") == 409


def test_a_task_that_is_over_is_deleted_five_minutes_later(office: Office) -> None:
    task = office.task()
    office.space.tasks(task.sid).update(assignment_status="canceled", reason="test")
    office.space.tasks(task.sid).fetch()

    def gone() -> bool:
        return all(one.sid != task.sid for one in office.space.tasks.list())

    eventually(gone)
    assert _refused(office.space.tasks(task.sid).fetch) == 404
    assert office.space.events.list(task_sid=task.sid)[0].event_type == "task.system-deleted"


def test_a_worker_who_leaves_may_let_go_of_what_they_are_asked(office: Office) -> None:
    worker, task = office.worker(), office.task()
    offline = office.activity["Offline"]
    office.space.workers(worker.sid).update(activity_sid=offline)
    assert office.reservations(task) == [("ann", "pending")]
    available = office.activity["Available"]
    office.space.workers(worker.sid).update(activity_sid=available)
    office.space.workers(worker.sid).update(activity_sid=offline, reject_pending_reservations=True)
    assert office.reservations(task) == [("ann", "rejected")]


def test_statistics_tell_the_present_and_the_past(office: Office) -> None:
    office.worker("ann")
    office.worker("bob", available=False)
    task = office.task()
    reservation = office.only_reservation(task)
    office.space.tasks(task.sid).reservations(reservation.sid).update(reservation_status="accepted")
    waiting = office.task()
    workers = office.space.workers.real_time_statistics().fetch(task_channel="voice")
    assert workers.total_workers == 2
    assert {one["friendly_name"]: one["workers"] for one in workers.activity_statistics} == {
        "Offline": 1, "Available": 1, "Unavailable": 0,
    }  # fmt: skip
    queue = office.space.task_queues(office.queue.sid).real_time_statistics().fetch()
    # Available, though she has all the work that she can take: who paces on this number dials too much.
    assert (queue.total_available_workers, queue.total_eligible_workers) == (1, 2)
    assert (queue.tasks_by_status["pending"], queue.tasks_by_status["assigned"]) == (1, 1)
    assert queue.longest_task_waiting_sid == waiting.sid
    past = office.space.workers.cumulative_statistics().fetch(minutes=60)
    assert (past.reservations_created, past.reservations_accepted, past.reservations_timed_out) == (1, 1, 0)
    assert office.space.real_time_statistics().fetch().total_workers == 2
    assert office.space.cumulative_statistics().fetch().tasks_created == 2


def _refused(call: Any, **wishes: Any) -> int:
    with pytest.raises(TwilioRestException) as caught:
        call(**wishes)
    status: int = caught.value.status
    return status
