"""Deleting what happened: calls with their recordings, and messages with their media."""

from functools import partial

from sandbox.checks import refused
from sandbox.clock import rfc2822
from sandbox.errors import SandboxError, TwilioError, not_found
from sandbox.listing import listing
from sandbox.records import Call, KeptT, Ledger, Message, Recording
from sandbox.web import Answer, Request
from sandbox.world import API_VERSION, World

STILL_GOING = 20009
FINAL = frozenset({"delivered", "undelivered", "failed", "canceled", "sent", "received", "read"})


def delete_message(world: World, request: Request, sid: str) -> Answer:
    """DELETE Messages/{Sid}.json: one whose journey is over."""
    message = _found(world.messages, request, sid)
    if message.status not in FINAL:
        raise TwilioError(409, STILL_GOING, "This message is still being delivered and cannot be deleted")
    world.messages.remove(sid)
    _forget_number(world, message)
    return Answer(204)


def delete_call(world: World, request: Request, sid: str) -> Answer:
    """DELETE Calls/{Sid}.json: one that is over; its recordings are resources of their own, and stay."""
    call = _found(world.calls, request, sid)
    if not call.ended:
        raise refused(STILL_GOING, "This call is in progress and cannot be deleted")
    world.calls.remove(sid)
    _forget_number(world, call)
    return Answer(204)


def _forget_number(world: World, item: Call | Message) -> None:
    """Once nothing went to the number, or came from it, the sandbox does not know it either."""
    for number in {item.to, item.from_ or ""}:
        left = any(number in {one.to, one.from_} for ledger in (world.calls, world.messages) for one in ledger)
        if not left:
            world.dials.pop(number, None)
            world.people.forget(number)


def list_media(world: World, request: Request, sid: str) -> Answer:
    """GET Messages/{Sid}/Media.json: none, since these messages are words alone."""
    _found(world.messages, request, sid)
    nothing: list[Message] = []
    return listing(request, "media_list", nothing, lambda one: one.sid, lambda _: {})


def list_recordings(world: World, request: Request) -> Answer:
    """GET Recordings.json by CallSid."""
    asked = request.get("CallSid")
    kept = [one for one in reversed(list(world.recordings.values())) if asked in {None, one.call_sid}]
    return listing(request, "recordings", kept, lambda one: one.sid, partial(_recording_json, world))


def delete_recording(world: World, request: Request, sid: str) -> Answer:
    """DELETE Recordings/{Sid}.json."""
    if world.recordings.pop(sid, None) is None:
        raise not_found(request.path)
    return Answer(204)


def add_recording(world: World, request: Request) -> Answer:
    """POST recordings: {call_sid}, as if the account had recorded that call."""
    call_sid = request.json().get("call_sid")
    if not isinstance(call_sid, str) or world.calls.get(call_sid) is None:
        raise SandboxError("A recording needs the 'call_sid' of a call that was made.")
    recording = Recording(call_sid=call_sid, created_at=world.now())
    world.recordings[recording.sid] = recording
    return Answer(201, {"sid": recording.sid})


def _recording_json(world: World, recording: Recording) -> dict[str, object]:
    account = world.config.account_sid
    return {
        "sid": recording.sid,
        "account_sid": account,
        "api_version": API_VERSION,
        "call_sid": recording.call_sid,
        "channels": 1,
        "date_created": rfc2822(recording.created_at),
        "date_updated": rfc2822(recording.created_at),
        "start_time": rfc2822(recording.created_at),
        "duration": "0",
        "source": "OutboundAPI",
        "status": "completed",
        "price": None,
        "price_unit": "USD",
        "uri": f"/{API_VERSION}/Accounts/{account}/Recordings/{recording.sid}.json",
        "subresource_uris": {},
    }


def _found(ledger: Ledger[KeptT], request: Request, sid: str) -> KeptT:
    item = ledger.get(sid)
    if item is None:
        raise not_found(request.path)
    return item
