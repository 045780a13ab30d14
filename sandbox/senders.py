"""How carriers treat the numbers and names that texts come from: their rates, their days, and what is filtered."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.errors import SandboxError
from sandbox.records import Message
from sandbox.web import Answer, Request
from sandbox.world import World

TOO_FAST, DAY_SPENT, FILTERED = 30022, 30023, 30007
CARRIERS_DAY = ZoneInfo("America/Los_Angeles")
NUMBERS = {"segments_per_second", "longest_queue_seconds", "filtered_share"}


@dataclass(frozen=True, slots=True)
class Sender:
    """One sender; what is None is as the account has it, or without a limit.

    ``longest_queue_seconds``: what would wait longer for its turn fails as sent too fast. ``error_code``: nothing of it
    is delivered, for this reason. ``filtered_words``: texts that hold one are filtered, beside the ``filtered_share``.
    """

    segments_per_second: float | None = None
    longest_queue_seconds: float | None = None
    daily_segments: int | None = None
    error_code: int | None = None
    filtered_words: tuple[str, ...] = ()
    filtered_share: float = 0.0


def sender(world: World, address: str | None) -> Sender:
    """How texts from the address are treated."""
    return world.senders.get(address or "", Sender())


def mark_sender(world: World, request: Request) -> Answer:
    """POST senders: {address, …}; what is not named stays as it was."""
    wishes = request.json()
    address = wishes.pop("address", None)
    if not isinstance(address, str) or not address:
        raise SandboxError("A sender needs an 'address': a number, a short code, a name or a messaging service.")
    world.senders[address] = _wanted(wishes, sender(world, address))
    return Answer(200, {"address": address, "sender": repr(world.senders[address])})


def _wanted(wishes: Mapping[str, Any], known: Sender) -> Sender:
    names = {item.name for item in fields(Sender)}
    for name, value in wishes.items():
        if name not in names:
            raise SandboxError(f"A sender has no '{name}'; it has {', '.join(sorted(names))}.")
        if not _fits(name, value):
            raise SandboxError(f"A sender's {name} cannot be {value!r}.")
    listed: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in wishes.items()
    }
    return replace(known, **listed)


def _fits(name: str, value: object) -> bool:
    if name == "filtered_words":
        return isinstance(value, list) and all(isinstance(word, str) for word in value)
    if value is None:
        return name != "filtered_share"
    number = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return (number and (name in NUMBERS or isinstance(value, int))) or (name == "filtered_share" and value == 0)


def rate_of(world: World, message: Message) -> float:
    """Segments a second of the message's sender."""
    return sender(world, message.from_).segments_per_second or world.config.segments_per_second


def fault_of(world: World, message: Message, waits_seconds: float) -> int | None:
    """Why the message is not delivered for the sake of its sender; None where that stands in nobody's way."""
    how = sender(world, message.from_)
    if how.error_code is not None:
        return how.error_code
    if how.longest_queue_seconds is not None and waits_seconds > how.longest_queue_seconds:
        return TOO_FAST
    if not _within_day(world, message, how):
        return DAY_SPENT
    filtered = any(word.casefold() in message.body.casefold() for word in how.filtered_words)
    return FILTERED if filtered or random.Random(message.sid).random() < how.filtered_share else None


def _within_day(world: World, message: Message, how: Sender) -> bool:
    """Count the message on the carriers' day, which begins at midnight in California."""
    day = datetime.fromtimestamp(world.now(), CARRIERS_DAY).date().isoformat()
    sent = world.sent_on[message.from_ or "", day]
    if how.daily_segments is not None and sent + message.segments > how.daily_segments:
        return False
    world.sent_on[message.from_ or "", day] += message.segments
    return True
