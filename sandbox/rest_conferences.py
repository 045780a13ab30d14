"""Conferences.json and Conferences/{Sid}.json."""

from functools import partial
from urllib.parse import unquote

from sandbox.clock import rfc2822
from sandbox.conferences import end, find_room
from sandbox.errors import invalid, not_found
from sandbox.listing import listing
from sandbox.records import Conference
from sandbox.web import Answer, Request
from sandbox.world import API_VERSION, World


def list_conferences(world: World, request: Request) -> Answer:
    """GET Conferences.json by FriendlyName and Status."""
    rooms = (
        room
        for room in reversed(list(world.conferences.values()))
        if request.get("FriendlyName") in {None, room.name} and request.get("Status") in {None, room.status}
    )
    return listing(request, "conferences", rooms, lambda room: room.sid, partial(conference_json, world))


def fetch_conference(world: World, request: Request, sid: str) -> Answer:
    """GET Conferences/{Sid}.json."""
    return Answer(200, conference_json(world, room_of(world, request, sid)))


def update_conference(world: World, request: Request, sid: str) -> Answer:
    """POST Conferences/{Sid}.json: Status completed ends it."""
    room = room_of(world, request, sid)
    if request.get("Status") != "completed":
        raise invalid("Status", "must be completed")
    end(world, room, "conference-ended-via-api")
    return Answer(200, conference_json(world, room))


def room_of(world: World, request: Request, sid: str) -> Conference:
    """The conference of that sid or name; 404 where there is none."""
    room = find_room(world, unquote(sid))
    if room is None:
        raise not_found(request.path)
    return room


def conference_json(world: World, room: Conference) -> dict[str, object]:
    """The conference as Twilio shows it."""
    account = world.config.account_sid
    uri = f"/{API_VERSION}/Accounts/{account}/Conferences/{room.sid}"
    return {
        "sid": room.sid,
        "account_sid": account,
        "api_version": API_VERSION,
        "date_created": rfc2822(room.created_at),
        "date_updated": rfc2822(room.updated_at),
        "friendly_name": room.name,
        "region": "us1",
        "status": room.status,
        "reason_conference_ended": room.reason_ended,
        "call_sid_ending_conference": room.ended_by,
        "uri": f"{uri}.json",
        "subresource_uris": {"participants": f"{uri}/Participants.json", "recordings": f"{uri}/Recordings.json"},
    }
