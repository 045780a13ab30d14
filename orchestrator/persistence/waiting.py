"""People who answered: who waits for an agent, who is being joined to one, and whose document has changed meanwhile.

``waiting_since``, ``joining_since`` and ``redirect_at`` are set only as long as that is so, so that few rows have them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, bindparam, or_, select, update

from orchestrator.domain.attempt import Stage
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.attempts import IS_LIVE, attempts
from orchestrator.persistence.tables.columns import Record, real_now

ASK_AGAIN_SECONDS = 3.0  # real: a document that the carrier was sent for is here by then, or it is sent again
RETRY_SECONDS = 0.3  # real: the carrier could not be told

# Asked one by one: for the two together SQLite looks through every attempt there ever was.
PRESSING = (attempts.c.waiting_since.is_not(None), attempts.c.redirect_at <= real_now())


def _oldest(queue: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(attempts)
        .where(attempts.c.waiting_since.is_not(None), queue, IS_LIVE)
        .order_by(attempts.c.waiting_since, attempts.c.id)
        .limit(bindparam("b_limit"))
        .with_for_update(skip_locked=True)
    )


# Built once: whatever frees an agent asks who waits.
OLDEST = _oldest(attempts.c.waiting_queue.is_not(None))
OLDEST_OF_QUEUE = _oldest(attempts.c.waiting_queue == bindparam("b_queue"))
SET = update(attempts).where(attempts.c.id == bindparam("b_id"))


def begin(tx: Connection, attempt: Record, queue: str | None) -> None:
    """They wait for an agent of the queue, since they picked up."""
    _set(tx, attempt.id, waiting_since=attempt.answered_at, waiting_queue=queue)


def oldest(tx: Connection, queue: str | None, limit: int) -> Sequence[Record]:
    """Who waits, for any queue or this one, the longest first; each held by this transaction alone."""
    if queue is None:
        return tx.execute(OLDEST, {"b_limit": limit}).all()
    return tx.execute(OLDEST_OF_QUEUE, {"b_limit": limit, "b_queue": queue}).all()


def joining(
    tx: Connection, attempt_id: UUID, agent_id: str, queue: str | None, now: datetime, *, redirect: bool
) -> None:
    """An agent is claimed for them, as another of the queue would be if that fails.

    ``redirect``: they hear of it by a document that the carrier is sent for.
    """
    due = {"redirect_at": real_now()} if redirect else {}
    whom = {"agent_id": agent_id, "waiting_queue": queue}
    _set(tx, attempt_id, joining_since=now, waiting_since=None, **whom, **due)


def joined(tx: Connection, attempt_id: UUID, at: datetime) -> None:
    """They and the agent are in one room; the first moment at which that was so stays."""
    _set(tx, attempt_id, stage=Stage.CONNECTED, connected_at=at, joining_since=None, redirect_at=None)


def meets_in_doubt(tx: Connection, attempt_id: UUID, since: datetime | None) -> None:
    """Whether they are in the agent's room must be asked; None: it needs not any more."""
    _set(tx, attempt_id, joining_since=since)


def not_joined(tx: Connection, attempt: Record) -> None:
    """The agent is not theirs any more: they wait as before."""
    _set(tx, attempt.id, agent_id=None, joining_since=None, redirect_at=None, waiting_since=attempt.answered_at)


def given_up(tx: Connection, attempt_id: UUID, now: datetime, *, redirect: bool) -> None:
    """The time is spent: they are told who called, by this answer or by a document that the carrier is sent for."""
    due = real_now() if redirect else None
    _set(tx, attempt_id, abandoned_at=now, waiting_since=None, redirect_at=due)


def told(tx: Connection, attempt_id: UUID) -> None:
    """They got the document; the carrier needs not be sent for it."""
    _set(tx, attempt_id, redirect_at=None)


def anybody_to_tell(tx: Connection) -> bool:
    """Whether anybody waits, or is to be redirected."""
    return any(tx.execute(select(attempts.c.id).where(one).limit(1)).first() is not None for one in PRESSING)


def take_redirects(tx: Connection, limit: int) -> Sequence[Record]:
    """Calls that the carrier must be told about now; nobody else tells it for a while."""
    due = select(attempts).where(attempts.c.redirect_at <= real_now(), attempts.c.sid.is_not(None), IS_LIVE)
    rows = tx.execute(due.order_by(attempts.c.redirect_at).limit(limit).with_for_update(skip_locked=True)).all()
    for row in rows:
        _set(tx, row.id, redirect_at=real_now(ASK_AGAIN_SECONDS))
    return rows


def redirect_again(tx: Connection, attempt_id: UUID) -> None:
    """The carrier could not be told; again in a moment."""
    still = attempts.c.redirect_at.is_not(None) & IS_LIVE
    tx.execute(update(attempts).where(attempts.c.id == attempt_id, still).values(redirect_at=real_now(RETRY_SECONDS)))


def leave_be(tx: Connection, attempt_id: UUID) -> None:
    """Nobody is claimed for them any more, and no document waits: all that is left is the end of the call."""
    _set(tx, attempt_id, waiting_since=None, joining_since=None, redirect_at=None)


def unheard(tx: Connection, since: datetime, limit: int) -> Sequence[Record]:
    """Claimed for an agent since then and not heard to have met, with ``leg_sid``; at once where the agent is gone."""
    bound: ColumnElement[bool] = agents.c.attempt_id == attempts.c.id
    query = (
        select(attempts, agents.c.leg_sid, bound.label("agent_is_bound"))
        .join(agents, agents.c.id == attempts.c.agent_id)
        .where(attempts.c.joining_since.is_not(None), IS_LIVE)
        .where(or_(attempts.c.joining_since <= since, agents.c.attempt_id.is_(None), ~bound))
    )
    return tx.execute(query.order_by(attempts.c.joining_since).limit(limit)).all()


def _set(tx: Connection, attempt_id: UUID, **values: object) -> None:
    by_database = {name: value for name, value in values.items() if isinstance(value, ColumnElement)}
    plain = {name: value for name, value in values.items() if name not in by_database}
    tx.execute(SET.values(by_database) if by_database else SET, {"b_id": attempt_id, **plain})
