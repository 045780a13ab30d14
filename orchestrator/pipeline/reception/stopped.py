"""Whether the person said no while their phone was ringing."""

from sqlalchemy import Connection, bindparam, select

from orchestrator.domain.contact_request import Channel
from orchestrator.persistence import suppressions
from orchestrator.persistence.tables.attempts import cancellations
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.reception.stops import REASON
from orchestrator.pipeline.stop_watch import CLOSE, one_said_stop

TAKEN_BACK = select(cancellations.c.attempt_id).where(  # built once: whoever picks up is looked up
    cancellations.c.attempt_id == bindparam("b_id"), cancellations.c.reason == REASON
)


def stopped(tx: Connection, attempt: Record) -> bool:
    """Whether a no has come since the attempt was planned, or its cancelling has been filed for one."""
    if tx.execute(TAKEN_BACK, {"b_id": attempt.id}).first() is not None or one_said_stop(tx, attempt.id):
        return True
    # By the number as well: a person who was erased meanwhile has no contact points any more.
    return suppressions.stopped_since(
        tx,
        seller_id=attempt.seller_id,
        number_key=attempt.number_key,
        channel=Channel.VOICE,
        campaign_id=attempt.campaign_id,
        since=attempt.planned_at - CLOSE,
    )
