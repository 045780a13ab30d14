"""What Twilio knows of people's numbers: the carriers' daily list of those given up, and the list of consents."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sandbox.checks import is_number, refused
from sandbox.errors import SandboxError, TwilioError, invalid, not_found
from sandbox.web import Answer, Request
from sandbox.world import World

FILES = "/v1/Deactivations/Files/"  # their addresses are the key to them, and no password is asked
FILE = FILES + "{day}"
MOST_ITEMS, MOST_A_MINUTE = 25, 100
BAD_ITEM, TOO_MANY = 30646, 20429
STATUSES = frozenset({"opt-in", "opt-out"})
SOURCES = frozenset({"website", "offline", "opt-in-message", "opt-out-message", "others"})
CORRELATION = re.compile(r"[0-9a-zA-Z]{32}")
SENDER = re.compile(r"MG[0-9a-f]{32}|\+[1-9]\d{6,14}|\d{3,6}")


def fetch_deactivations(world: World, request: Request) -> Answer:
    """GET Deactivations by Date: where the day's file lies."""
    day = _day(request.get("Date") or "")
    if day.isoformat() not in world.account.deactivations:
        raise not_found(request.path)
    return Answer(307, {"redirect_to": f"https://messaging.twilio.com{FILE.format(day=day.isoformat())}"})


def fetch_file(world: World, request: Request, day: str) -> Answer:
    """GET the day's file: one number a line."""
    numbers = world.account.deactivations.get(day)
    if numbers is None:
        raise not_found(request.path)
    return Answer(200, "".join(f"{number}\n" for number in numbers).encode())


def tell_deactivations(world: World, request: Request) -> Answer:
    """POST deactivations: {day, numbers} of a day's list."""
    wishes = request.json()
    day, numbers = wishes.get("day"), wishes.get("numbers")
    if not isinstance(day, str) or not isinstance(numbers, list) or not all(is_number(str(one)) for one in numbers):
        raise SandboxError("Deactivations need a 'day' as in 2026-11-22, and 'numbers' in E.164 form.")
    world.account.deactivations[_day(day).isoformat()] = [str(one) for one in numbers]
    return Answer(200, {"day": day, "numbers": len(numbers)})


def bulk_consents(world: World, request: Request) -> Answer:
    """POST Consents/Bulk: 201 even where items are wrong, each with its own error."""
    texts = request.form.get("Items", [])
    if not texts or len(texts) > MOST_ITEMS:
        raise invalid("Items", f"must be 1 to {MOST_ITEMS}")
    _count_request(world)
    return Answer(201, {"items": [_take(world, text) for text in texts]})


def _count_request(world: World) -> None:
    now = world.now()
    recent = [at for at in world.account.consent_requests if at > now - 60]
    world.account.consent_requests = [*recent, now]
    if len(recent) >= MOST_A_MINUTE:
        raise TwilioError(429, TOO_MANY, "Too many requests")


def _take(world: World, text: str) -> dict[str, object]:
    try:
        item = json.loads(text)
    except ValueError:
        item = None
    if not isinstance(item, dict):
        return {"correlation_id": None, "error_code": BAD_ITEM, "error_messages": ["The item is no JSON object"]}
    wrong = _wrong(item)
    if not wrong:
        pair = (item["sender_id"], item["contact_id"])
        (world.blocked.add if item["status"] == "opt-out" else world.blocked.discard)(pair)
        world.account.consents.append(item)
    code = BAD_ITEM if wrong else 0
    return {"correlation_id": item.get("correlation_id"), "error_code": code, "error_messages": wrong}


def _wrong(item: Mapping[str, Any]) -> list[str]:
    checks = {
        "contact_id": is_number(str(item.get("contact_id"))),
        "correlation_id": CORRELATION.fullmatch(str(item.get("correlation_id"))),
        "sender_id": SENDER.fullmatch(str(item.get("sender_id"))),
        "status": item.get("status") in STATUSES,
        "source": item.get("source") in SOURCES,
    }
    return [f"{name} is invalid" for name, is_right in checks.items() if not is_right]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refused(20001, "Date must be a day as in 2026-11-22") from None
