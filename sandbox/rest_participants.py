"""The participants of a conference."""

from functools import partial
from urllib.parse import unquote

from sandbox.call_orders import INVALID_CALLBACK, orders_of_participant
from sandbox.callbacks import conference_event
from sandbox.checks import caller_of, flag, method_in, refused, to_of, url_in
from sandbox.clock import rfc2822
from sandbox.conferences import find_room, join, kick, mix, open_room
from sandbox.creating import create
from sandbox.errors import TwilioError, not_found
from sandbox.legs import hang_up
from sandbox.listing import listing
from sandbox.records import Call, Conference, Participant
from sandbox.rest_calls import queued_call
from sandbox.rest_conferences import room_of
from sandbox.web import Answer, Request
from sandbox.world import API_VERSION, World

LABEL_TAKEN = 16025


def create_participant(world: World, request: Request, sid: str) -> Answer:
    """POST Participants.json: a call is queued, and joins the room when it is answered."""
    to = to_of(world, request, "call")
    from_ = caller_of(request, to)
    orders = orders_of_participant(world, request)
    name = unquote(sid)
    if name.startswith("CF") and name not in world.conferences:
        raise not_found(request.path)
    room = find_room(world, name)
    label = request.get("Label")
    if room is not None:
        _check_room(room, label, request)

    def make() -> Answer:
        call = queued_call(world, to, from_, orders)
        opened = room or open_room(world, name)
        who = _participant(world, request, call, label)
        _listen(opened, request)
        call.on_answer = partial(_enter, world, opened, who)
        return Answer(201, participant_json(world, opened, who))

    return create(world, "participants", to, make)


def _check_room(room: Conference, label: str | None, request: Request) -> None:
    if room.status == "completed":
        raise not_found(request.path)
    if label and any(who.label == label for who in room.participants.values()):
        raise refused(LABEL_TAKEN, "Participant label is already in use in this conference.")


def _participant(world: World, request: Request, call: Call, label: str | None) -> Participant:
    return Participant(
        call=call,
        joined_at=world.now(),
        resume=partial(hang_up, world, call),
        label=label,
        muted=flag(request, "Muted", default=False),
        start_on_enter=flag(request, "StartConferenceOnEnter", default=True),
        end_on_exit=flag(request, "EndConferenceOnExit", default=False),
    )


def _listen(room: Conference, request: Request) -> None:
    """Only the first participant's word on who is told of the conference counts."""
    if room.status_callback is None:
        room.status_callback = url_in(request, "ConferenceStatusCallback", INVALID_CALLBACK)
        room.status_callback_method = method_in(request, "ConferenceStatusCallbackMethod")
        words = request.fields.get("ConferenceStatusCallbackEvent", ["start end"])
        room.events = frozenset(word for value in words for word in value.split())


def _enter(world: World, room: Conference, who: Participant) -> None:
    if room.status == "completed":
        hang_up(world, who.call)
        return
    try:
        join(world, room, who)
    except TwilioError:
        hang_up(world, who.call)


def list_participants(world: World, request: Request, sid: str) -> Answer:
    """GET Participants.json by Muted and Hold; a room that has ended has none."""
    room = room_of(world, request, sid)
    people = (
        who
        for who in list(room.participants.values())
        if request.get("Muted") in {None, str(who.muted).lower()}
        and request.get("Hold") in {None, str(who.hold).lower()}
    )
    return listing(request, "participants", people, lambda who: who.call.sid, partial(participant_json, world, room))


def fetch_participant(world: World, request: Request, sid: str, call_sid: str) -> Answer:
    """GET Participants/{CallSid or Label}.json."""
    room = room_of(world, request, sid)
    return Answer(200, participant_json(world, room, _who(room, request, call_sid)))


def update_participant(world: World, request: Request, sid: str, call_sid: str) -> Answer:
    """POST Participants/{CallSid or Label}.json: mute, hold, or what their leaving does."""
    room = room_of(world, request, sid)
    who = _who(room, request, call_sid)
    muted, hold = flag(request, "Muted", default=who.muted), flag(request, "Hold", default=who.hold)
    who.end_on_exit = flag(request, "EndConferenceOnExit", default=who.end_on_exit)
    if muted != who.muted:
        who.muted = muted
        conference_event(world, room, "mute", who, word=f"participant-{'mute' if muted else 'unmute'}")
    if hold != who.hold:
        who.hold = hold
        conference_event(world, room, "hold", who, word=f"participant-{'hold' if hold else 'unhold'}")
    mix(world, room)
    return Answer(200, participant_json(world, room, who))


def delete_participant(world: World, request: Request, sid: str, call_sid: str) -> Answer:
    """DELETE Participants/{CallSid or Label}.json: out of the room they go."""
    room = room_of(world, request, sid)
    kick(world, room, _who(room, request, call_sid).call.sid)
    return Answer(204)


def _who(room: Conference, request: Request, call_sid: str) -> Participant:
    name = unquote(call_sid)
    who = next((who for who in room.participants.values() if name in {who.call.sid, who.label}), None)
    if who is None:
        raise not_found(request.path)
    return who


def participant_json(world: World, room: Conference, who: Participant) -> dict[str, object]:
    """The participant as Twilio shows it."""
    account, call = world.config.account_sid, who.call
    return {
        "account_sid": account,
        "call_sid": call.sid,
        "call_sid_to_coach": None,
        "coaching": False,
        "conference_sid": room.sid,
        "date_created": rfc2822(who.joined_at),
        "date_updated": rfc2822(room.updated_at),
        "end_conference_on_exit": who.end_on_exit,
        "hold": who.hold,
        "label": who.label,
        "muted": who.muted,
        "queue_time": str(call.queue_time_ms),
        "start_conference_on_enter": who.start_on_enter,
        "status": _status(room, who),
        "uri": f"/{API_VERSION}/Accounts/{account}/Conferences/{room.sid}/Participants/{call.sid}.json",
    }


def _status(room: Conference, who: Participant) -> str:
    if who.call.sid in room.participants:
        return "connected"
    ended = "complete" if who.call.status == "completed" else "failed"
    return {"queued": "queued", "ringing": "ringing", "in-progress": "connecting"}.get(who.call.status, ended)
