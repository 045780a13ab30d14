"""What Twilio reports by itself: status of calls, messages and conferences, and verdicts on who answered."""

import math
from functools import partial

from sandbox.clock import rfc2822
from sandbox.courier import Parcel
from sandbox.faults import FaultKind
from sandbox.records import Call, Conference, Message, Participant
from sandbox.world import API_VERSION, World

SWAP_AT_LATEST_SECONDS = 5.0
_COUNTRIES = {"+1": "US", "+44": "GB", "+61": "AU"}
_SIP_CODES = {"completed": "200", "busy": "486", "no-answer": "487", "canceled": "487", "failed": "404"}
_OF_CONFERENCE = frozenset({"start", "end"})


def country_of(address: str | None) -> str:
    """The country of a number, as far as the sandbox knows; empty for addresses that are no numbers."""
    return next((land for prefix, land in _COUNTRIES.items() if address and address.startswith(prefix)), "")


def _places(params: dict[str, str], role: str, address: str) -> None:
    for part in ("City", "State", "Zip"):
        params[role + part] = ""
    params[f"{role}Country"] = country_of(address)


def standing_parameters(world: World, call: Call) -> dict[str, str]:
    """What Twilio says of a call in every request about it."""
    params = {
        "CallSid": call.sid,
        "AccountSid": world.config.account_sid,
        "From": call.from_,
        "To": call.to,
        "Caller": call.from_,
        "Called": call.to,
        "CallStatus": call.status,
        "ApiVersion": API_VERSION,
        "Direction": call.direction,
    }
    for role, address in (("To", call.to), ("Called", call.to), ("From", call.from_), ("Caller", call.from_)):
        _places(params, role, address)
    if call.parent_sid:
        params["ParentCallSid"] = call.parent_sid
    return params


def call_event(world: World, call: Call, event: str) -> None:
    """Report initiated, ringing, answered or completed, where the creator asked for it."""
    orders = call.orders
    call.updated_at = world.now()
    if not orders.status_callback or event not in orders.events:
        return
    params = standing_parameters(world, call)
    params["Timestamp"] = rfc2822(world.now()) or ""
    params["CallbackSource"] = "call-progress-events"
    params["SequenceNumber"] = str(call.sequence)
    call.sequence += 1
    if event == "initiated":
        params["CallStatus"] = "initiated"
    if event in {"ringing", "answered"}:
        params.update(_attestation(world, call))
    if event == "completed":
        params.update(_ending(call))
    deliver(world, "calls", call.sid, Parcel(
        url=orders.status_callback, method=orders.status_callback_method, params=params), final=event == "completed",
    )  # fmt: skip


def _attestation(world: World, call: Call) -> dict[str, str]:
    level = world.callers[call.from_].stir if call.from_ in world.callers else "A"
    return {"StirStatus": level} if level else {}


def _ending(call: Call) -> dict[str, str]:
    seconds = duration_seconds(call)
    params = {"CallDuration": str(seconds), "SipResponseCode": call.sip_code or _SIP_CODES[call.status]}
    if call.status == "completed":
        params["Duration"] = str(math.ceil(seconds / 60))
    if call.answered_by:
        params["AnsweredBy"] = call.answered_by
    return params


def duration_seconds(call: Call) -> int:
    """Whole seconds from answer to end; 0 for a call that was not answered."""
    if call.answered_at is None or call.ended_at is None:
        return 0
    return round(call.ended_at - call.answered_at)


def detection_event(world: World, call: Call, seconds: float) -> None:
    """Report who answered, to the one who asked to be told while the call goes on."""
    orders = call.orders
    if not orders.detection_callback:
        world.warn(f"21262: {call.sid} has AsyncAmd without AsyncAmdStatusCallback")
        return
    params = {
        "CallSid": call.sid,
        "AccountSid": world.config.account_sid,
        "AnsweredBy": call.answered_by or "unknown",
        "MachineDetectionDuration": str(round(seconds * 1000)),
    }
    parcel = Parcel(url=orders.detection_callback, method=orders.detection_callback_method, params=params)
    deliver(world, "amd", call.sid, parcel, final=True)


def message_event(world: World, message: Message) -> None:
    """Report the status of a message; there is no sequence number."""
    message.updated_at = world.now()
    if not message.status_callback:
        return
    params = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": message.status,
        "SmsStatus": message.status,
        "To": message.to,
        "From": message.from_ or "",
        "AccountSid": world.config.account_sid,
        "ApiVersion": API_VERSION,
    }
    if message.service_sid:
        params["MessagingServiceSid"] = message.service_sid
    if message.error_code:
        params["ErrorCode"] = str(message.error_code)
    final = message.status not in {"queued", "sending", "sent"}
    deliver(world, "messages", message.sid, Parcel(url=message.status_callback, params=params), final=final)


def conference_event(
    world: World, room: Conference, event: str, who: Participant | None = None, *, word: str | None = None
) -> None:
    """Report start, end, join, leave, mute or hold of a conference, where its first participant asked for it."""
    if not room.status_callback or event not in room.events:
        return
    params = {
        "ConferenceSid": room.sid,
        "FriendlyName": room.name,
        "AccountSid": world.config.account_sid,
        "Timestamp": rfc2822(world.now()) or "",
        "SequenceNumber": str(room.sequence),
        "StatusCallbackEvent": word or f"{'conference' if event in _OF_CONFERENCE else 'participant'}-{event}",
    }
    room.sequence += 1
    if who is not None:
        params.update(_of_participant(who))
    if event == "end":
        params["ReasonConferenceEnded"] = room.reason_ended or ""
        params["CallSidEndingConference"] = room.ended_by or ""
    parcel = Parcel(url=room.status_callback, method=room.status_callback_method, params=params)
    deliver(world, "conferences", room.sid, parcel, final=event == "end")


def _of_participant(who: Participant) -> dict[str, str]:
    flags = {
        "Muted": who.muted,
        "Hold": who.hold,
        "Coaching": False,
        "StartConferenceOnEnter": who.start_on_enter,
        "EndConferenceOnExit": who.end_on_exit,
    }
    label = {"ParticipantLabel": who.label} if who.label else {}
    return {"CallSid": who.call.sid, **label, **{name: str(value).lower() for name, value in flags.items()}}


def deliver(world: World, resource: str, about: str, parcel: Parcel, *, final: bool = False) -> None:
    """Hand a callback over, unless a fault loses it, repeats it, holds it back or lets the next one overtake it."""
    strikes = partial(world.faults.strikes, resource=resource, to=parcel.params.get("To"))
    if strikes(FaultKind.CALLBACK_LOST):
        world.lost[resource] += 1
        return
    post = partial(world.courier.tell, parcel, about=about)
    if strikes(FaultKind.CALLBACK_DOUBLED):
        post()
    late = strikes(FaultKind.CALLBACK_LATE)
    if late:
        world.later(late.seconds, post)
        return
    if not final and about not in world.held_back and strikes(FaultKind.CALLBACK_REORDERED):
        flush = world.later(SWAP_AT_LATEST_SECONDS, partial(_release, world, about))
        world.held_back[about] = (parcel, flush)
        return
    post()
    _release(world, about)


def _release(world: World, about: str) -> None:
    held = world.held_back.pop(about, None)
    if held is not None:
        held[1].cancel()
        world.courier.tell(held[0], about=about)
