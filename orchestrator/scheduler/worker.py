"""What the steps of a worker share for as long as its process lives."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from orchestrator.clock import Clock
from orchestrator.compliance.retention_law import RetentionLaw
from orchestrator.domain.carrier import Carrier
from orchestrator.domain.carrier_lists import CarrierLists
from orchestrator.domain.task_routing import TaskRouter
from orchestrator.persistence.leadership import Leadership
from orchestrator.persistence.store import Store
from orchestrator.pipeline.dispatch import Dispatcher
from orchestrator.pipeline.law_watch import LawWatch
from orchestrator.pipeline.pacing_desk import PacingDesk
from orchestrator.pipeline.recounts import Recounts
from orchestrator.pipeline.rights.duty import Duty

MOST_ROUNDS = 50  # of one step at a time: others must have their turn


@dataclass
class Worker:
    """Handed to each step that rings. ``until``: the world's moment after which nothing is placed."""

    dispatcher: Dispatcher
    carrier: Callable[[], Carrier]
    pacing: PacingDesk
    leadership: Leadership
    law: LawWatch
    scrub_hour: int  # of the world's day, UTC
    until: datetime | None = None
    finished: threading.Event = field(default_factory=threading.Event)
    task_router: TaskRouter | None = None  # where a workspace is set
    reconcile_hour: int = 3  # of the world's day, UTC
    expired_at: datetime | None = None  # when consents were last looked through; another worker may do it again
    lists: Callable[[], CarrierLists] | None = None
    tells_consents: bool = False
    heads_dir: Path | None = None  # where heads are exported to by night
    heads_hour: int = 4  # of the world's day, UTC
    duty: Duty | None = None  # what is owed to people who ask about their data
    retention: Callable[[], RetentionLaw] | None = None  # read anew each night
    retention_hour: int = 4  # of the world's day, UTC

    @cached_property
    def recounts(self) -> Recounts:
        """Holds the counts of calls against the attempts, before the first is placed and every minute."""
        return Recounts(self.store)

    @property
    def store(self) -> Store:
        """The store of all steps."""
        return self.dispatcher.engine.store

    @property
    def clock(self) -> Clock:
        """The world's clock."""
        return self.dispatcher.clock
