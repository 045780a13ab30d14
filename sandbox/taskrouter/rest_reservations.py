"""Reservations of a task, and of a worker."""

from functools import partial

from sandbox.errors import TwilioError, invalid
from sandbox.taskrouter import flow
from sandbox.taskrouter.asking import activity_in, check_version, found, workspace_of
from sandbox.taskrouter.instructions import CALL_EVENTS, KINDS, Instruction, carry_out
from sandbox.taskrouter.paging import listing
from sandbox.taskrouter.records import Reservation, Workspace
from sandbox.taskrouter.rendering import reservation_json
from sandbox.web import Answer, Request
from sandbox.world import World

PREFIXES = {"call": "Call", "redirect": "Redirect", "dequeue": "Dequeue", "conference": ""}


def list_of_task(world: World, request: Request, space: str, sid: str) -> Answer:
    """GET Tasks/{Sid}/Reservations by ReservationStatus and WorkerSid."""
    home = workspace_of(world, request, space)
    return _listing(request, home, home.reservations_of(found(request, home.tasks, sid)))


def list_of_worker(world: World, request: Request, space: str, sid: str) -> Answer:
    """GET Workers/{Sid}/Reservations by ReservationStatus."""
    home = workspace_of(world, request, space)
    worker = found(request, home.workers, sid)
    return _listing(request, home, [one for one in home.reservations.values() if one.worker is worker])


def _listing(request: Request, home: Workspace, reservations: list[Reservation]) -> Answer:
    asked = (
        one
        for one in reservations
        if request.get("ReservationStatus") in {None, one.status} and request.get("WorkerSid") in {None, one.worker.sid}
    )
    return listing(request, "reservations", asked, lambda one: one.sid, partial(reservation_json, home))


def fetch_of_task(world: World, request: Request, space: str, sid: str, reservation: str) -> Answer:
    """GET Tasks/{Sid}/Reservations/{Sid}."""
    home = workspace_of(world, request, space)
    return _answer(home, _of_task(request, home, sid, reservation))


def fetch_of_worker(world: World, request: Request, space: str, sid: str, reservation: str) -> Answer:
    """GET Workers/{Sid}/Reservations/{Sid}."""
    home = workspace_of(world, request, space)
    return _answer(home, _of_worker(request, home, sid, reservation))


def update_of_task(world: World, request: Request, space: str, sid: str, reservation: str) -> Answer:
    """POST Tasks/{Sid}/Reservations/{Sid}: its status, or an instruction."""
    home = workspace_of(world, request, space)
    return _update(world, request, home, _of_task(request, home, sid, reservation))


def update_of_worker(world: World, request: Request, space: str, sid: str, reservation: str) -> Answer:
    """POST Workers/{Sid}/Reservations/{Sid}: its status, or an instruction."""
    home = workspace_of(world, request, space)
    return _update(world, request, home, _of_worker(request, home, sid, reservation))


def _of_task(request: Request, home: Workspace, task: str, sid: str) -> Reservation:
    return found(request, {one.sid: one for one in home.reservations.values() if one.task.sid == task}, sid)


def _of_worker(request: Request, home: Workspace, worker: str, sid: str) -> Reservation:
    return found(request, {one.sid: one for one in home.reservations.values() if one.worker.sid == worker}, sid)


def _answer(home: Workspace, reservation: Reservation) -> Answer:
    etag = {"ETag": f'"{reservation.version}"'}
    return Answer(200, reservation_json(home, reservation), headers=etag)


def _update(world: World, request: Request, home: Workspace, reservation: Reservation) -> Answer:
    check_version(request, reservation.version)
    status, kind = request.get("ReservationStatus"), request.get("Instruction")
    if kind is not None:
        carry_out(world, home, reservation, _instruction(request, kind.lower()))
    elif status is not None:
        _change_status(world, request, home, reservation, status)
    else:
        raise TwilioError(400, 20001, "ReservationStatus or Instruction is needed to update a reservation")
    return _answer(home, reservation)


def _change_status(world: World, request: Request, home: Workspace, reservation: Reservation, status: str) -> None:
    if status == "accepted":
        flow.accept(world, home, reservation)
    elif status == "rejected":
        flow.reject(world, home, reservation, activity_in(request, "WorkerActivitySid", home))
    elif status == "wrapping":
        flow.wrap_up(world, home, reservation.task)
    elif status == "completed":
        flow.complete(world, home, reservation.task, "reservation completed")
    else:
        raise invalid("ReservationStatus", "must be accepted, rejected, wrapping or completed")


def _instruction(request: Request, kind: str) -> Instruction:
    if kind not in KINDS:
        raise invalid("Instruction", f"must be one of {', '.join(sorted(KINDS))}")
    prefix = PREFIXES.get(kind, "")
    accept, timeout = request.get(f"{prefix}Accept"), request.get(f"{prefix}Timeout") or "60"
    if not timeout.isdigit():
        raise invalid(f"{prefix}Timeout", "must be a whole number of seconds")
    told = "StatusCallback" if kind == "conference" else f"{prefix}StatusCallbackUrl"
    words = request.fields.get("StatusCallbackEvent" if kind == "conference" else f"{prefix}StatusCallbackEvent", [])
    return Instruction(
        kind=kind,
        to=request.get(f"{prefix}To"),
        from_=request.get(f"{prefix}From"),
        url=request.get(f"{prefix}Url") if prefix else None,
        accept=(accept or "").lower() == "true",
        call_sid=request.get("RedirectCallSid"),
        activity_sid=request.get("WorkerActivitySid") or request.get(f"{prefix}PostWorkActivitySid"),
        timeout=int(timeout),
        status_callback=request.get(told),
        events=frozenset(word for value in words for word in value.split()) & CALL_EVENTS or frozenset({"completed"}),
        end_on_exit=(request.get("EndConferenceOnExit") or "").lower() == "true",
        end_on_customer_exit=(request.get("EndConferenceOnCustomerExit") or "").lower() == "true",
    )
