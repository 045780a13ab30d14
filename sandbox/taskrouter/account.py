"""What happened in TaskRouter, for the sandbox's report."""

from sandbox.clock import iso
from sandbox.taskrouter.records import Reservation, Task, Workspace
from sandbox.world import World


def tasks_of(world: World) -> list[dict[str, object]]:
    """Every task that is not deleted yet, with what became of its reservations."""
    return [_task(space, task) for space in world.workspaces.values() for task in space.tasks.values()]


def _task(space: Workspace, task: Task) -> dict[str, object]:
    return {
        "sid": task.sid,
        "status": task.status,
        "reason": task.reason,
        "attributes": task.attributes,
        "queue": task.queue.friendly_name if task.queue else None,
        "created_at": iso(task.created_at),
        "reservations": [_reservation(one) for one in space.reservations_of(task)],
    }


def _reservation(one: Reservation) -> dict[str, object]:
    return {"sid": one.sid, "worker": one.worker.friendly_name, "status": one.status, "created_at": iso(one.created_at)}
