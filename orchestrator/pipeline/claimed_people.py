"""Everything about the people of a batch, as far as they still stand where it claimed them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from orchestrator.domain.enrollment import EnrollmentStage
from orchestrator.persistence import dossiers
from orchestrator.persistence.dossiers import Dossier
from orchestrator.pipeline.engine import Engine


def people_of(
    tx: Connection, engine: Engine, ids: Sequence[int], from_stage: EnrollmentStage, now: datetime
) -> list[Dossier]:
    """Everything about the people behind these enrollments, who must be locked; those who moved on are left out."""
    since = now - timedelta(days=engine.rulebook.history_days)
    people = dossiers.load(tx, engine.store.keyring, ids, since)
    return [person for person in people if _is_ours(person, from_stage, engine.worker)]


def _is_ours(person: Dossier, from_stage: EnrollmentStage, worker: str) -> bool:
    """Whether it still stands where it was claimed, and by us: a lease that ran out may be another worker's by now."""
    claimed = from_stage is EnrollmentStage.CLAIMED
    return person.enrollment.stage == from_stage and (not claimed or person.enrollment.lease_holder == worker)
