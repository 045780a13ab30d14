"""TaskRouter as our router of tasks, through Twilio's SDK."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from twilio.rest import Client

from orchestrator.carrier.client import CALL_EVENTS, client_for
from orchestrator.carrier.errors import asking, creating
from orchestrator.carrier.records import whole
from orchestrator.carrier.urls import CallbackUrls
from orchestrator.domain.carrier import Receipt
from orchestrator.domain.errors import AccountMisconfiguredError, CarrierError
from orchestrator.domain.task_routing import Post, TaskOrder, TaskOverError, TaskRecord, WorkerLegOrder, WorkerRecord
from orchestrator.settings import Settings

KIND = "outbound-preview"  # what a workflow's filter can tell our tasks by
RING_SECONDS = 20
OVERTAKEN = frozenset({20404, 20409, 20412})
GONE_STATUSES = frozenset({404, 409, 412})  # where an error of theirs brings no code of its own
LONGEST_ATTRIBUTES = 4096  # bytes of JSON
MOST_FOUND = 5


def connect_task_router(settings: Settings) -> "TwilioTaskRouter | None":
    """TaskRouter where a workspace is set, else None; raises SettingError for what is missing beside it."""
    if settings.taskrouter_workspace is None:
        return None
    settings.require("public_url", "taskrouter_workflow")
    return TwilioTaskRouter(client_for(settings), CallbackUrls(settings.public_url or ""), settings)


class TwilioTaskRouter:
    """The TaskRouter protocol in Twilio's terms. One instance serves all threads."""

    def __init__(self, client: Client, urls: CallbackUrls, settings: Settings) -> None:
        self._space = client.taskrouter.v1.workspaces(settings.taskrouter_workspace)
        self._account = client.api.account
        self._urls = urls
        self._workflow = settings.taskrouter_workflow
        self._channel = settings.taskrouter_channel
        self._names = {
            Post.AVAILABLE: settings.taskrouter_available,
            Post.OUTBOUND: settings.taskrouter_outbound,
        }

    def create_task(self, order: TaskOrder) -> TaskRecord:
        """Lay the task before its worker. A reservation lasts no longer than it, so none times out by itself."""
        with creating():
            task = self._space.tasks.create(
                workflow_sid=self._workflow,
                routing_target=order.worker_sid,
                task_channel=self._channel,
                timeout=order.lasts_seconds,
                attributes=attributes(order),
            )
            if not task.sid:  # a success that names nothing may still lie before somebody
                raise ValueError("the carrier answered a creation without a sid")
            return _record(task)

    def find_task(self, offer_id: int) -> TaskRecord | None:
        """The newest task for the offer."""
        expression = f"kind == '{KIND}' AND offer_id == {int(offer_id)}"
        with asking():
            found = self._space.tasks.list(evaluate_task_attributes=expression, limit=MOST_FOUND)
        return _record(found[-1]) if found else None

    def fetch_task(self, sid: str) -> TaskRecord:
        """The task; Twilio deletes it some minutes after it is over."""
        with _changing():
            return _record(self._space.tasks(sid).fetch())

    def cancel_task(self, sid: str, why: str) -> None:
        """Twilio cancels only what nobody has taken."""
        with _changing():
            self._space.tasks(sid).update(assignment_status="canceled", reason=why)

    def wrap_up_task(self, sid: str, why: str) -> None:
        """From assigned alone."""
        with _changing():
            self._space.tasks(sid).update(assignment_status="wrapping", reason=why)

    def complete_task(self, sid: str, why: str) -> None:
        """From assigned or wrapping."""
        with _changing():
            self._space.tasks(sid).update(assignment_status="completed", reason=why)

    def note(self, sid: str, card: Mapping[str, object]) -> None:
        """In a request of its own: Twilio takes no status beside attributes."""
        with _changing():
            self._space.tasks(sid).update(attributes=_fitting({"kind": KIND, **card}))

    def ring_worker(self, order: WorkerLegOrder) -> Receipt:
        """By the Participants API: posting to the room's name opens the conference, which ends when they leave."""
        with creating():
            leg = self._account.conferences(order.room).participants.create(
                to=order.address,
                from_=order.from_,
                label=f"offer-{order.offer_id}",
                timeout=RING_SECONDS,
                beep="false",
                early_media=False,
                start_conference_on_enter=True,
                end_conference_on_exit=True,
                status_callback=self._urls.task_leg(order.offer_id),
                status_callback_method="POST",
                status_callback_event=CALL_EVENTS,
            )
            if not leg.call_sid:
                raise ValueError("the carrier answered a creation without a sid")
            return Receipt(sid=str(leg.call_sid), status=str(leg.status), queue_time_ms=whole(leg.queue_time))

    def workers(self) -> Sequence[WorkerRecord]:
        """Everybody in the workspace, page after page."""
        with asking():
            return [_worker(one) for one in self._space.workers.list(page_size=1000)]

    def worker(self, sid: str) -> WorkerRecord:
        """One of them."""
        with asking():
            return _worker(self._space.workers(sid).fetch())

    def free_capacity(self, worker_sid: str) -> int:
        """Capacity of the channel, less its tasks and, lest they are not counted among them, pending reservations."""
        worker = self._space.workers(worker_sid)
        with asking():
            channel = worker.worker_channels(self._channel).fetch()
            pending = worker.reservations.list(reservation_status="pending")
        if not channel.available:
            return 0
        return max(0, (channel.configured_capacity or 0) - max(channel.assigned_tasks or 0, len(pending)))

    def post(self, worker_sid: str, where: Post) -> None:
        """Put the worker into the activity of that name."""
        with asking():
            self._space.workers(worker_sid).update(activity_sid=self._activity(where))

    def workers_by_activity(self) -> Mapping[str, int]:
        """From the real-time statistics, which may lag by seconds."""
        with asking():
            facts = self._space.workers.real_time_statistics().fetch(task_channel=self._channel)
        return {str(one["friendly_name"]): int(str(one["workers"])) for one in facts.activity_statistics or []}

    def _activity(self, where: Post) -> str:
        name = self._names[where]
        if name not in self._activities:
            raise AccountMisconfiguredError(
                f"The workspace has no activity '{name}': make one there, or name another in "
                f"ORCHESTRATOR_TASKROUTER_{where.name}."
            )
        return self._activities[name]

    @cached_property
    def _activities(self) -> Mapping[str, str]:
        with asking():
            return {str(one.friendly_name): str(one.sid) for one in self._space.activities.list()}


def attributes(order: TaskOrder) -> str:
    """What the worker is shown, and what tells us the task again, as JSON text."""
    return _fitting({**order.card, "kind": KIND, "offer_id": order.offer_id})


def _fitting(card: Mapping[str, object]) -> str:
    """The card as JSON; where it is too long, its longest text is what is left out."""
    text = json.dumps(card, ensure_ascii=False)
    if len(text.encode()) <= LONGEST_ATTRIBUTES:
        return text
    longest = max(card, key=lambda name: len(json.dumps(card[name], ensure_ascii=False).encode()))
    return _fitting({name: value for name, value in card.items() if name != longest})


@contextmanager
def _changing() -> Iterator[None]:
    """Around a change of what may be gone or elsewhere by now."""
    try:
        with asking():
            yield
    except CarrierError as error:
        if error.carrier_code in OVERTAKEN or error.carrier_code in GONE_STATUSES:
            raise TaskOverError(carrier_code=error.carrier_code) from error
        raise


def _record(task: Any) -> TaskRecord:
    return TaskRecord(sid=str(task.sid), status=str(task.assignment_status), reason=task.reason)


def _worker(worker: Any) -> WorkerRecord:
    return WorkerRecord(
        sid=str(worker.sid),
        name=str(worker.friendly_name),
        activity=str(worker.activity_name),
        available=bool(worker.available),
    )
