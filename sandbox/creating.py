"""Creation under faults: refused before anything is made, or made and then not told so."""

from collections.abc import Callable

from sandbox.errors import TwilioError
from sandbox.faults import FaultKind
from sandbox.web import Answer
from sandbox.world import World


def create(world: World, resource: str, to: str | None, make: Callable[[], Answer]) -> Answer:
    """Make the resource, unless a fault refuses it; a fault may also spoil the answer of one that was made."""
    if world.faults.strikes(FaultKind.CREATE_BUSY, resource, to):
        raise TwilioError(429, 20429, "Too Many Requests")
    answer = make()
    slow = world.faults.strikes(FaultKind.SLOW_ANSWER, resource, to)
    if slow:
        answer.delay_seconds = slow.seconds
    if world.faults.strikes(FaultKind.CREATE_RESET_AFTER_ACCEPTING, resource, to):
        answer.reset = True
    elif world.faults.strikes(FaultKind.CREATE_ERROR_AFTER_ACCEPTING, resource, to):
        return Answer(500, TwilioError(500, 20500, "An internal server error has occurred").body())
    return answer
