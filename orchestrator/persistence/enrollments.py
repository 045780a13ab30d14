"""Enrollments: claimed by lane under a lease, then held, blocked, in flight or done."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Float, bindparam, func, select, update

from orchestrator.domain.enrollment import DoneReason, EnrollmentStage, Lane
from orchestrator.persistence.tables.campaigns import IS_DUE, enrollments
from orchestrator.persistence.tables.columns import real_now
from orchestrator.persistence.tables.people import contact_points

PRIORITIES = range(1, 10)
LEASE_SECONDS = 30.0
_LANE = (
    enrollments.c.campaign_id == bindparam("b_campaign"),
    enrollments.c.lane == bindparam("b_lane"),
    IS_DUE,
)
ANY_DUE = (
    select(enrollments.c.id)
    .where(*_LANE, enrollments.c.priority.in_(PRIORITIES), enrollments.c.next_eligible_at <= bindparam("b_now"))
    .limit(1)
)
NEXT_PRIORITY = select(func.min(enrollments.c.priority)).where(*_LANE, enrollments.c.priority > bindparam("b_priority"))
_DUE = (
    select(enrollments.c.id)
    .where(
        *_LANE,
        enrollments.c.priority == bindparam("b_priority"),
        enrollments.c.next_eligible_at <= bindparam("b_now"),
    )
    .order_by(enrollments.c.next_eligible_at, enrollments.c.id)
    .limit(bindparam("b_limit"))
    .with_for_update(skip_locked=True)
)
NEXT_MOMENT = select(func.min(enrollments.c.next_eligible_at)).where(
    enrollments.c.campaign_id == bindparam("b_campaign"), IS_DUE
)
CLAIM = (
    update(enrollments)
    .where(enrollments.c.id.in_(_DUE.scalar_subquery()), IS_DUE)
    .values(
        stage=EnrollmentStage.CLAIMED,
        lease_holder=bindparam("b_worker"),
        lease_until=real_now(bindparam("b_lease", type_=Float)),
    )
    .returning(enrollments.c.id)
)


def claim(
    tx: Connection,
    campaign_id: int,
    lane: Lane,
    worker: str,
    now: datetime,
    limit: int,
    lease_seconds: float = LEASE_SECONDS,
) -> list[int]:
    """Lease up to ``limit`` due enrollments of the lane, most urgent first; those another worker holds are passed over.

    One small range scan a priority in use: the claim never asks about law, since what the law holds is due later.
    """
    claimed: list[int] = []
    scope = {"b_campaign": campaign_id, "b_lane": lane, "b_now": now, "b_worker": worker, "b_lease": lease_seconds}
    priority = tx.execute(NEXT_PRIORITY, {**scope, "b_priority": 0}).scalar()
    while priority is not None and len(claimed) < limit:
        rest = limit - len(claimed)
        claimed += tx.execute(CLAIM, {**scope, "b_priority": priority, "b_limit": rest}).scalars()
        priority = tx.execute(NEXT_PRIORITY, {**scope, "b_priority": priority}).scalar()
    return claimed


def claim_one(tx: Connection, enrollment_id: int, worker: str, lease_seconds: float = LEASE_SECONDS) -> bool:
    """Lease this enrollment; False when it is not due any more, or another worker holds it."""
    lease = {"stage": EnrollmentStage.CLAIMED, "lease_holder": worker, "lease_until": real_now(lease_seconds)}
    return tx.execute(update(enrollments).where(enrollments.c.id == enrollment_id, IS_DUE).values(lease)).rowcount == 1


def any_due(tx: Connection, campaign_id: int, lane: Lane, now: datetime) -> bool:
    """Whether anybody is due on the lane."""
    return tx.execute(ANY_DUE, {"b_campaign": campaign_id, "b_lane": lane, "b_now": now}).first() is not None


def change(tx: Connection, rows: Sequence[Mapping[str, object]], from_stage: EnrollmentStage, now: datetime) -> int:
    """Write the next stage of many enrollments that still stand at ``from_stage``.

    Each row gives ``id`` and all of STEP_COLUMNS; the lease ends with it.
    """
    if not rows:
        return 0
    shared = {"b_from": from_stage, "b_now": now}
    values = [{f"b_{name}": row.get(name) for name in ("id", *STEP_COLUMNS)} | shared for row in rows]
    return tx.execute(CHANGE, values).rowcount


STEP_COLUMNS = (
    "stage",
    "lane",
    "next_eligible_at",
    "held_by",
    "blocked_by",
    "cure",
    "cure_detail",
    "done_reason",
    "last_ordinal",
)
CHANGE = (
    update(enrollments)
    .where(enrollments.c.id == bindparam("b_id"), enrollments.c.stage == bindparam("b_from"))
    .values({name: bindparam(f"b_{name}") for name in STEP_COLUMNS})
    .values(lease_holder=None, lease_until=None, updated_at=bindparam("b_now"))
)


def release_expired(tx: Connection, now: datetime) -> int:
    """Give back what a worker claimed and never decided; what one is deciding about at this moment is its own."""
    expired = (enrollments.c.stage == EnrollmentStage.CLAIMED) & (enrollments.c.lease_until <= real_now())
    free = select(enrollments.c.id).where(expired).with_for_update(skip_locked=True)
    statement = (
        update(enrollments)
        .where(enrollments.c.id.in_(free.scalar_subquery()), expired)
        .values(stage=EnrollmentStage.DUE, lease_holder=None, lease_until=None, updated_at=now)
    )
    return tx.execute(statement).rowcount


def finish(tx: Connection, ids: Sequence[int], reason: DoneReason, now: datetime) -> int:
    """Nothing more will be tried for these, whatever they were waiting for."""
    statement = (
        update(enrollments)
        .where(enrollments.c.id.in_(ids), enrollments.c.stage != EnrollmentStage.DONE)
        .values(stage=EnrollmentStage.DONE, done_reason=reason, updated_at=now, lease_holder=None, lease_until=None)
    )
    return tx.execute(statement).rowcount


def count_by_stage(tx: Connection, campaign_id: int) -> dict[str, int]:
    """How many enrollments stand where."""
    query = (
        select(enrollments.c.stage, func.count())
        .where(enrollments.c.campaign_id == campaign_id)
        .group_by(enrollments.c.stage)
    )
    return dict(tx.execute(query).all())


def next_moment(tx: Connection, campaign_id: int) -> datetime | None:
    """When the next enrollment falls due, None where none will by itself."""
    return tx.execute(NEXT_MOMENT, {"b_campaign": campaign_id}).scalar()


def unsuppress(tx: Connection, seller_id: str, number_key: bytes, done_at: datetime, now: datetime) -> int:
    """What a doubt ended at ``done_at``, and was no no, is due again."""
    theirs = select(contact_points.c.contact_id).where(
        contact_points.c.seller_id == seller_id, contact_points.c.number_key == number_key
    )
    ended = (enrollments.c.stage == EnrollmentStage.DONE) & (enrollments.c.done_reason == DoneReason.SUPPRESSED)
    statement = (
        update(enrollments)
        .where(enrollments.c.contact_id.in_(theirs), enrollments.c.seller_id == seller_id)
        .where(ended, enrollments.c.updated_at == done_at)
        .values(stage=EnrollmentStage.DUE, done_reason=None, updated_at=now)
    )
    return tx.execute(statement).rowcount


def suppress(tx: Connection, seller_id: str, number_key: bytes, now: datetime) -> int:
    """The person has said no: whatever waits for them is done, in every campaign of the seller.

    So is what a worker has claimed and is not deciding about yet: a strategy that lets them rest would not ask about
    the no. Whoever is being decided about at this moment is passed over, since a no waits for nobody.
    """
    theirs = select(contact_points.c.contact_id).where(
        contact_points.c.seller_id == seller_id, contact_points.c.number_key == number_key
    )
    mine = (enrollments.c.contact_id.in_(theirs), enrollments.c.seller_id == seller_id)
    claimed = select(enrollments.c.id).where(*mine, enrollments.c.stage == EnrollmentStage.CLAIMED)
    free = enrollments.c.id.in_(claimed.with_for_update(skip_locked=True).scalar_subquery())
    waiting = enrollments.c.stage.in_((EnrollmentStage.DUE, EnrollmentStage.BLOCKED))
    statement = (
        update(enrollments)
        .where(*mine, waiting | free)
        .values(stage=EnrollmentStage.DONE, done_reason=DoneReason.SUPPRESSED, updated_at=now)
        .values(lease_holder=None, lease_until=None)
    )
    return tx.execute(statement).rowcount
