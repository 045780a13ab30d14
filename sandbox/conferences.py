"""Rooms: who is in them, who hears whom, and when they end."""

from functools import partial

from sandbox.callbacks import conference_event
from sandbox.errors import TwilioError
from sandbox.legs import hears
from sandbox.records import Conference, Participant
from sandbox.world import World

MOST_PARTICIPANTS = 250


def open_room(world: World, name: str) -> Conference:
    """The room of that name that has not ended; a new one where there is none."""
    room = find_room(world, name)
    if room is None:
        room = Conference(name=name, created_at=world.now(), updated_at=world.now())
        world.conferences[room.sid] = room
    return room


def find_room(world: World, sid_or_name: str) -> Conference | None:
    """The room of that sid, else the one of that name that has not ended."""
    if sid_or_name in world.conferences:
        return world.conferences[sid_or_name]
    same_name = (room for room in world.conferences.values() if room.name == sid_or_name)
    return next((room for room in same_name if room.status != "completed"), None)


def join(world: World, room: Conference, who: Participant) -> None:
    """Put the leg into the room; it leaves when it ends, is redirected or kicked, or the room ends."""
    if len(room.participants) >= MOST_PARTICIPANTS:
        raise TwilioError(400, 16021, "Cannot join the conference")
    call = who.call
    room.participants[call.sid] = who
    room.updated_at = world.now()
    call.leave = partial(leave, world, room, call.sid)
    conference_event(world, room, "join", who)
    _start(world, room)
    mix(world, room)


def _start(world: World, room: Conference) -> None:
    people = room.participants.values()
    if room.status == "init" and any(who.start_on_enter for who in people):
        room.status = "in-progress"
    if room.status == "in-progress" and len(room.participants) > 1 and not room.announced_start:
        room.announced_start = True
        conference_event(world, room, "start")


def mix(world: World, room: Conference) -> None:
    """Let everybody hear what the room brings them now: a voice, or music while they wait."""
    for who in list(room.participants.values()):
        hears(world, who.call, _sound_for(room, who))


def _sound_for(room: Conference, who: Participant) -> str:
    if who.hold or room.status != "in-progress":
        return "hold"
    others = [other for other in room.participants.values() if other is not who and not other.muted and not other.hold]
    if any(other.call.is_agent for other in others):
        return "agent_voice"
    return "person_voice" if others else "hold"


def leave(world: World, room: Conference, call_sid: str) -> None:
    """Take the leg out of the room; the leg itself is not touched."""
    _remove(world, room, call_sid, left="left")


def kick(world: World, room: Conference, call_sid: str) -> None:
    """Put the leg out of the room; it goes on with what comes after its conference."""
    who = _remove(world, room, call_sid, left="kicked")
    if who is not None:
        who.call.leave = None
        who.resume()


def end(world: World, room: Conference, reason: str, ended_by: str | None = None) -> None:
    """Close the room; every leg goes on with what comes after its conference."""
    if room.status == "completed":
        return
    room.status = "completed"
    room.updated_at = world.now()
    room.reason_ended, room.ended_by = reason, ended_by
    remaining = list(room.participants.values())
    room.participants.clear()
    for who in remaining:
        conference_event(world, room, "leave", who)
    conference_event(world, room, "end")
    for who in remaining:
        who.call.leave = None
        who.resume()


def _remove(world: World, room: Conference, call_sid: str, *, left: str) -> Participant | None:
    who = room.participants.pop(call_sid, None)
    if who is None:
        return None
    room.updated_at = world.now()
    conference_event(world, room, "leave", who)
    if who.end_on_exit:
        end(world, room, f"participant-with-end-conference-on-exit-{left}", call_sid)
    elif not room.participants:
        end(world, room, f"last-participant-{left}", call_sid)
    else:
        mix(world, room)
    return who
