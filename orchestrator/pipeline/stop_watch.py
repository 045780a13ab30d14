"""Both sides write, then look: whoever sees an attempt beside a stop files its cancelling."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, bindparam, select

from orchestrator.domain.contact_request import Channel
from orchestrator.persistence import cancellations
from orchestrator.persistence.attempts import NOT_REACHED
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import IS_LIVE, attempts
from orchestrator.persistence.tables.attempts import cancellations as cancellations_table
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import contact_points, suppressions
from orchestrator.pipeline.planning import Planned
from orchestrator.pipeline.unenrolled import NOBODY

# A stop is stamped before it is committed, and an attempt before it is: which came first cannot be told from stamps
# this close, and then the stop did.
CLOSE = timedelta(seconds=60)
STANDING = select(suppressions).where(  # built once: each batch is looked after
    suppressions.c.seller_id.in_(bindparam("b_sellers", expanding=True)),  # the index by number begins with the seller
    suppressions.c.number_key.in_(bindparam("b_keys", expanding=True)),
    suppressions.c.lifted_at.is_(None),
)


# The person of the attempt said stop on any of their numbers. Built once: whatever has ended is looked after.
_THEIRS = (suppressions.c.seller_id == attempts.c.seller_id) & (
    suppressions.c.number_key == contact_points.c.number_key
)
_MEANT = (suppressions.c.scope != "campaign") | (suppressions.c.campaign_id == attempts.c.campaign_id)
_NOT_AGAIN = suppressions.c.texts_again_at.is_(None) | (attempts.c.channel != Channel.SMS)  # they wrote START since
_STOPPED = (
    select(attempts.c.id, attempts.c.planned_at, suppressions.c.at)
    .join(contact_points, contact_points.c.contact_id == attempts.c.contact_id)
    .join(suppressions, _THEIRS)
    .where(_MEANT, _NOT_AGAIN, suppressions.c.lifted_at.is_(None))
)
_TO_ALL = suppressions.c.channel == "any"
_TO_IT = _TO_ALL | (suppressions.c.channel == attempts.c.channel)
STOPPED = _STOPPED.where(_TO_IT)
# Whom no list tells of has no number but the one that was written to.
_BY_NUMBER = (suppressions.c.seller_id == attempts.c.seller_id) & (suppressions.c.number_key == attempts.c.number_key)
UNLISTED_AND_STOPPED = (
    select(attempts.c.id, attempts.c.planned_at, suppressions.c.at)
    .join(suppressions, _BY_NUMBER)
    .where(attempts.c.contact_id == NOBODY, _MEANT, _NOT_AGAIN, suppressions.c.lifted_at.is_(None), _TO_IT)
)
_THIS = attempts.c.id == bindparam("b_id")
ONE_AND_STOPPED = STOPPED.where(_THIS).union_all(UNLISTED_AND_STOPPED.where(_THIS))
OVER_AND_STOPPED = _STOPPED.where(attempts.c.id.in_(bindparam("b_ids", expanding=True)), _TO_ALL)


def stops_since(tx: Connection, sent: Sequence[Planned]) -> list[UUID]:
    """The attempts among these whose person has said stop since the gate judged them."""
    keys = {key for planned in sent for key in planned.person_keys}
    sellers = {planned.seller_id for planned in sent}
    stops = tx.execute(STANDING, {"b_sellers": list(sellers), "b_keys": list(keys)}).all()
    return [planned.attempt_id for planned in sent if any(_binds(stop, planned) for stop in stops)]


def _binds(stop: Record, planned: Planned) -> bool:
    theirs = stop.seller_id == planned.seller_id and bytes(stop.number_key) in planned.person_keys
    again = stop.texts_again_at is not None and planned.channel is Channel.SMS
    meant = not again and (stop.scope != "campaign" or stop.campaign_id == planned.campaign_id)
    return theirs and meant and stop.channel in {"any", planned.channel} and stop.id not in planned.stop_ids


def sweep(tx: Connection, now: datetime) -> int:
    """File whatever is still on its way to somebody who has said stop since it was planned; how many.

    It finds what both sides missed because one of them died between its write and its look.
    """
    filed = select(cancellations_table.c.attempt_id)
    on_their_way = IS_LIVE & attempts.c.stage.in_(NOT_REACHED)
    return cancellations.file(tx, said_stop(tx, on_their_way & attempts.c.id.not_in(filed)), "stop", now)


def stop_if_suppressed(store: Store, attempt: Record, now: datetime) -> bool:
    """File the cancelling of an attempt whose person has said stop; looks in a transaction of its own."""
    with store.read() as tx:
        stopped = one_said_stop(tx, attempt.id)
    if stopped:
        with store.write() as tx:
            cancellations.file(tx, [attempt.id], "stop", now)
    return stopped


def said_stop(tx: Connection, which: ColumnElement[bool]) -> list[UUID]:
    """Of these attempts, those whose person has said stop since the plan, to their channel or to all."""
    return _since_the_plan(tx.execute(STOPPED.where(which).union_all(UNLISTED_AND_STOPPED.where(which))))


def one_said_stop(tx: Connection, attempt_id: UUID) -> bool:
    """Whether the person of this attempt has said so."""
    return bool(_since_the_plan(tx.execute(ONE_AND_STOPPED, {"b_id": attempt_id})))


def said_stop_to_everything(tx: Connection, ids: Sequence[UUID]) -> list[UUID]:
    """Of these attempts, those whose person has said stop since the plan, to all channels."""
    return _since_the_plan(tx.execute(OVER_AND_STOPPED, {"b_ids": ids}))


def _since_the_plan(rows: Iterable[Record]) -> list[UUID]:
    return sorted({row.id for row in rows if row.at >= row.planned_at - CLOSE})
