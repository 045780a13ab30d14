"""What this installation needs at the carrier, in the order in which it can be made."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from orchestrator.carrier.urls import CallbackUrls
from orchestrator.domain.provisioning import NEW, Kind, Known, Value, Wish

WORKSPACE, PREVIEWS, TEXTS = "Outbound orchestrator", "Outbound previews", "Outbound texts"
RETRY = "#rc=3&rp=all"  # deliver again, three times, after any failure
EVERYBODY = "1==1"  # our tasks name their worker, so the queue keeps nobody out


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """``workspace``: the sid of the one to use, None to make one of our own. ``texts_from``: the service's numbers."""

    public_url: str
    task_router: bool = True
    workspace: str | None = None
    channel: str = "voice"
    available: str = "Available"
    outbound: str = "Outbound calls"
    callers: tuple[str, ...] = ()
    texters: tuple[str, ...] = ()
    texts_from: tuple[str, ...] = ()


def wishes_of(wanted: Wanted) -> list[Wish]:
    """Everything that must be there; what lies in another thing comes after it."""
    numbers = sorted({*wanted.callers, *wanted.texters, *wanted.texts_from})
    wishes = [*(_task_router(wanted) if wanted.task_router else ()), *(_number(one, wanted) for one in numbers)]
    return [*wishes, *(_texts(wanted) if wanted.texts_from else ())]


def _task_router(wanted: Wanted) -> list[Wish]:
    news = {"event_callback_url": CallbackUrls(wanted.public_url).task_events, "events_filter": ""}
    named = wanted.workspace
    space = Wish(kind=Kind.WORKSPACE, name=named or WORKSPACE, fields=lambda _: news, sid=named, may_make=not named)
    queue = Wish(kind=Kind.QUEUE, name=PREVIEWS, fields=lambda _: {"target_workers": EVERYBODY}, within=space.key)
    return [
        space,
        _activity(wanted.available, space.key, takes_tasks=True),
        _activity(wanted.outbound, space.key, takes_tasks=False),
        Wish(kind=Kind.TASK_CHANNEL, name=wanted.channel, within=space.key, comes_along=True),
        queue,
        Wish(kind=Kind.WORKFLOW, name=PREVIEWS, fields=partial(_routing, queue.key), within=space.key),
    ]


def _activity(name: str, space: str, *, takes_tasks: bool) -> Wish:
    takes = {"available": takes_tasks}
    return Wish(kind=Kind.ACTIVITY, name=name, fields=lambda _: takes, within=space, comes_along=takes_tasks)


def _routing(queue: str, known: Known) -> Mapping[str, Value]:
    """Everything to the one queue; no assignment callback: workers answer on their own screens."""
    rules = {"task_routing": {"default_filter": {"queue": known.get(queue, NEW)}, "filters": []}}
    return {"configuration": json.dumps(rules, sort_keys=True)}


def _number(number: str, wanted: Wanted) -> Wish:
    """Only what the number is used for is set."""
    fields: dict[str, Value] = {}
    if number in wanted.callers:
        fields |= {
            "voice_url": f"{wanted.public_url}/inbound/calls{RETRY}",
            "voice_method": "POST",
            "voice_application_sid": "",  # one that is there would answer instead
            "status_callback": f"{wanted.public_url}/inbound/calls/status{RETRY}",
            "status_callback_method": "POST",
        }
    if number in wanted.texters:  # those of a service are answered by the service's own address
        fields |= {"sms_url": f"{wanted.public_url}/inbound/messages{RETRY}", "sms_method": "POST"}
    return Wish(kind=Kind.NUMBER, name=number, fields=lambda _: fields, may_make=False)


def _texts(wanted: Wanted) -> list[Wish]:
    fields: dict[str, Value] = {
        "inbound_request_url": f"{wanted.public_url}/inbound/messages{RETRY}",
        "inbound_method": "POST",
        "use_inbound_webhook_on_number": False,
    }
    numbers = sorted(set(wanted.texts_from))
    needs = tuple(f"{Kind.NUMBER}:{number}" for number in numbers)  # none is made for a number that was mistyped
    service = Wish(kind=Kind.SERVICE, name=TEXTS, fields=lambda _: fields, needs=needs)
    return [service, *(_in_service(number, service.key) for number in numbers)]


def _in_service(number: str, service: str) -> Wish:
    owned = f"{Kind.NUMBER}:{number}"
    return Wish(
        kind=Kind.SERVICE_NUMBER,
        name=number,
        fields=lambda known: {"phone_number_sid": known.get(owned, NEW)},
        within=service,
        needs=(owned,),
    )
