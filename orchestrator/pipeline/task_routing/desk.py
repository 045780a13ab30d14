"""What the steps of a task share."""

from dataclasses import dataclass

from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.carrier import Carrier
from orchestrator.domain.task_routing import TaskRouter
from orchestrator.persistence.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDesk:
    """What the steps of a task work with."""

    store: Store
    router: TaskRouter
    carrier: Carrier
    rulebook: Rulebook
