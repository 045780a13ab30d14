"""How an offer ends without a call: the agent is free, and the person is due again."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, update

from orchestrator.domain.enrollment import EnrollmentStage, OfferState
from orchestrator.persistence import agents, offers
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.columns import Record

SKIPPED_FOR = timedelta(minutes=30)


def put_away(tx: Connection, offer: Record, state: OfferState, now: datetime, reason: str | None = None) -> bool:
    """The agent is ready again at once; the person comes back after a while, so that another agent sees them."""
    if not offers.change(tx, offer.id, OfferState.OFFERED, state, now, reason):
        return False
    agents.unreserve(tx, offer.agent_id, now, offer.offered_at)
    later = now + (SKIPPED_FOR if state is OfferState.SKIPPED else offers.LASTS)
    set_stage(tx, offer.enrollment_id, EnrollmentStage.OFFERED, EnrollmentStage.DUE, next_eligible_at=later)
    return True


def withdraw(tx: Connection, offer: Record, now: datetime, reason: str | None = None) -> bool:
    """The agent's yes was for that moment: the person is due again, and so is the agent where they are still there."""
    if not offers.change(tx, offer.id, OfferState(offer.state), OfferState.WITHDRAWN, now, reason):
        return False
    agents.unreserve(tx, offer.agent_id, now, offer.offered_at)
    set_stage(tx, offer.enrollment_id, EnrollmentStage.OFFERED, EnrollmentStage.DUE, next_eligible_at=now)
    return True


def set_stage(
    tx: Connection, enrollment_id: int, was: EnrollmentStage, becomes: EnrollmentStage, **facts: object
) -> None:
    """Move the enrollment on; one that stands elsewhere is left."""
    at = enrollments.c.id == enrollment_id, enrollments.c.stage == was
    tx.execute(update(enrollments).where(*at).values(stage=becomes, **facts))
