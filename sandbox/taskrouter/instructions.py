"""What an application tells TaskRouter to do with a reservation, from an assignment callback or over REST."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sandbox.errors import TwilioError
from sandbox.legs import step_out
from sandbox.records import Call, CallOrders
from sandbox.rest_calls import queued_call
from sandbox.script import ask, begin, run_text
from sandbox.taskrouter import flow
from sandbox.taskrouter.records import Activity, Reservation, Workspace
from sandbox.world import World

NOT_PENDING, NOT_ENQUEUED, NO_ADDRESS, NO_CALL = 40144, 40140, 40142, 40152
KINDS = frozenset({"accept", "reject", "call", "redirect", "dequeue", "conference"})
CALL_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction; ``timeout`` is how long the worker's phone rings, in seconds."""

    kind: str
    to: str | None = None
    from_: str | None = None
    url: str | None = None
    accept: bool = False
    call_sid: str | None = None
    room: str | None = None
    activity_sid: str | None = None
    timeout: int = 60
    status_callback: str | None = None
    events: frozenset[str] = frozenset({"completed"})
    end_on_exit: bool = False
    end_on_customer_exit: bool = False


def carry_out(world: World, space: Workspace, reservation: Reservation, wish: Instruction) -> None:
    """Do what the instruction says; raises TwilioError where it cannot be done."""
    if reservation.status != "pending":
        raise TwilioError(400, NOT_PENDING, f"Reservation {reservation.sid} is {reservation.status}")
    _DOING[wish.kind](world, space, reservation, wish)


def _accept(world: World, space: Workspace, reservation: Reservation, _: Instruction) -> None:
    flow.accept(world, space, reservation)


def _reject(world: World, space: Workspace, reservation: Reservation, wish: Instruction) -> None:
    flow.reject(world, space, reservation, _activity(space, wish))


def _call(world: World, space: Workspace, reservation: Reservation, wish: Instruction) -> None:
    if not wish.url:
        raise TwilioError(400, 40123, "A call instruction needs a url")
    leg = _ring_worker(world, space, reservation, wish, CallOrders(url=wish.url, **_told(wish)))
    leg.on_answer = partial(_worker_answered, world, space, reservation, wish.accept, partial(begin, world, leg))


def _redirect(world: World, space: Workspace, reservation: Reservation, wish: Instruction) -> None:
    call = world.calls.get(wish.call_sid or "")
    if call is None or call.ended or not wish.url:
        raise TwilioError(400, NO_CALL, "A redirect instruction needs a call that goes on, and a url")
    step_out(call)
    ask(world, call, wish.url, "POST", {})
    if wish.accept:
        flow.accept(world, space, reservation)


def _join(world: World, space: Workspace, reservation: Reservation, wish: Instruction) -> None:
    """Dequeue and conference alike: the worker is rung, and the call that the task was made of is joined to them."""
    waiting = world.calls.get(str(reservation.task.attributes.get("call_sid")))
    if waiting is None or waiting.ended:
        raise TwilioError(400, NOT_ENQUEUED, f"Task {reservation.task.sid} was not made by <Enqueue>")
    leg = _ring_worker(world, space, reservation, wish, CallOrders(twiml="<Response/>", **_told(wish)))
    joined = partial(_bridge, world, leg, waiting, wish, wish.room or reservation.task.sid)
    leg.on_answer = partial(_worker_answered, world, space, reservation, True, joined)


def _bridge(world: World, leg: Call, waiting: Call, wish: Instruction, room: str) -> None:
    run_text(world, leg, _into(room, end_on_exit=wish.end_on_exit))
    step_out(waiting)
    run_text(world, waiting, _into(room, end_on_exit=wish.end_on_customer_exit))


def _into(room: str, *, end_on_exit: bool) -> str:
    ending = str(end_on_exit).lower()
    return (
        f'<Response><Dial><Conference beep="false" endConferenceOnExit="{ending}">{room}</Conference></Dial></Response>'
    )


def _ring_worker(
    world: World, space: Workspace, reservation: Reservation, wish: Instruction, orders: CallOrders
) -> Call:
    to = wish.to or reservation.worker.attributes.get("contact_uri")
    if not to:
        raise TwilioError(400, NO_ADDRESS, f"Worker {reservation.worker.sid} has no contact_uri, and no to was given")
    leg = queued_call(world, str(to), wish.from_ or "", orders)
    leg.on_end = partial(_leg_over, world, space, reservation, wish)
    return leg


def _told(wish: Instruction) -> dict[str, Any]:
    return {"ring_timeout": wish.timeout, "status_callback": wish.status_callback, "events": wish.events}


def _worker_answered(
    world: World, space: Workspace, reservation: Reservation, accepts: bool, onward: Callable[[], None]
) -> None:
    if accepts and reservation.status == "pending":
        flow.accept(world, space, reservation)
    onward()


def _leg_over(world: World, space: Workspace, reservation: Reservation, wish: Instruction) -> None:
    """A worker who did not answer counts as one who let the reservation pass."""
    if reservation.status == "pending":
        flow.time_out(world, space, reservation)
    activity = _activity(space, wish)
    if activity is not None and reservation.status in {"accepted", "completed"}:
        flow.change_activity(world, space, reservation.worker, activity)


def _activity(space: Workspace, wish: Instruction) -> Activity | None:
    return space.activities.get(wish.activity_sid or "")


_DOING: dict[str, Callable[[World, Workspace, Reservation, Instruction], None]] = {
    "accept": _accept,
    "reject": _reject,
    "call": _call,
    "redirect": _redirect,
    "dequeue": _join,
    "conference": _join,
}
