"""Which steps a workflow leads a task through, and who of a queue can take it now."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.errors import invalid
from sandbox.taskrouter.expression import fits, parsed
from sandbox.taskrouter.records import Step, Task, TaskQueue, Worker, Workspace


def check_configuration(text: str, space: Workspace) -> None:
    """Refuse, with 20001, what is no workflow document, or names a queue that does not exist."""
    try:
        rules = json.loads(text)["task_routing"]
        filters, default = list(rules.get("filters", [])), rules.get("default_filter")
        steps = [Step(**_wishes(target)) for one in filters for target in one["targets"]]
        steps += [Step(**_wishes(default))] if default else []
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise invalid("Configuration", "must be a workflow document") from error
    for step in steps:
        if step.queue_sid not in space.queues:
            raise invalid("Configuration", f"there is no queue {step.queue_sid} in this workspace")
    expressions = [one.get("expression") for one in filters] + [step.expression for step in steps]
    for expression in filter(None, expressions):
        parsed(expression)


def steps_of(configuration: str, attributes: Mapping[str, Any]) -> list[Step]:
    """The targets of the first filter that the task fits, else the default queue; none where there is neither."""
    rules = json.loads(configuration)["task_routing"]
    for one in rules.get("filters", []):
        if fits(one.get("expression"), attributes):
            return [Step(**_wishes(target)) for target in one["targets"]]
    default = rules.get("default_filter")
    return [Step(**_wishes(default))] if default else []


def _wishes(target: Mapping[str, Any]) -> dict[str, Any]:
    timeout, priority = target.get("timeout"), target.get("priority")
    return {
        "queue_sid": target["queue"],
        "timeout": None if timeout is None else float(timeout),
        "priority": None if priority is None else int(priority),
        "expression": target.get("expression"),
        "skip_if": target.get("skip_if"),
    }


def members(space: Workspace, queue: TaskQueue) -> list[Worker]:
    """Everybody whose attributes fit the queue, whatever they are doing."""
    return [worker for worker in space.workers.values() if fits(queue.target_workers, worker.attributes)]


def candidates(space: Workspace, task: Task) -> list[Worker]:
    """Who can take the task now: fewest refusals of it first, then whoever has waited longest."""
    queue = task.queue
    if queue is None:
        return []
    step = task.steps[0] if task.steps else None
    asked = {one.worker.sid for one in space.reservations_of(task) if one.status == "pending"}
    free = [
        worker
        for worker in members(space, queue)
        if worker.sid not in asked and can_take(space, worker, task) and _wanted(step, task, worker)
    ]
    return sorted(free, key=lambda worker: (task.rejections.get(worker.sid, 0), worker.last_reserved_at))


def can_take(space: Workspace, worker: Worker, task: Task) -> bool:
    """Whether the worker is available and has capacity of the task's channel free."""
    own = worker.channels[task.channel.sid]
    if not worker.activity.available or not own.available:
        return False
    return task.ignore_capacity or space.load(worker, task.channel) < own.capacity


def _wanted(step: Step | None, task: Task, worker: Worker) -> bool:
    if task.routing_target and task.routing_target.startswith("WK") and task.routing_target != worker.sid:
        return False
    facts = {**worker.attributes, "worker": worker.attributes, "task": task.attributes}
    return step is None or fits(step.expression, facts)


def is_skipped(space: Workspace, task: Task, step: Step) -> bool:
    """Whether the step is left at once, since nobody can take the task and its skip_if holds."""
    if not step.skip_if or candidates(space, task):
        return False
    people = members(space, space.queues[step.queue_sid])
    available = sum(worker.activity.available for worker in people)
    counts: dict[str, Any] = {"available": available, "unavailable": len(people) - available}
    for worker in people:
        counts[worker.activity.sid] = counts.get(worker.activity.sid, 0) + 1
    return fits(step.skip_if, {"workers": counts})
