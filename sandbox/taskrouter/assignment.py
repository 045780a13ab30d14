"""Assignment callbacks: the workflow's application is asked what to do with a new reservation, and is obeyed."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from sandbox.courier import Parcel, Reply
from sandbox.errors import TwilioError
from sandbox.faults import FaultKind
from sandbox.taskrouter import flow
from sandbox.taskrouter.instructions import CALL_EVENTS, KINDS, Instruction, carry_out
from sandbox.taskrouter.records import Reservation, Workspace
from sandbox.taskrouter.rendering import text
from sandbox.world import World

ANSWER_WITHIN = "#tt=5000&rt=5000&rc=0"


def ask(world: World, space: Workspace, reservation: Reservation) -> None:
    """Ask at the workflow's address, then at its fallback; a workflow without one leaves the worker to answer."""
    workflow = reservation.task.workflow
    urls = [url for url in (workflow.assignment_url, workflow.fallback_url) if url] if workflow else []
    if urls and not world.faults.strikes(FaultKind.CALLBACK_LOST, "assignments"):
        _ask_at(world, space, reservation, urls)
    elif urls:
        world.lost["assignments"] += 1
        flow.fail(world, space, reservation)


def _ask_at(world: World, space: Workspace, reservation: Reservation, urls: list[str]) -> None:
    url = urls[0] if "#" in urls[0] else f"{urls[0]}{ANSWER_WITHIN}"
    heard = partial(_heard, world, space, reservation, urls[1:])
    world.courier.ask(Parcel(url=url, params=_params(world, space, reservation), then=heard))


def _params(world: World, space: Workspace, reservation: Reservation) -> dict[str, str]:
    task, worker = reservation.task, reservation.worker
    return {
        "AccountSid": space.account_sid,
        "WorkspaceSid": space.sid,
        "WorkflowSid": task.workflow.sid if task.workflow else "",
        "TaskQueueSid": reservation.queue.sid,
        "WorkerSid": worker.sid,
        "WorkerAttributes": text(worker.attributes),
        "TaskSid": task.sid,
        "TaskAttributes": text(task.attributes),
        "TaskAge": str(int(world.now() - task.created_at)),
        "TaskPriority": str(task.priority),
        "ReservationSid": reservation.sid,
        "Timestamp": str(int(world.now())),
    }


def _heard(world: World, space: Workspace, reservation: Reservation, others: list[str], reply: Reply) -> None:
    with world.agenda.lock:
        if reservation.sid not in space.reservations:
            return
        try:
            _obey(world, space, reservation, reply)
        except TwilioError as error:
            world.warn(f"{error.code}: {reservation.sid}: {error.message}")
            if others and reply.failure:
                _ask_at(world, space, reservation, others)
            else:
                flow.fail(world, space, reservation)


def _obey(world: World, space: Workspace, reservation: Reservation, reply: Reply) -> None:
    if reply.failure:
        raise TwilioError(400, 40001, f"The assignment callback failed ({reply.failure})")
    wishes = _document(reply.text)
    if not wishes:
        return  # the worker answers by REST, or in their own screen
    carry_out(world, space, reservation, read(wishes))


def _document(body: str) -> Mapping[str, Any]:
    try:
        wishes = json.loads(body) if body.strip() else {}
    except ValueError as error:
        raise TwilioError(400, 40110, "The instruction is no JSON") from error
    if not isinstance(wishes, dict):
        raise TwilioError(400, 40110, "The instruction is no JSON object")
    return wishes


def read(wishes: Mapping[str, Any]) -> Instruction:
    """The instruction in a JSON answer; raises TwilioError 40111 for one that TaskRouter does not know."""
    kind = str(wishes.get("instruction"))
    if kind not in KINDS:
        raise TwilioError(400, 40111, f"There is no instruction '{kind}'")
    events = str(wishes.get("status_callback_events", "completed")).replace(" ", "").split(",")
    return Instruction(
        kind=kind,
        to=wishes.get("to"),
        from_=wishes.get("from"),
        url=wishes.get("url"),
        accept=str(wishes.get("accept", False)).lower() == "true",
        call_sid=wishes.get("call_sid"),
        room=wishes.get("room_name"),
        activity_sid=wishes.get("post_work_activity_sid") or wishes.get("activity_sid"),
        timeout=int(wishes.get("timeout", 60)),
        status_callback=wishes.get("status_callback_url"),
        events=frozenset(events) & CALL_EVENTS,
        end_on_exit=str(wishes.get("end_conference_on_exit", False)).lower() == "true",
        end_on_customer_exit=str(wishes.get("end_conference_on_customer_exit", False)).lower() == "true",
    )
