"""Calls counted by the quarter of an hour, moved in the transaction of the fact, and counted anew from the attempts.

What a call counts as is said once, in SQL over its attempt: the same words serve the call that ends, the call that is
still in flight, and the recount that checks them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Executable,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.expression import ColumnElement

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.carrier import AnsweredBy
from orchestrator.domain.quarters import next_quarter
from orchestrator.persistence.identity import first_id
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import IS_ENDED, IS_LIVE, attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.pacing import call_counts, quarter_of

IN_FLIGHT = "-"  # stands for the outcome of a call that has none yet

_BY_MACHINE = (AnsweredBy.MACHINE.value, AnsweredBy.FAX.value)
_CONNECTED = attempts.c.connected_at.is_not(None)
_ABANDONED = attempts.c.abandoned_at.is_not(None)
_TAKEN_FOR_MACHINE = func.coalesce(attempts.c.answered_by, "").in_(_BY_MACHINE)
_NOT_TAKEN = ~_TAKEN_FOR_MACHINE
_OVER_BY_DETECTION = func.coalesce(attempts.c.outcome, "").in_((Outcome.MACHINE.value, Outcome.FAX.value))


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


# A person is met by an agent, or abandoned by us: who hung up before either is neither.
MEASURES: dict[str, ColumnElement[int]] = {
    "calls": literal(1, Integer),
    "human": _one_if(or_(_CONNECTED, and_(_ABANDONED, _NOT_TAKEN))),
    "connected": _one_if(_CONNECTED),
    "abandoned": _one_if(and_(_ABANDONED, ~_CONNECTED, _NOT_TAKEN)),
    "marked": _one_if(and_(_CONNECTED, or_(attempts.c.marked_machine, _TAKEN_FOR_MACHINE))),
    "detected": _one_if(or_(_TAKEN_FOR_MACHINE, _OVER_BY_DETECTION)),
}
KEYS = ("campaign_id", "quarter_at", "country", "mode", "outcome")
_GROUPS: tuple[ColumnElement[Any], ...] = (
    attempts.c.campaign_id,
    quarter_of(attempts.c.planned_at),
    attempts.c.country,
    func.coalesce(attempts.c.mode, "-"),
    attempts.c.outcome,
)
_IS_CALL = attempts.c.channel == "voice"


def _labelled() -> list[ColumnElement[Any]]:
    return [column.label(name) for column, name in zip(_GROUPS, KEYS, strict=True)]


def _adding(counted: Select[*tuple[Any, ...]]) -> dict[str, Executable]:
    """Add rows of counts to those that there are, by dialect."""
    found: dict[str, Executable] = {}
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite)):
        statement = dialect.insert(call_counts).from_select([*KEYS, *MEASURES], counted)
        found[name] = statement.on_conflict_do_update(
            index_elements=[call_counts.c[name] for name in KEYS],
            set_={name: call_counts.c[name] + statement.excluded[name] for name in MEASURES},
        )
    return found


def _of_one_call(sign: int) -> Select[*tuple[Any, ...]]:
    measures = [(value * sign).label(name) for name, value in MEASURES.items()]
    return select(*_labelled(), *measures).where(attempts.c.id == bindparam("b_id"), IS_ENDED, _IS_CALL)


def _since(*here: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    of = (call_counts.c.country, call_counts.c.mode, call_counts.c.outcome)
    sums = [func.sum(call_counts.c[name]).label(name) for name in MEASURES]
    of_campaign = call_counts.c.campaign_id == bindparam("b_campaign")
    return select(*of, *sums).where(of_campaign, call_counts.c.quarter_at >= bindparam("b_start"), *here).group_by(*of)


def _in_flight() -> Select[*tuple[Any, ...]]:
    of = (attempts.c.country, func.coalesce(attempts.c.mode, literal_column("'-'")))
    sums = [func.sum(value).label(name) for name, value in MEASURES.items()]
    here = (attempts.c.campaign_id == bindparam("b_campaign"), attempts.c.planned_at >= bindparam("b_start"))
    return select(*of, literal_column(f"'{IN_FLIGHT}'"), *sums).where(*here, IS_LIVE, _IS_CALL).group_by(*of)


# Built once: each call that ends is counted, and each tick asks.
MOVE = {sign: _adding(_of_one_call(sign)) for sign in (1, -1)}
SINCE = _since()
BETWEEN = _since(call_counts.c.quarter_at < bindparam("b_before"))
FLYING = _in_flight()


@dataclass(frozen=True, slots=True)
class Count:
    """So many calls of one country, mode and outcome; see MEASURES for what the numbers are."""

    country: str
    mode: str
    outcome: str
    calls: int
    human: int
    connected: int
    abandoned: int
    marked: int
    detected: int


def add(tx: Connection, attempt_id: UUID) -> None:
    """Count an ended call; nothing for a message, or a call that goes on."""
    _move(tx, attempt_id, 1)


@contextmanager
def recounting(tx: Connection, attempt_id: UUID) -> Iterator[None]:
    """Whatever is changed of an ended call in here moves the counts with it, as when an agent says it was a machine."""
    _move(tx, attempt_id, -1)
    yield
    _move(tx, attempt_id, 1)


def _move(tx: Connection, attempt_id: UUID, sign: int) -> None:
    tx.execute(MOVE[sign][tx.dialect.name], {"b_id": attempt_id})


def of_one_moment(tx: Connection) -> None:
    """Make all that this transaction reads one moment's, on PostgreSQL too; say it before the first question."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))


def since(tx: Connection, campaign_id: int, start: datetime, before: datetime | None = None) -> list[Count]:
    """What ended of the calls planned from ``start`` on, both moments on a quarter."""
    here = {"b_campaign": campaign_id, "b_start": start}
    rows = tx.execute(SINCE, here) if before is None else tx.execute(BETWEEN, {**here, "b_before": before})
    return [Count(*row) for row in rows]


def by_quarter(tx: Connection, campaign_id: int, start: datetime, end: datetime) -> Sequence[Record]:
    """The rows of the calls planned in between."""
    here = (call_counts.c.campaign_id == campaign_id, call_counts.c.quarter_at >= start, call_counts.c.quarter_at < end)
    return tx.execute(select(call_counts).where(*here).order_by(call_counts.c.quarter_at)).all()


def in_flight(tx: Connection, campaign_id: int, start: datetime) -> list[Count]:
    """What the calls planned from ``start`` on that have not ended count as already."""
    return [Count(*row) for row in tx.execute(FLYING, {"b_campaign": campaign_id, "b_start": start})]


def from_attempts(tx: Connection, campaign_id: int, start: datetime, end: datetime) -> list[Count]:
    """The same counted from the attempts themselves, of the calls planned from ``start`` on and before ``end``."""
    of = (attempts.c.country, func.coalesce(attempts.c.mode, "-"), attempts.c.outcome)
    sums = [func.sum(value).label(name) for name, value in MEASURES.items()]
    planned = (attempts.c.planned_at >= start, attempts.c.planned_at < end)
    here = (attempts.c.campaign_id == campaign_id, *planned, IS_ENDED, _IS_CALL)
    return [Count(*row) for row in tx.execute(select(*of, *sums).where(*here).group_by(*of))]


def correct(store: Store, campaign_id: int, start: datetime, end: datetime) -> list[datetime]:
    """Count the calls planned in between from the attempts, and mend what differs; the quarters that did.

    Both moments on a quarter. Comparing only reads, so a busy database is not kept waiting by a recount that agrees.
    """
    with store.read() as tx:
        of_one_moment(tx)
        counted = {tuple(row) for row in tx.execute(_counted(campaign_id, start, end))}
        kept = {tuple(row) for row in by_quarter(tx, campaign_id, start, end) if any(row[len(KEYS) :])}
    wrong: list[datetime] = sorted({row[1] for row in counted ^ kept})
    for quarter_at in wrong:
        with store.write() as tx:
            _mend(tx, campaign_id, quarter_at)
    return wrong


def _counted(campaign_id: int, start: datetime, end: datetime) -> Select[*tuple[Any, ...]]:
    sums = [func.sum(value).label(name) for name, value in MEASURES.items()]
    planned = (
        attempts.c.id >= first_id(start),
        attempts.c.id < first_id(end),
    )  # an id names its moment, and is indexed
    here = (attempts.c.campaign_id == campaign_id, *planned)
    return select(*_labelled(), *sums).where(*here, IS_ENDED, _IS_CALL).group_by(*_GROUPS)


def _mend(tx: Connection, campaign_id: int, quarter_at: datetime) -> None:
    """The row that another transaction has just made while it ends a call is added to: it counts that call alone."""
    here = (call_counts.c.campaign_id == campaign_id, call_counts.c.quarter_at == quarter_at)
    tx.execute(delete(call_counts).where(*here))
    counted = _counted(campaign_id, quarter_at, next_quarter(quarter_at))
    tx.execute(_adding(counted)[tx.dialect.name])
