"""The resources of TaskRouter through the official SDK: made, listed in pages, changed, refused as Twilio refuses."""

import json
import re
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.conftest import ACCOUNT, TOKEN, Here
from tests.sandbox.taskrouter.conftest import Office


def refusal(call: Any, *args: Any, **kwargs: Any) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        call(*args, **kwargs)
    return caught.value.status, caught.value.code


def test_a_new_workspace_has_the_activities_and_channels_that_twilio_gives(here: Here) -> None:
    made = here.client.taskrouter.v1.workspaces.create(friendly_name="Flex Task Assignment")
    assert re.fullmatch(r"WS[0-9a-f]{32}", str(made.sid))
    space = here.client.taskrouter.v1.workspaces(str(made.sid))
    assert {(one.friendly_name, one.available) for one in space.activities.list()} == {
        ("Offline", False), ("Available", True), ("Unavailable", False),
    }  # fmt: skip
    assert made.timeout_activity_name == made.default_activity_name == "Offline"
    assert {"default", "voice", "chat", "sms"} <= {one.unique_name for one in space.task_channels.list()}
    assert here.client.taskrouter.v1.workspaces.list(friendly_name="Flex Task Assignment")[0].sid == made.sid


def test_everything_has_a_sid_in_twilios_shape_and_can_be_fetched(office: Office) -> None:
    worker, task = office.worker(), office.task()
    for prefix, fetched in (
        ("WQ", office.space.task_queues(office.queue.sid).fetch()),
        ("WW", office.space.workflows(office.workflow.sid).fetch()),
        ("WK", office.space.workers(worker.sid).fetch()),
        ("WT", office.space.tasks(task.sid).fetch()),
        ("WR", office.only_reservation(task)),
        ("WC", office.space.workers(worker.sid).worker_channels("voice").fetch()),
        ("EV", office.space.events.list()[0]),
    ):
        assert re.fullmatch(prefix + r"[0-9a-f]{32}", str(fetched.sid))
        assert fetched.workspace_sid == office.queue.workspace_sid
        assert fetched.url.startswith("https://taskrouter.twilio.com/v1/Workspaces/WS")


def test_a_listing_is_followed_over_its_pages_by_token_and_never_by_number(office: Office) -> None:
    names = [f"worker-{n}" for n in range(5)]
    for name in names:
        office.worker(name)
    listed = [worker.friendly_name for worker in office.space.workers.list(page_size=2)]
    assert listed == names
    space = office.queue.workspace_sid
    answer = requests.get(f"{office.here.url}/v1/Workspaces/{space}/Workers?Page=1", auth=(ACCOUNT, TOKEN), timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, 40153)


def test_a_change_of_what_has_changed_since_is_refused(office: Office) -> None:
    worker = office.worker()
    busy = office.activity["Unavailable"]
    office.space.workers(worker.sid).update(if_match="0", activity_sid=busy)
    assert refusal(office.space.workers(worker.sid).update, if_match="0", activity_sid=busy)[0] == 412
    task = office.task()
    assert refusal(office.space.tasks(task.sid).update, if_match="99", priority=3)[0] == 412
    assert office.space.tasks(task.sid).update(if_match="0", priority=3).priority == 3


def test_names_are_taken_whatever_their_case(office: Office) -> None:
    office.worker("Ann")
    assert refusal(office.worker, "ann") == (409, 20409)
    assert refusal(office.space.task_queues.create, friendly_name="SALES") == (409, 20409)
    assert refusal(office.flow, "straight to Sales") == (409, 20409)
    assert refusal(office.space.activities.create, friendly_name="offline") == (409, 20409)


@pytest.mark.parametrize("expression", ['team ==', "team == 'a' AND", "(a == 1", "contact-uri ! 3"])  # fmt: skip
def test_an_expression_that_cannot_be_read_is_refused(office: Office, expression: str) -> None:
    assert refusal(office.space.task_queues.create, friendly_name="Other", target_workers=expression) == (400, 20001)


def test_what_cannot_be_is_refused(office: Office) -> None:
    absent = "WQ" + "0" * 32
    assert refusal(office.flow, "nowhere", rules={"task_routing": {"default_filter": {"queue": absent}}}) == (
        400,
        20001,
    )
    assert refusal(office.space.workers.create, friendly_name="bob", attributes="[1]") == (400, 20001)
    assert refusal(office.task, task_channel="smoke") == (400, 20001)
    assert refusal(office.task, timeout=1_209_601) == (400, 20001)
    assert refusal(office.space.task_queues(absent).fetch) == (404, 20404)
    second = office.flow("another")
    assert refusal(office.space.tasks.create, attributes="{}") == (400, 20001)  # which of the two workflows?
    office.space.workflows(second.sid).delete()
    assert office.space.tasks.create(attributes="{}").workflow_sid == office.workflow.sid


def test_what_is_in_use_is_not_deleted(office: Office) -> None:
    worker, task = office.worker(), office.task()
    assert refusal(office.space.task_queues(office.queue.sid).delete) == (409, 20409)
    assert refusal(office.space.workflows(office.workflow.sid).delete) == (409, 20409)
    assert refusal(office.space.workers(worker.sid).delete) == (409, 20409)
    assert refusal(office.space.activities(office.activity["Offline"]).delete) == (409, 20409)
    office.space.tasks(task.sid).update(assignment_status="canceled", reason="test")
    office.space.workers(worker.sid).update(activity_sid=office.activity["Offline"])
    assert office.space.workers(worker.sid).delete() is True


def test_whether_an_activity_is_available_cannot_be_changed_afterwards(office: Office) -> None:
    path = f"{office.here.url}/v1/Workspaces/{office.queue.workspace_sid}/Activities/{office.activity['Offline']}"
    answer = requests.post(path, data={"Available": "true"}, auth=(ACCOUNT, TOKEN), timeout=5)
    assert (answer.status_code, answer.json()["available"]) == (200, False)
    assert "POST Activity has no parameter Available" in office.here.report()["warnings"]


def test_parameters_that_are_not_documented_are_told_in_the_report(office: Office) -> None:
    path = f"{office.here.url}/v1/Workspaces/{office.queue.workspace_sid}/Tasks"
    requests.post(path, data={"Attributes": "{}", "IdempotencyKey": "1"}, auth=(ACCOUNT, TOKEN), timeout=5)
    report = office.here.report()
    assert report["parameters_seen"]["POST Tasks"] == {"Attributes": 1, "IdempotencyKey": 1}
    assert report["warnings"] == ["POST Tasks has no parameter IdempotencyKey"]


def test_workers_are_found_by_what_they_can(office: Office) -> None:
    ann, bob = office.worker("ann", languages=["en", "fr"]), office.worker("bob", available=False, languages=["en"])
    fluent = office.space.workers.list(target_workers_expression='languages HAS "fr"')
    assert [one.sid for one in fluent] == [ann.sid]
    assert [one.sid for one in office.space.workers.list(available="false")] == [bob.sid]
    assert len(office.space.workers.list(task_queue_sid=office.queue.sid)) == 2


def test_tasks_are_found_by_their_attributes(office: Office) -> None:
    office.task(attributes=json.dumps({"attempt_id": "one"}))
    wanted = office.task(attributes=json.dumps({"attempt_id": "two"}))
    found = office.space.tasks.list(evaluate_task_attributes='attempt_id == "two"')
    assert [task.sid for task in found] == [wanted.sid]


def test_a_reset_forgets_every_workspace(office: Office) -> None:
    office.here.control("POST", "reset")
    assert office.here.client.taskrouter.v1.workspaces.list() == []
