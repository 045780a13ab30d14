"""The paths under /sandbox/: what a test says to the world itself, in JSON and without a password.

``people`` pins how a number's person behaves, ``callers`` and ``senders`` how carriers treat what calls show and texts
come from, ``agents`` says which addresses are agents, ``workers`` how somebody in front of Flex behaves,
``deactivations`` which numbers were given up on a day, ``faults`` asks for failures, ``inbound-messages`` and
``inbound-calls`` let somebody write or ring, ``recordings`` records a call; ``report``, ``health`` and ``reset`` speak
for themselves.
"""

import re
from dataclasses import asdict
from typing import Any

from sandbox.checks import is_address, is_number
from sandbox.clock import iso
from sandbox.errors import SandboxError
from sandbox.inbound import receive_call, receive_message
from sandbox.report import report
from sandbox.taskrouter.flex_agents import find_worker, manner_of
from sandbox.web import Answer, Request
from sandbox.world import World

SHORT_CODE = re.compile(r"\d{3,6}")


def health(world: World, request: Request) -> Answer:
    """GET health: up, and what the clock shows."""
    return Answer(200, {"status": "up", "now": iso(world.now()), "speed": world.clock.speed, "path": request.path})


def fetch_report(world: World, request: Request) -> Answer:
    """GET report: all that happened; ``?rows=0`` leaves the rows out."""
    return Answer(200, report(world, rows=request.get("rows") != "0"))


def reset(world: World, request: Request) -> Answer:
    """POST reset: as on the first day."""
    world.reset()
    return Answer(200, {"status": "reset", "path": request.path})


def pin_person(world: World, request: Request) -> Answer:
    """POST people: {number, …}; what is not named stays as it was drawn. An agent's address will do too."""
    wishes = request.json()
    number = wishes.get("number")
    if not isinstance(number, str) or not is_address(number):
        number = _number(wishes, "number")
    del wishes["number"]
    world.people.pin(number, wishes)
    return Answer(200, {"number": number, "pinned": world.people.pins[number]})


def add_agent(world: World, request: Request) -> Answer:
    """POST agents: {address}; client: and sip: addresses are agents anyway."""
    address = request.json().get("address")
    if not isinstance(address, str) or not address:
        raise SandboxError("An agent needs an 'address': a number, client:… or sip:….")
    world.people.agents.add(address)
    return Answer(200, {"agents": sorted(world.people.agents)})


def tell_worker(world: World, request: Request) -> Answer:
    """POST workers: {worker, deeds, after_seconds, talk_seconds, wrap_up_seconds}, worker by sid or by name."""
    wishes = request.json()
    worker = find_worker(world, wishes.pop("worker", None))
    world.manners[worker.sid] = manner_of(wishes)
    return Answer(200, {"worker": worker.sid, "deeds": world.manners[worker.sid].deeds})


def add_fault(world: World, request: Request) -> Answer:
    """POST faults: {kind, probability, times, seconds, resource, to}."""
    world.faults.add(request.json())
    return list_faults(world, request)


def list_faults(world: World, request: Request) -> Answer:  # noqa: ARG001 - every handler takes both
    """GET faults: what was asked for and is not used up."""
    return Answer(200, {"faults": [asdict(fault) for fault in world.faults.asked if fault.times != 0]})


def clear_faults(world: World, request: Request) -> Answer:
    """DELETE faults: nothing goes wrong from now on."""
    world.faults.clear()
    return list_faults(world, request)


def send_message(world: World, request: Request) -> Answer:
    """POST inbound-messages: {from, to, body}."""
    wishes = request.json()
    body = wishes.get("body")
    if not isinstance(body, str):
        raise SandboxError("An inbound message needs a 'body'.")
    to = wishes.get("to")
    sender = to if isinstance(to, str) and SHORT_CODE.fullmatch(to) else _number(wishes, "to")
    message = receive_message(world, from_=_number(wishes, "from"), to=sender, body=body)
    return Answer(201, {"sid": message.sid})


def place_call(world: World, request: Request) -> Answer:
    """POST inbound-calls: {from, to, presses}."""
    wishes = request.json()
    presses = wishes.get("presses", "")
    if not isinstance(presses, str):
        raise SandboxError("What a caller presses is a text of keys, as in '9'.")
    call = receive_call(world, from_=_number(wishes, "from"), to=_number(wishes, "to"), presses=presses)
    return Answer(201, {"sid": call.sid})


def _number(wishes: dict[str, Any], name: str) -> str:
    number = wishes.get(name)
    if not isinstance(number, str) or not is_number(number):
        raise SandboxError(f"'{name}' must be a number in E.164 form, as in +12025550123.")
    return number
