"""How a request to TaskRouter is read: what it must name, what it may, and what it is compared with."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from sandbox.errors import TwilioError, invalid, not_found
from sandbox.taskrouter.records import Activity, Workspace
from sandbox.web import Request
from sandbox.world import World

ItemT = TypeVar("ItemT")


def workspace_of(world: World, request: Request, space: str) -> Workspace:
    """The workspace that the path names; 404 where there is none."""
    return found(request, world.workspaces, space)


def found(request: Request, items: Mapping[str, ItemT], sid: str) -> ItemT:
    """The item of that sid; 404 where there is none."""
    item = items.get(sid)
    if item is None:
        raise not_found(request.path)
    return item


def required(request: Request, name: str) -> str:
    """The field's text; 20001 where it is absent."""
    text = request.get(name)
    if text is None:
        raise TwilioError(400, 20001, f"Missing required parameter {name} in the post body")
    return text


def new_name(request: Request, name: str, taken: Iterable[str]) -> str:
    """A name that nothing else of its kind bears, whatever its case; 20409 for one that is taken."""
    text = required(request, name)
    if text.lower() in {other.lower() for other in taken}:
        raise conflict(f"{name} '{text}' already exists")
    return text


def conflict(sentence: str) -> TwilioError:
    """The answer for what the present state of things does not allow."""
    return TwilioError(409, 20409, sentence)


def attributes_of(request: Request) -> dict[str, Any] | None:
    """The JSON object in Attributes, None where it is absent; 20001 for what is no object."""
    text = request.get("Attributes")
    if text is None:
        return None
    try:
        attributes = json.loads(text)
    except ValueError as error:
        raise invalid("Attributes", "must be valid JSON") from error
    if not isinstance(attributes, dict):
        raise invalid("Attributes", "must be a JSON object")
    return attributes


def activity_in(request: Request, name: str, space: Workspace) -> Activity | None:
    """The activity whose sid the field holds, None where it is absent; 20001 for one that does not exist."""
    sid = request.get(name)
    if sid is None:
        return None
    if sid not in space.activities:
        raise invalid(name, f"there is no activity {sid} in this workspace")
    return space.activities[sid]


def check_version(request: Request, version: int) -> None:
    """Refuse a change of something that has changed since the asker read it."""
    if request.if_match not in {None, "*", str(version), f'"{version}"'}:
        raise TwilioError(412, 20412, "Precondition Failed: the resource has changed since it was read")
