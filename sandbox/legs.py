"""One leg of a call: what reaches its ear, how its person reacts, and its end."""

from collections.abc import Callable
from functools import partial

from sandbox.callbacks import call_event
from sandbox.population import CallOutcome
from sandbox.records import Call, Heard
from sandbox.world import World

BRIDGE_MISSED_AFTER_SECONDS = 0.3
MAILBOX_SECONDS = 30.0
BEEP = "beep"  # a machine records from now on
LASTING = frozenset({"silence", "hold", "ringback", "agent_voice", "person_voice"})
VOICES = frozenset({"agent_voice", "person_voice"})


def note(world: World, call: Call, what: str, detail: str | None = None) -> None:
    """Write into the report that the callee heard this now."""
    call.heard.append(Heard(world.now(), what, detail, call.spared))


def hears(world: World, call: Call, what: str, detail: str | None = None) -> None:
    """From now on this is what the callee hears; they, or whoever talks to them, react to it in their time."""
    if call.ended or (what == call.hears_now and what in LASTING):
        return
    note(world, call, what, detail)
    call.hears_now = what
    call.hearing += 1
    if call.is_agent:
        return
    patience = _patience_seconds(world, call, what)
    if patience is not None:
        world.later(patience, while_hearing(call, partial(hang_up, world, call)))


def while_hearing(call: Call, do: Callable[[], None]) -> Callable[[], None]:
    """Do it only if the callee still hears what they hear now."""
    token = call.hearing

    def unless_changed() -> None:
        if call.hearing == token and not call.ended:
            do()

    return unless_changed


def while_script(call: Call, do: Callable[[], None]) -> Callable[[], None]:
    """Do it only if the leg still follows the same document."""
    token = call.script

    def unless_redirected() -> None:
        if call.script == token and not call.ended:
            do()

    return unless_redirected


def _patience_seconds(world: World, call: Call, what: str) -> float | None:
    """How long until this leg is hung up, if nothing else is heard; None for as long as it plays."""
    plan = call.plan
    greeting_left = max(0.0, (call.answered_at or world.now()) + plan.greeting_seconds - world.now())
    if what not in LASTING:
        return None
    if plan.outcome is not CallOutcome.HUMAN:
        # An agent who hears a machine hangs up; a machine that hears nothing stops recording by itself.
        return plan.agent_reaction_seconds if what in VOICES else greeting_left + MAILBOX_SECONDS
    if what in VOICES:
        return greeting_left + plan.talk_seconds
    if plan.hangs_up_before_bridge:
        return greeting_left + BRIDGE_MISSED_AFTER_SECONDS
    return greeting_left + plan.patience_seconds


def hang_up(world: World, call: Call, status: str = "completed") -> None:
    """End the leg, in any state; a second time changes nothing."""
    if call.ended:
        return
    call.status = status
    call.ended_at = world.now()
    call.script += 1
    call.hearing += 1
    for timer in call.timers:
        timer.cancel()
    call.timers.clear()
    if call.answered_at is not None:
        note(world, call, "hung_up")
    call_event(world, call, "completed")
    step_out(call)
    if call.on_end is not None:
        call.on_end()


def step_out(call: Call) -> None:
    """Leave whatever the leg is joined to, a conference or another leg."""
    leave, call.leave = call.leave, None
    if leave is not None:
        leave()
