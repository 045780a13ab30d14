"""Simulated agents in front of Flex: what a worker does with the reservations that they are shown.

Nobody does anything until they are told how, by ``POST /sandbox/workers``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any

from sandbox.errors import SandboxError
from sandbox.taskrouter import flow
from sandbox.taskrouter.records import Reservation, Task, Worker, Workspace
from sandbox.world import World

DEEDS = frozenset({"accept", "ignore", "reject", "go-offline"})


@dataclass(slots=True, kw_only=True)
class Manner:
    """What somebody does, reservation by reservation, the last for good; seconds are of the world.

    ``talk_seconds`` None: whoever made the task says when it is done. Otherwise they wrap up by themselves after it.
    """

    deeds: list[str] = field(default_factory=lambda: ["accept"])
    after_seconds: float = 2.0
    talk_seconds: float | None = None
    wrap_up_seconds: float = 10.0
    seen: int = 0

    def next_deed(self) -> str:
        """What they do with the next reservation."""
        deed = self.deeds[min(self.seen, len(self.deeds) - 1)]
        self.seen += 1
        return deed


def manner_of(wishes: Mapping[str, Any]) -> Manner:
    """The manner that somebody asked for; SandboxError for one that cannot be."""
    known = {item.name for item in fields(Manner)} - {"seen"}
    if wishes.keys() - known:
        raise SandboxError(f"A worker has no '{min(wishes.keys() - known)}'; one has {', '.join(sorted(known))}.")
    manner = Manner(**wishes)
    if not isinstance(manner.deeds, list) or not manner.deeds or set(manner.deeds) - DEEDS:
        raise SandboxError(f"A worker's deeds are a list of {', '.join(sorted(DEEDS))}.")
    for name in ("after_seconds", "talk_seconds", "wrap_up_seconds"):
        _check_seconds(name, getattr(manner, name))
    return manner


def _check_seconds(name: str, value: object) -> None:
    if value is None and name == "talk_seconds":
        return
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise SandboxError(f"A worker's {name} must be a number that is not negative.")


def notice(world: World, space: Workspace, reservation: Reservation) -> None:
    """A worker who was told how to behave sees a new reservation."""
    manner = world.manners.get(reservation.worker.sid)
    if manner is None:
        return
    deed = manner.next_deed()
    if deed != "ignore":
        world.later(manner.after_seconds, partial(_DEEDS[deed], world, space, reservation, manner))


def _accept(world: World, space: Workspace, reservation: Reservation, manner: Manner) -> None:
    if reservation.status != "pending":
        return
    flow.accept(world, space, reservation)
    if manner.talk_seconds is not None:
        world.later(manner.talk_seconds, partial(_hang_up, world, space, reservation.task, manner))


def _hang_up(world: World, space: Workspace, task: Task, manner: Manner) -> None:
    if task.status == "assigned":
        flow.wrap_up(world, space, task)
        world.later(manner.wrap_up_seconds, partial(_finish, world, space, task))


def _finish(world: World, space: Workspace, task: Task) -> None:
    if task.status == "wrapping":
        flow.complete(world, space, task, "wrapped up by the agent")


def _reject(world: World, space: Workspace, reservation: Reservation, _: Manner) -> None:
    if reservation.status == "pending":
        flow.reject(world, space, reservation)


def _go_offline(world: World, space: Workspace, reservation: Reservation, _: Manner) -> None:
    """Their browser dies: the reservation stands until it times out."""
    flow.change_activity(world, space, reservation.worker, space.activities[space.timeout_activity])


_DEEDS = {"accept": _accept, "reject": _reject, "go-offline": _go_offline}


def find_worker(world: World, sid_or_name: object) -> Worker:
    """The worker of that sid or name in any workspace; SandboxError where there is none."""
    workers = [worker for space in world.workspaces.values() for worker in space.workers.values()]
    named = next((one for one in workers if sid_or_name in {one.sid, one.friendly_name}), None)
    if named is None:
        raise SandboxError("There is no such worker: give the sid or the FriendlyName of one as 'worker'.")
    return named
