"""How long a called person really waited, whatever the speed of the clock.

The world runs ``speed`` times as fast as life, but the application that answers documents does not: an exchange that
takes 0.1 s in life takes 1.2 s of a world at x12. Measured in world time alone, speed would punish the application
for every exchange; divided by the speed, it would flatter it by every pause that the world itself imposes. So both are
counted as what they are: a pause, a greeting or a ring by the world's seconds, an exchange with the application by
the real seconds that it took, from the moment at which its answer was wanted until it could be followed.

While a leg waits for a document, ``asking_since`` holds when that began, by both clocks. Once the document is there,
``spared`` grows by the world's seconds that the exchange took beyond its real ones. What somebody heard at the world's
moment ``at`` they heard, as they lived it, at ``at - spared``. A redirect that overtakes a document which is still on
its way ends that exchange and begins the next; nothing is counted twice, and no moment is left out.

The person greets by their own time, from the answer on: ``greeting_seconds`` after it, no exchange in between.
"""

import time

from sandbox.records import Call
from sandbox.world import World


def begins(world: World, call: Call) -> None:
    """A document is wanted from now on."""
    ends(world, call)
    call.asking_since = (world.now(), time.monotonic())


def ends(world: World, call: Call) -> None:
    """The document is there, or is wanted no more; harmless where none was."""
    if call.asking_since is None:
        return
    since_in_world, since_in_life = call.asking_since
    call.asking_since = None
    call.spared += (world.now() - since_in_world) - (time.monotonic() - since_in_life)


def seconds_after_greeting(call: Call, what: str) -> float | None:
    """From the end of the greeting to the first time that they heard this, in seconds as they lived them.

    0 where they heard it before the greeting was over; None for an agent's own leg, and where they never did.
    """
    first = next((heard for heard in call.heard if heard.what == what), None)
    if first is None or call.answered_at is None or call.is_agent:
        return None
    greeting_ended_at = call.answered_at + call.plan.greeting_seconds
    return round(max(0.0, first.at - first.spared - greeting_ended_at), 3)
