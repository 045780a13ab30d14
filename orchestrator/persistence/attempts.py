"""Attempts: opened before the carrier is asked, moved by compare-and-set, ended once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Executable, Float, String, bindparam, case, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.domain.attempt import Outcome, Stage
from orchestrator.persistence import rejudgements
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.attempts import (
    IS_ENDED,
    IS_LIVE,
    UNFOLLOWED,
    attempts,
    cancellations,
    live_attempts,
)
from orchestrator.persistence.tables.columns import Record, real_now

OPEN = insert(attempts).values(lease_until=real_now(bindparam("b_lease", type_=Float)))
BY_SID = select(attempts).where(attempts.c.sid == bindparam("b_sid")).with_for_update()
UNHEARD = (Stage.PLANNED, Stage.IN_DOUBT)
NOT_REACHED = (*UNHEARD, Stage.SUBMITTED, Stage.QUEUED, Stage.RINGING)
DELIVERY_SECONDS = 120.0  # real: how long after a message was sent rescue asks whether it arrived
MORE_TO_KNOW = IS_LIVE | (attempts.c.outcome == Outcome.SENT)

_IS_UNHEARD = or_(*(attempts.c.stage == stage for stage in UNHEARD))  # many rows at once bind no list
ACCEPT = (
    update(attempts)
    .where(attempts.c.id == bindparam("b_id"), IS_LIVE)
    .values(
        sid=bindparam("b_sid"),
        stage=case((_IS_UNHEARD, bindparam("b_stage", type_=String)), else_=attempts.c.stage),
        lease_until=None,
        rescue_at=real_now(bindparam("b_again", type_=Float)),
    )
)
OCCUPY: dict[str, Executable] = {
    dialect.__name__.rpartition(".")[2]: dialect.insert(live_attempts)
    .on_conflict_do_nothing()
    .returning(live_attempts.c.attempt_id)
    for dialect in (sqlite, postgresql)
}

# Built once: each piece of news of a call runs some of these.
LOCKED = (
    select(attempts)
    .where(attempts.c.id.in_(bindparam("b_ids", expanding=True)))
    .order_by(attempts.c.id)
    .with_for_update()
)
VACATE = delete(live_attempts).where(
    live_attempts.c.number_key == bindparam("b_key"),
    live_attempts.c.channel == bindparam("b_channel"),
    live_attempts.c.attempt_id == bindparam("b_id"),
)
WRAPPING_UP = select(agents.c.id).where(
    agents.c.wrap_up_attempt_id == attempts.c.id, agents.c.wrap_up_until > bindparam("b_now")
)
TO_FOLLOW = (
    select(attempts)
    .where(IS_ENDED, UNFOLLOWED, ~WRAPPING_UP.exists())
    .order_by(attempts.c.ended_at)
    .limit(bindparam("b_limit"))
    .with_for_update(skip_locked=True)
)
PAST_THEIR_WINDOW = (
    select(attempts.c.id)
    .where(
        IS_LIVE,
        attempts.c.stage.in_((Stage.PLANNED, Stage.IN_DOUBT, Stage.SUBMITTED, Stage.QUEUED)),
        attempts.c.valid_until <= bindparam("b_now"),
        attempts.c.id.not_in(select(cancellations.c.attempt_id)),
    )
    .limit(bindparam("b_limit"))
)
NAME = (
    update(attempts).where(attempts.c.id == bindparam("b_id"), attempts.c.sid.is_(None)).values(sid=bindparam("b_sid"))
)
NAMED_SO = select(attempts.c.id).where(attempts.c.id == bindparam("b_id"), attempts.c.sid == bindparam("b_sid"))
MOVE = update(attempts).where(attempts.c.id == bindparam("b_id"), attempts.c.stage == bindparam("b_from"))
_END = (
    update(attempts)
    .where(attempts.c.id == bindparam("b_id"), IS_LIVE)
    .values(stage=Stage.ENDED, lease_until=None, waiting_since=None, joining_since=None, redirect_at=None)
)
END = _END.values(rescue_at=None)
END_SENT = _END.values(rescue_at=func.coalesce(attempts.c.rescue_at, real_now(DELIVERY_SECONDS)))
FOLLOWED = update(attempts).where(attempts.c.id.in_(bindparam("b_ids", expanding=True))).values(followed_up=True)


def occupy(tx: Connection, number_key: bytes, channel: str, attempt_id: UUID, now: datetime) -> bool:
    """Take the number for this attempt; False while another attempt of anybody is live on it."""
    row = {"number_key": number_key, "channel": channel, "attempt_id": attempt_id, "since": now}
    return tx.execute(OCCUPY[tx.dialect.name], row).first() is not None


def vacate(tx: Connection, attempt_id: UUID, number_key: bytes, channel: str) -> None:
    """Let the number go, where this attempt holds it."""
    tx.execute(VACATE, {"b_key": number_key, "b_channel": channel, "b_id": attempt_id})


def open_all(tx: Connection, rows: Sequence[Mapping[str, Any]], lease_seconds: float) -> None:
    """Write planned attempts; whoever opened them must have asked the carrier by half of the lease."""
    if rows:
        tx.execute(OPEN, [{**row, "b_lease": lease_seconds} for row in rows])


def fetch(tx: Connection, attempt_id: UUID) -> Record | None:
    """The attempt, None for an unknown id."""
    return tx.execute(select(attempts).where(attempts.c.id == attempt_id)).one_or_none()


def by_sid(tx: Connection, sid: str) -> Record | None:
    """The attempt that the carrier knows by this sid, locked; None for any other call."""
    return tx.execute(BY_SID, {"b_sid": sid}).first()


def fetch_for_change(tx: Connection, ids: Sequence[UUID]) -> dict[UUID, Record]:
    """The attempts, locked in id order until the transaction ends."""
    return {row.id: row for row in tx.execute(LOCKED, {"b_ids": ids})}


def accept(tx: Connection, receipts: Sequence[tuple[UUID, str, Stage]], look_again_seconds: float) -> None:
    """Write the carrier's receipts (attempt, sid, stage); news that overtook one keeps its stage, an end stays one."""
    values = [
        {"b_id": attempt_id, "b_sid": sid, "b_stage": stage, "b_again": look_again_seconds}
        for attempt_id, sid, stage in receipts
    ]
    if values:
        tx.execute(ACCEPT, values)


def name(tx: Connection, attempt_id: UUID, sid: str) -> bool:
    """Note the carrier's sid where none is known; False where another one is."""
    bound = {"b_id": attempt_id, "b_sid": sid}
    if tx.execute(NAME, bound).rowcount == 1:
        rejudgements.note_naming(tx, attempt_id)
        return True
    return tx.execute(NAMED_SO, bound).first() is not None


def doubt(tx: Connection, attempt_id: UUID, now: datetime, look_again_seconds: float, error: int | None) -> bool:
    """The carrier may or may not have taken it; rescue asks."""
    statement = (
        update(attempts)
        .where(attempts.c.id == attempt_id, attempts.c.stage == Stage.PLANNED)
        .values(
            stage=Stage.IN_DOUBT,
            doubted_at=now,
            lease_until=None,
            error_code=error,
            rescue_at=real_now(look_again_seconds),
        )
    )
    return tx.execute(statement).rowcount == 1


def move(tx: Connection, attempt_id: UUID, from_stage: str, values: Mapping[str, Any]) -> bool:
    """Change the attempt while it still stands at ``from_stage``."""
    return tx.execute(MOVE, {"b_id": attempt_id, "b_from": from_stage, **values}).rowcount == 1


def end(tx: Connection, attempt_id: UUID, outcome: Outcome, now: datetime, facts: Mapping[str, Any]) -> bool:
    """End the attempt; False where it had ended already. Of a message that was sent, rescue asks whether it arrived."""
    statement = END_SENT if outcome is Outcome.SENT else END
    return tx.execute(statement, {"b_id": attempt_id, "outcome": outcome, "ended_at": now, **facts}).rowcount == 1


def refine(tx: Connection, attempt_id: UUID, was: Outcome, becomes: Outcome, facts: Mapping[str, Any]) -> bool:
    """Replace the outcome of an ended attempt by a more certain one."""
    still = (attempts.c.id == attempt_id) & (attempts.c.outcome == was)
    return tx.execute(update(attempts).where(still).values(outcome=becomes, rescue_at=None, **facts)).rowcount == 1


def look_again(tx: Connection, attempt_id: UUID, seconds: float, tries: int) -> None:
    """Tell rescue when to ask again, in real seconds, about an attempt of which there is more to know."""
    here = (attempts.c.id == attempt_id) & MORE_TO_KNOW
    tx.execute(update(attempts).where(here).values(rescue_at=real_now(seconds), rescue_tries=tries))


def look_no_more(tx: Connection, attempt_id: UUID) -> None:
    """The carrier will say nothing new about this attempt."""
    tx.execute(update(attempts).where(attempts.c.id == attempt_id).values(rescue_at=None))


def silent(tx: Connection, lease_grace_seconds: float, limit: int) -> Sequence[Record]:
    """Attempts that nobody has spoken of for too long, planned ones whose worker is gone, and messages just sent."""
    orphaned = (attempts.c.lease_until <= real_now(-lease_grace_seconds)) & attempts.c.rescue_at.is_(None)
    overdue = attempts.c.rescue_at <= real_now()
    query = select(attempts).where(MORE_TO_KNOW, or_(orphaned, overdue))
    return tx.execute(query.order_by(attempts.c.id).limit(limit)).all()


def live_of_campaign(tx: Connection, campaign_id: int) -> Sequence[Record]:
    """Every attempt of the campaign that has not ended."""
    query = select(attempts).where(attempts.c.campaign_id == campaign_id, IS_LIVE)
    return tx.execute(query).all()


def unanswered(tx: Connection, campaign_id: int) -> Sequence[UUID]:
    """The campaign's attempts that can still be taken back before anybody is reached."""
    query = select(attempts.c.id).where(
        attempts.c.campaign_id == campaign_id, IS_LIVE, attempts.c.stage.in_(NOT_REACHED)
    )
    return tx.execute(query).scalars().all()


def past_their_window(tx: Connection, now: datetime, limit: int) -> Sequence[UUID]:
    """Attempts that have not reached anybody yet, and must not any more."""
    return tx.execute(PAST_THEIR_WINDOW, {"b_now": now, "b_limit": limit}).scalars().all()


def to_follow_up(tx: Connection, now: datetime, limit: int) -> Sequence[Record]:
    """Ended attempts whose enrollment has no next step yet, oldest first; an agent's wrap-up is waited for."""
    return tx.execute(TO_FOLLOW, {"b_now": now, "b_limit": limit}).all()


def followed_up(tx: Connection, ids: Sequence[UUID]) -> None:
    """Mark them."""
    tx.execute(FOLLOWED, {"b_ids": ids})


def count_live(tx: Connection) -> int:
    """How many attempts have not ended, over all campaigns."""
    return tx.execute(select(func.count()).select_from(attempts).where(IS_LIVE)).scalar_one()
