"""Which attempts staff wrote by hand in which thread, and the answers that they keep for use again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.domain.attempt import NO_CONTACT, Outcome
from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.errors import UserError
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.conversations import answers, canned_answers

HEARD_NOTHING = (*NO_CONTACT, Outcome.UNDELIVERED)  # after these the person still waits for an answer
WITH_ITS_ATTEMPT = (  # what was sealed or emptied of an attempt is gone, who answered is not
    select(answers, attempts.c.body_sealed, attempts.c.stage, attempts.c.outcome)
    .outerjoin(attempts, attempts.c.id == answers.c.id)
    .order_by(answers.c.written_at, answers.c.id)
)


def keep(tx: Connection, attempt_id: UUID, thread: Record, by: str, now: datetime) -> None:
    """Note that this attempt is an answer in the thread, in the transaction that writes it."""
    row = {"id": attempt_id, "thread_id": thread.id, "seller_id": thread.seller_id, "number_key": thread.number_key}
    tx.execute(insert(answers).values(row | {"written_by": by, "written_at": now}))


def since(tx: Connection, thread_id: int, wrote_at: datetime) -> Record | None:
    """The last answer to what the person wrote then, unless it is certain that they got none."""
    rows = tx.execute(WITH_ITS_ATTEMPT.where(answers.c.thread_id == thread_id, answers.c.written_at >= wrote_at)).all()
    return next((row for row in reversed(rows) if row.outcome not in HEARD_NOTHING), None)


def of_thread(tx: Connection, thread_id: int) -> Sequence[Record]:
    """What was answered, oldest first."""
    return tx.execute(WITH_ITS_ATTEMPT.where(answers.c.thread_id == thread_id)).all()


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
