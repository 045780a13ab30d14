"""Both sides write, then look: whoever sees an attempt beside a stop files its cancelling."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, exists, select

from orchestrator.domain.attempt import Stage
from orchestrator.persistence import cancellations
from orchestrator.persistence.attempts import NOT_REACHED
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.attempts import cancellations as cancellations_table
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import contact_points, suppressions
from orchestrator.pipeline.planning import Planned


def stops_since(tx: Connection, sent: Sequence[Planned]) -> list[UUID]:
    """The attempts among these whose person has said stop since the gate judged them."""
    keys = {key for planned in sent for key in planned.person_keys}
    query = select(suppressions).where(suppressions.c.number_key.in_(keys), suppressions.c.lifted_at.is_(None))
    stops = tx.execute(query).all()
    return [planned.attempt_id for planned in sent if any(_binds(stop, planned) for stop in stops)]


def _binds(stop: Record, planned: Planned) -> bool:
    theirs = stop.seller_id == planned.seller_id and bytes(stop.number_key) in planned.person_keys
    meant = stop.scope != "campaign" or stop.campaign_id == planned.campaign_id
    return theirs and meant and stop.channel in {"any", planned.channel} and stop.id not in planned.stop_ids


def sweep(tx: Connection, now: datetime) -> int:
    """File whatever is still on its way to somebody who has said stop since it was planned; how many.

    It finds what both sides missed because one of them died between its write and its look.
    """
    theirs = (
        select(contact_points.c.number_key)
        .where(contact_points.c.contact_id == attempts.c.contact_id)
        .correlate(attempts)  # two selects further out: without this word it would mean anybody's attempt
    )
    stopped = (
        exists()
        .where(
            suppressions.c.seller_id == attempts.c.seller_id,
            suppressions.c.number_key.in_(theirs),
            suppressions.c.channel.in_(("any", attempts.c.channel)),
            (suppressions.c.scope != "campaign") | (suppressions.c.campaign_id == attempts.c.campaign_id),
            suppressions.c.lifted_at.is_(None),
            suppressions.c.at >= attempts.c.planned_at,
        )
        .correlate(attempts)
    )
    filed = select(cancellations_table.c.attempt_id)
    on_their_way = (attempts.c.stage != Stage.ENDED) & attempts.c.stage.in_(NOT_REACHED)
    query = select(attempts.c.id).where(on_their_way, stopped, attempts.c.id.not_in(filed))
    return cancellations.file(tx, tx.execute(query).scalars().all(), "stop", now)


def stop_if_suppressed(store: Store, attempt: Record, now: datetime) -> bool:
    """File the cancelling of an attempt whose person has said stop; looks in a transaction of its own."""
    theirs = select(contact_points.c.number_key).where(contact_points.c.contact_id == attempt.contact_id)
    query = select(suppressions.c.id).where(
        suppressions.c.seller_id == attempt.seller_id,
        suppressions.c.number_key.in_(theirs),
        suppressions.c.channel.in_(("any", attempt.channel)),
        suppressions.c.lifted_at.is_(None),
        suppressions.c.at >= attempt.planned_at,
    )
    with store.read() as tx:
        stopped = tx.execute(query.limit(1)).first() is not None
    if stopped:
        with store.write() as tx:
            cancellations.file(tx, [attempt.id], "stop", now)
    return stopped
