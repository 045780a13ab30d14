"""What staff answer: a row is committed before the carrier is asked, and moves on by the carrier's word."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.errors import UserError
from orchestrator.persistence.tables.columns import Record, real_now
from orchestrator.persistence.tables.conversations import answers, canned_answers, threads

BODY = "answers.body"
FIRST_LOOK_SECONDS = 60.0


def plan(tx: Connection, row: dict[str, Any]) -> None:
    """Write the answer that is about to be sent; should this process die, the carrier is asked a minute later."""
    tx.execute(insert(answers).values(row | {"stage": "planned", "rescue_at": real_now(FIRST_LOOK_SECONDS)}))


def settle(tx: Connection, answer_id: UUID, stage: str, **facts: object) -> None:
    """What became of it is known; nobody asks the carrier any more."""
    values = {"stage": stage, "rescue_at": None, **facts}
    tx.execute(update(answers).where(answers.c.id == answer_id).values(values))


def doubt(tx: Connection, answer_id: UUID) -> None:
    """It may have been sent; the carrier is asked by and by."""
    values = {"stage": "in_doubt", "rescue_at": real_now(FIRST_LOOK_SECONDS)}
    tx.execute(update(answers).where(answers.c.id == answer_id).values(values))


def news(tx: Connection, answer_id: UUID, sid: str, status: str, error_code: int | None) -> bool:
    """The carrier's word of it; False where it is about another message."""
    this = (answers.c.id == answer_id) & (answers.c.sid.is_(None) | (answers.c.sid == sid))
    values = {"sid": sid, "status": status, "error_code": error_code, "stage": "sent", "rescue_at": None}
    return tx.execute(update(answers).where(this).values(values)).rowcount == 1


def silent(tx: Connection, limit: int) -> Sequence[Record]:
    """Those of which nobody knows whether they were sent, with the thread that they belong to."""
    query = (
        select(answers, threads.c.number_sealed, threads.c.sender)
        .join(threads, threads.c.id == answers.c.thread_id)
        .where(answers.c.rescue_at <= real_now())
    )
    return tx.execute(query.order_by(answers.c.rescue_at).limit(limit)).all()


def look_again(tx: Connection, answer_id: UUID, tries: int) -> None:
    """Ask once more, a minute later each time."""
    later = real_now(FIRST_LOOK_SECONDS * (tries + 1))
    tx.execute(update(answers).where(answers.c.id == answer_id).values(rescue_tries=tries, rescue_at=later))


def known_sids(tx: Connection, thread_id: int) -> set[str]:
    """The messages that earlier answers of the thread are known to be."""
    query = select(answers.c.sid).where(answers.c.thread_id == thread_id, answers.c.sid.is_not(None))
    return set(tx.execute(query).scalars())


def of_thread(tx: Connection, thread_id: int) -> Sequence[Record]:
    """What was answered, oldest first."""
    query = select(answers).where(answers.c.thread_id == thread_id)
    return tx.execute(query.order_by(answers.c.planned_at, answers.c.id)).all()


def can(tx: Connection, seller_id: str, name: str, text: str, by: str, now: datetime) -> None:
    """Keep an answer for use again, or write it anew; UserError for one with the number of a card."""
    refuse_cards(text, "The answer")
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    said = {"text": text, "written_by": by, "written_at": now}
    statement = dialect.insert(canned_answers).values(seller_id=seller_id, name=name, **said)
    tx.execute(statement.on_conflict_do_update(index_elements=["seller_id", "name"], set_=said))


def uncan(tx: Connection, seller_id: str, name: str) -> None:
    """Keep it no longer; raises UserError for one that is not there."""
    this = (canned_answers.c.seller_id == seller_id) & (canned_answers.c.name == name)
    if tx.execute(canned_answers.delete().where(this)).rowcount == 0:
        raise _unknown(seller_id, name)


def canned(tx: Connection, seller_id: str) -> Sequence[Record]:
    """The seller's canned answers by name."""
    query = select(canned_answers).where(canned_answers.c.seller_id == seller_id)
    return tx.execute(query.order_by(canned_answers.c.name)).all()


def canned_text(tx: Connection, seller_id: str, name: str) -> str:
    """The text of one; raises UserError for one that is not there."""
    found = next((row for row in canned(tx, seller_id) if row.name == name), None)
    if found is None:
        raise _unknown(seller_id, name)
    return str(found.text)


def _unknown(seller_id: str, name: str) -> UserError:
    return UserError(f"'{seller_id}' has no canned answer '{name}'; `messages canned {seller_id}` lists them.")
