"""What happened, for a test that compares it with somebody else's records."""

from collections import Counter

from sandbox.callbacks import duration_seconds
from sandbox.clock import iso
from sandbox.exchange import seconds_after_greeting
from sandbox.legs import BEEP
from sandbox.records import Call, Conference, Message
from sandbox.taskrouter.account import tasks_of
from sandbox.verbs import MESSAGE
from sandbox.world import World


def report(world: World, *, rows: bool) -> dict[str, object]:
    """Counts of everything; with ``rows`` also every call, message and conference."""
    counts = {
        "calls": Counter(f"{call.direction} {call.status}" for call in world.calls),
        "messages": Counter(f"{message.direction} {message.status}" for message in world.messages),
        "callbacks": dict(world.courier.counts),
        "callbacks_lost": dict(world.lost),
        "queued_calls": len(world.queue),
    }
    answer: dict[str, object] = {
        "now": iso(world.now()),
        "counts": counts,
        "dials_by_number": {number: [iso(at) for at in moments] for number, moments in world.dials.items()},
        "requests": dict(world.requests.requests),
        "answers": dict(world.requests.statuses),
        "parameters_seen": world.requests.parameters_seen(),
        "values_seen": world.requests.values_seen(),
        "blocked": sorted(world.blocked),
        "warnings": list(world.warnings),
    }
    if rows:
        answer["calls"] = [_call(call) for call in world.calls]
        answer["messages"] = [_message(message) for message in world.messages]
        answer["conferences"] = [_conference(room) for room in world.conferences.values()]
        answer["tasks"] = tasks_of(world)
    return answer


def _call(call: Call) -> dict[str, object]:
    orders = call.orders
    first = _first_moments(call)
    return {
        "sid": call.sid,
        "to": call.to,
        "from": call.from_,
        "direction": call.direction,
        "parent_sid": call.parent_sid,
        "is_agent": call.is_agent,
        "status": call.status,
        "answered_by": call.answered_by,
        "persona": call.plan.outcome,
        "created_at": iso(call.created_at),
        "dialled_at": iso(call.dialled_at),
        "answered_at": iso(call.answered_at),
        "greeting_ended_at": iso(first.get("greeting_end")),
        "agent_voice_at": iso(first.get("agent_voice")),
        "information_message_at": iso(first.get("information_message")),
        "mailbox": _mailbox(call),
        "two_seconds": seconds_after_greeting(call, "agent_voice"),
        "message_after_seconds": seconds_after_greeting(call, "information_message"),
        "ended_at": iso(call.ended_at),
        "duration_seconds": duration_seconds(call),
        "url": orders.url,
        "status_callback": orders.status_callback,
        "detection_callback": orders.detection_callback,
        "heard": [{"at": iso(heard.at), "what": heard.what, "detail": heard.detail} for heard in call.heard],
    }


def _mailbox(call: Call) -> str | None:
    """What a machine has recorded: the words that began after its beep; None where it did not come to that."""
    beep_at = _first_moments(call).get(BEEP)
    if beep_at is None:
        return None
    spoken = [heard for heard in call.heard if heard.what == MESSAGE and heard.at >= beep_at]
    return " ".join(heard.detail for heard in spoken if heard.detail)


def _first_moments(call: Call) -> dict[str, float]:
    moments: dict[str, float] = {}
    for heard in call.heard:
        moments.setdefault(heard.what, heard.at)
    return moments


def _message(message: Message) -> dict[str, object]:
    return {
        "sid": message.sid,
        "to": message.to,
        "from": message.from_,
        "direction": message.direction,
        "status": message.status,
        "error_code": message.error_code,
        "body": message.body,
        "segments": message.segments,
        "service_sid": message.service_sid,
        "validity_seconds": message.validity_seconds,
        "price": message.price,
        "links_shortened": message.links_shortened,
        "status_callback": message.status_callback,
        "created_at": iso(message.created_at),
        "sent_at": iso(message.sent_at),
        "updated_at": iso(message.updated_at),
    }


def _conference(room: Conference) -> dict[str, object]:
    return {
        "sid": room.sid,
        "name": room.name,
        "status": room.status,
        "created_at": iso(room.created_at),
        "participants": list(room.participants),
        "reason_ended": room.reason_ended,
    }
