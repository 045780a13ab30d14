"""What the carrier must delete: filed with the erasure here, tried by workers until the carrier confirms."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import Record, real_now
from orchestrator.persistence.tables.rights import carrier_erasures

LONGEST_WAIT_SECONDS = 3600.0
LONGEST_DOUBLING = 12
NEVER_SENT = "never sent"
INSERT = {dialect.__name__.rpartition(".")[2]: dialect.insert for dialect in (sqlite, postgresql)}
NAMED = func.coalesce(carrier_erasures.c.sid, attempts.c.sid)


def file(
    tx: Connection, rows: Iterable[Mapping[str, Any]], *, seller_id: str, request_id: int | None, now: datetime
) -> None:
    """Ask for these to be deleted: each row has channel, attempt_id and sid, of which one may be None."""
    shared = {"seller_id": seller_id, "request_id": request_id, "filed_at": now}
    statement = INSERT[tx.dialect.name](carrier_erasures).values(due_at=real_now()).on_conflict_do_nothing()
    values = [{**row, **shared} for row in rows]
    if values:
        tx.execute(statement, values)


def open_ones(tx: Connection, limit: int) -> Sequence[Record]:
    """What is due to be tried, longest waiting first: id, channel, tries, and the carrier's name for it, if any."""
    query = (
        select(
            carrier_erasures.c.id,
            carrier_erasures.c.channel,
            carrier_erasures.c.tries,
            carrier_erasures.c.request_id,
            NAMED.label("named"),
        )
        .outerjoin(attempts, attempts.c.id == carrier_erasures.c.attempt_id)
        .where(carrier_erasures.c.done_at.is_(None), carrier_erasures.c.due_at <= real_now())
        .order_by(carrier_erasures.c.due_at, carrier_erasures.c.id)
        .limit(limit)
    )
    return tx.execute(query).all()


def done(tx: Connection, number: int, sid: str | None, result: str, now: datetime) -> None:
    """The carrier has confirmed, or nothing of it was ever there."""
    here = carrier_erasures.c.id == number
    tx.execute(update(carrier_erasures).where(here).values(done_at=now, result=result, sid=sid))


def again(tx: Connection, number: int, tries: int, error: str) -> None:
    """Try later: one second, two, four, up to an hour; for as long as it takes."""
    wait = min(2.0 ** min(tries, LONGEST_DOUBLING), LONGEST_WAIT_SECONDS)
    tx.execute(
        update(carrier_erasures)
        .where(carrier_erasures.c.id == number)
        .values(due_at=real_now(wait), tries=tries + 1, result=error)
    )


def reopen_named(tx: Connection, attempt_ids: Sequence[Any]) -> int:
    """News came of attempts that had been taken for never sent: they are the carrier's to delete after all."""
    unsent = (carrier_erasures.c.attempt_id.in_(attempt_ids)) & (carrier_erasures.c.result == NEVER_SENT)
    return tx.execute(update(carrier_erasures).where(unsent).values(done_at=None, due_at=real_now())).rowcount


def counts_of(tx: Connection, request_id: int) -> Mapping[str, int]:
    """How many of the request's are open, and how many came to what."""
    word = func.coalesce(carrier_erasures.c.result, "waiting")
    open_ = (carrier_erasures.c.done_at.is_(None)).label("open")
    query = (
        select(open_, word.label("word"), func.count().label("many"))
        .where(carrier_erasures.c.request_id == request_id)
        .group_by(open_, word)
    )
    found: dict[str, int] = {}
    for row in tx.execute(query):
        name = "waiting" if row.open else row.word
        found[name] = found.get(name, 0) + row.many
    return found
