"""From the account's queue to the answer: slots, ringing, who picks up, and the detection of machines."""

from functools import partial

from sandbox.callbacks import call_event, detection_event
from sandbox.callers import is_blocked
from sandbox.detection import verdict
from sandbox.errors import TwilioError
from sandbox.legs import BEEP, hang_up, hears, note, while_script
from sandbox.population import CallOutcome
from sandbox.records import Call
from sandbox.world import World

QUEUE_HOLDS_SECONDS = 24 * 3600
SETUP_SECONDS = 0.5
FAILED_AFTER_SECONDS = 1.5
BUSY_AFTER_SECONDS = 2.0
BEEP_AFTER_SECONDS = 0.5  # sooner than detection can tell that the greeting is over


def enqueue(world: World, call: Call) -> None:
    """Put the call into the account's queue; 22005 where the queue holds a day of calls already."""
    rate = world.config.calls_per_second
    if len(world.queue) >= QUEUE_HOLDS_SECONDS * rate:
        raise TwilioError(400, 22005, "Call Queue Full")
    wait = max(world.next_slot_at - world.now(), 0.0) + len(world.queue) / rate
    call.queue_time_ms = round(wait * 1000)
    world.calls.add(call)
    world.queue[call.sid] = call
    _arm_slot(world)
    _arm_expiry(world)


def take_from_queue(world: World, call: Call) -> bool:
    """Cancel a call that still waits in the queue; False when it has left it. No callback is fired."""
    if world.queue.pop(call.sid, None) is None:
        return False
    call.status = "canceled"
    call.ended_at = call.updated_at = world.now()
    if call.on_end is not None:
        call.on_end()
    return True


def _arm_slot(world: World) -> None:
    if world.slot is None and world.queue:
        world.next_slot_at = max(world.next_slot_at, world.now())
        world.slot = world.later(world.next_slot_at - world.now(), partial(_next_from_queue, world))


def _next_from_queue(world: World) -> None:
    world.slot = None
    if not world.queue:
        return
    call = world.queue.pop(next(iter(world.queue)))
    # The pause counts from when this slot was due, not from when the timer rang: the average rate holds.
    due_at = max(world.next_slot_at, world.now() - 1.0)
    world.next_slot_at = due_at + 1.0 / world.config.calls_per_second
    dial(world, call)
    _arm_slot(world)


def _arm_expiry(world: World) -> None:
    if world.expiry is None and world.queue:
        oldest = next(iter(world.queue.values()))
        seconds = oldest.created_at + QUEUE_HOLDS_SECONDS - world.now()
        world.expiry = world.later(seconds, partial(_expire, world))


def _expire(world: World) -> None:
    world.expiry = None
    latest = world.now() - QUEUE_HOLDS_SECONDS
    for call in [call for call in world.queue.values() if call.created_at <= latest]:
        take_from_queue(world, call)
    _arm_expiry(world)


def dial(world: World, call: Call) -> None:
    """Ring the number now."""
    call.dialled_at = world.now()
    world.dials[call.to].append(call.dialled_at)
    call_event(world, call, "initiated")
    outcome = call.plan.outcome
    if outcome is CallOutcome.FAILED or is_blocked(world, call):
        _on_this_call(world, call, FAILED_AFTER_SECONDS, partial(hang_up, world, call, "failed"))
    elif outcome is CallOutcome.BUSY:
        _on_this_call(world, call, BUSY_AFTER_SECONDS, partial(hang_up, world, call, "busy"))
    else:
        _on_this_call(world, call, SETUP_SECONDS, partial(_ring, world, call))


def _on_this_call(world: World, call: Call, seconds: float, do: partial[None]) -> None:
    call.timers.append(world.later(seconds, do))


def _ring(world: World, call: Call) -> None:
    call.status = "ringing"
    note(world, call, "ring")
    call_event(world, call, "ringing")
    plan, gives_up_after = call.plan, call.orders.ring_timeout + call.plan.timeout_buffer_seconds
    if plan.outcome is CallOutcome.NO_ANSWER or plan.ring_seconds >= gives_up_after:
        _on_this_call(world, call, gives_up_after, partial(hang_up, world, call, "no-answer"))
    else:
        _on_this_call(world, call, plan.ring_seconds, partial(answer, world, call))


def answer(world: World, call: Call) -> None:
    """Someone or something picks up: the document runs at once, or after the verdict where detection waits."""
    call.status = "in-progress"
    call.answered_at = world.now()
    call.timers.clear()
    call_event(world, call, "answered")
    hears(world, call, "silence")
    if not call.is_agent:
        _on_this_call(world, call, call.plan.greeting_seconds, partial(note, world, call, "greeting_end"))
    if call.plan.outcome is CallOutcome.MACHINE:
        _on_this_call(world, call, call.plan.greeting_seconds + BEEP_AFTER_SECONDS, partial(note, world, call, BEEP))
    _on_this_call(world, call, call.orders.time_limit, partial(hang_up, world, call))
    if call.orders.detection is None:
        _begin(call)
        return
    word, seconds = verdict(call)
    if call.orders.detection_is_async:
        _on_this_call(world, call, seconds, partial(_tell_verdict, world, call, word, seconds))
        _begin(call)
    else:
        call.timers.append(world.later(seconds, while_script(call, partial(_begin_after, call, word))))


def _begin(call: Call) -> None:
    if call.on_answer is not None:
        call.on_answer()


def _begin_after(call: Call, word: str) -> None:
    call.answered_by = word
    _begin(call)


def _tell_verdict(world: World, call: Call, word: str, seconds: float) -> None:
    call.answered_by = word
    detection_event(world, call, seconds)
