"""What a batch comes to, and where it leaves each of its enrollments: gathered one by one, written down together."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from orchestrator.domain.enrollment import EnrollmentStage, Lane
from orchestrator.persistence import enrollments
from orchestrator.persistence.dossiers import Dossier
from orchestrator.pipeline.planning import Planned
from orchestrator.strategies.state import Blocked, Finished, Wait


@dataclass
class Outcome:
    """What a batch came to."""

    planned: list[Planned] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    because: str = ""  # why the last person who was asked about is not contacted now


class Steps:
    """The steps of one batch, counted in its outcome."""

    def __init__(self, outcome: Outcome, now: datetime) -> None:
        self.counts, self.now = outcome.counts, now
        self._rows: list[Mapping[str, object]] = []

    def write(self, tx: Connection, from_stage: EnrollmentStage) -> None:
        """Write them all down."""
        enrollments.change(tx, self._rows, from_stage, self.now)

    def leave(self, person: Dossier, step: Wait | Blocked | Finished) -> None:
        """As the strategy says of somebody who is not contacted now."""
        if isinstance(step, Wait):
            self.due(person, step.lane, step.until, step.held_by, "held")
        elif isinstance(step, Blocked):
            self.block(person, step)
        else:
            self.take(person, EnrollmentStage.DONE, Lane(person.enrollment.lane), "done", done_reason=step.reason)

    def block(self, person: Dossier, step: Blocked) -> None:
        """Until a fact is stored that cures it."""
        facts = {"blocked_by": step.rule, "cure": step.cure, "cure_detail": step.cure_detail[:64]}
        self.take(person, EnrollmentStage.BLOCKED, step.lane, "blocked", **facts)

    def put_back(self, person: Dossier) -> None:
        """Due as they were."""
        enrollment = person.enrollment
        self._note(person, EnrollmentStage.DUE, Lane(enrollment.lane), enrollment.next_eligible_at)
        self.counts["put back"] += 1

    def due(self, person: Dossier, lane: Lane, at: datetime, held_by: str | None, count: str) -> None:
        """Due again at that moment, in that lane."""
        self._note(person, EnrollmentStage.DUE, lane, at, held_by=held_by)
        self.counts[count] += 1

    def take(self, person: Dossier, stage: EnrollmentStage, lane: Lane, count: str, **facts: object) -> None:
        """To another stage, at this moment."""
        self._note(person, stage, lane, self.now, **facts)
        self.counts[count] += 1

    def _note(self, person: Dossier, stage: EnrollmentStage, lane: Lane, at: datetime, **facts: object) -> None:
        row = {"id": person.enrollment.id, "stage": stage, "lane": lane, "next_eligible_at": at}
        self._rows.append({"last_ordinal": person.enrollment.last_ordinal, **row, **facts})
