"""How carriers treat the numbers that calls show: their attestation, and those that are blocked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.checks import is_number, refused
from sandbox.clock import rfc2822
from sandbox.errors import SandboxError, not_found
from sandbox.listing import listing
from sandbox.records import Call
from sandbox.web import Answer, Request
from sandbox.world import API_VERSION, World

BLOCKED = 32017
DECLINED = "603"
HOW_BLOCKED = frozenset({"call", "create"})


@dataclass(frozen=True, slots=True)
class Caller:
    """One number as a caller. ``stir`` None: its calls are not attested.

    ``blocked``: "call" lets calls fail at the called party's carrier, "create" refuses them at once, None neither.
    """

    stir: str | None = "A"
    blocked: str | None = None


def caller(world: World, number: str) -> Caller:
    """How calls from the number are treated."""
    return world.callers.get(number, Caller())


def refuse_blocked(world: World, number: str) -> None:
    """Refuse a call that is blocked before it is made."""
    if caller(world, number).blocked == "create":
        raise refused(BLOCKED, "Carrier blocked the call due to its calling number")


def is_blocked(world: World, call: Call) -> bool:
    """Whether the called party's carrier declines the call for the number it shows; why is filed beside the call."""
    if caller(world, call.from_).blocked != "call":
        return False
    call.sip_code = DECLINED
    call.errors.append(BLOCKED)
    world.warn(f"{BLOCKED}: {call.sid} was blocked for its calling number")
    return True


def mark_caller(world: World, request: Request) -> Answer:
    """POST callers: {number, stir: "A", "B", "C" or null, blocked: "call", "create" or null}."""
    wishes = request.json()
    number = wishes.get("number")
    if not isinstance(number, str) or not is_number(number):
        raise SandboxError("'number' must be a number in E.164 form, as in +12025550123.")
    world.callers[number] = _wanted(wishes, caller(world, number))
    return Answer(200, {"number": number, "stir": world.callers[number].stir, "blocked": world.callers[number].blocked})


def _wanted(wishes: Mapping[str, Any], before: Caller) -> Caller:
    unknown = wishes.keys() - {"number", "stir", "blocked"}
    if unknown:
        raise SandboxError(f"A caller has no '{min(unknown)}'; it has stir and blocked.")
    stir, blocked = wishes.get("stir", before.stir), wishes.get("blocked", before.blocked)
    if stir not in {None, "A", "B", "C"}:
        raise SandboxError("A caller's stir must be A, B, C or null.")
    if blocked is not None and blocked not in HOW_BLOCKED:
        raise SandboxError("A caller's blocked must be call, create or null.")
    return Caller(stir, blocked)


def list_notifications(world: World, request: Request, sid: str) -> Answer:
    """GET Calls/{Sid}/Notifications.json: what was filed about the call, its errors by number."""
    call = world.calls.get(sid)
    if call is None:
        raise not_found(request.path)
    filed = [_notification(world, call, at, code) for at, code in enumerate(call.errors)]
    return listing(request, "notifications", filed, lambda one: str(one["sid"]), lambda one: one)


def _notification(world: World, call: Call, at: int, code: int) -> dict[str, object]:
    account = world.config.account_sid
    sid = f"NO{at:02x}{call.sid[4:]}"
    return {
        "sid": sid,
        "account_sid": account,
        "call_sid": call.sid,
        "api_version": API_VERSION,
        "error_code": str(code),
        "log": "0",
        "message_date": rfc2822(call.ended_at),
        "message_text": f"ErrorCode={code}",
        "more_info": "",
        "request_method": None,
        "request_url": "",
        "date_created": rfc2822(call.ended_at),
        "date_updated": rfc2822(call.ended_at),
        "uri": f"/{API_VERSION}/Accounts/{account}/Calls/{call.sid}/Notifications/{sid}.json",
    }
