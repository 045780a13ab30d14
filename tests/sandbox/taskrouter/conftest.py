"""A workspace with one queue of sales people, made by the official SDK over real HTTP."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.conftest import Here
from tests.sandbox.receiver import Receiver, eventually

MakeOffice = Callable[..., "Office"]


class Office:
    """One workspace, and short ways to speak to it."""

    def __init__(self, here: Here, events_url: str | None = None, events: str = "") -> None:
        self.here = here
        wishes = {"event_callback_url": events_url, "events_filter": events} if events_url else {}
        made = here.client.taskrouter.v1.workspaces.create(friendly_name="Office", **wishes)
        self.space = here.client.taskrouter.v1.workspaces(str(made.sid))
        self.activity = {one.friendly_name: str(one.sid) for one in self.space.activities.list()}
        self.queue = self.space.task_queues.create(friendly_name="Sales", target_workers='team == "sales"')
        self.workflow = self.flow()

    def flow(self, name: str = "Straight to sales", **wishes: Any) -> Any:
        rules = wishes.pop("rules", {"task_routing": {"default_filter": {"queue": self.queue.sid}}})
        return self.space.workflows.create(friendly_name=name, configuration=json.dumps(rules), **wishes)

    def worker(self, name: str = "ann", *, available: bool = True, **attributes: Any) -> Any:
        return self.space.workers.create(
            friendly_name=name,
            activity_sid=self.activity["Available" if available else "Offline"],
            attributes=json.dumps({"team": "sales", "contact_uri": f"client:{name}", **attributes}),
        )

    def task(self, **wishes: Any) -> Any:
        settings = {"workflow_sid": self.workflow.sid, "attributes": "{}", "task_channel": "voice", **wishes}
        return self.space.tasks.create(**settings)

    def status(self, task: Any) -> str:
        return str(self.space.tasks(task.sid).fetch().assignment_status)

    def reservations(self, task: Any) -> list[tuple[str, str]]:
        """Who was asked for the task, and what became of it, the first first."""
        found = self.space.tasks(task.sid).reservations.list()
        return [(one.worker_name, one.reservation_status) for one in found]

    def only_reservation(self, task: Any) -> Any:
        [one] = self.space.tasks(task.sid).reservations.list()
        return one

    def doing(self, worker: Any) -> str:
        return str(self.space.workers(worker.sid).fetch().activity_name)

    def behaves(self, worker: Any, *deeds: str, **wishes: Any) -> None:
        self.here.control("POST", "workers", {"worker": worker.sid, "deeds": list(deeds), **wishes})

    def until(self, task: Any, status: str) -> None:
        eventually(lambda: self.status(task) == status)


@pytest.fixture
def office(here: Here) -> Office:
    return Office(here)


@pytest.fixture
def watched(here: Here, receiver: Receiver) -> Office:
    """An office whose events are told at /events."""
    return Office(here, f"{receiver.url}/events")
