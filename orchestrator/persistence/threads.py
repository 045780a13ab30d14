"""Threads: everything that one person and one seller wrote to each other through one sender."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.domain.errors import UserError
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.conversations import threads
from orchestrator.persistence.tables.deliveries import inbound_contacts

NUMBER = "threads.number"


def heard(
    tx: Connection,
    keyring: Keyring,
    *,
    seller_id: str,
    number: str,
    sender: str,
    opts_out: bool,
    at: datetime,
    waits: bool = True,
) -> int:
    """Note that the person wrote; the thread. An opt-out is no reply, and only one that ``waits`` is to be read."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    key = keyring.number_key(number)
    row = {
        "seller_id": seller_id,
        "number_key": key,
        "sender": sender,
        "number_sealed": keyring.seal(number, NUMBER),
        "created_at": at,
    }
    tx.execute(insert(threads).values(row).on_conflict_do_nothing())
    news = {"last_opt_out_at": at} if opts_out else {"last_reply_at": at, "unread": threads.c.unread + int(waits)}
    this = (threads.c.seller_id == seller_id) & (threads.c.number_key == key) & (threads.c.sender == sender)
    # The number is gone where they were erased, and wrote again.
    written = update(threads).where(this).values(number_sealed=row["number_sealed"], **news)
    thread_id: int = tx.execute(written.returning(threads.c.id)).scalar_one()
    return thread_id


def some(
    tx: Connection, *, seller_id: str | None, assigned_to: str | None, unread: bool, opt_outs: bool, limit: int
) -> Sequence[Record]:
    """Threads, the newest first: those with replies, or with ``opt_outs`` those in which somebody said no."""
    newest = threads.c.last_opt_out_at if opt_outs else threads.c.last_reply_at
    query = select(threads).where(newest.is_not(None)).order_by(newest.desc(), threads.c.id.desc()).limit(limit)
    for column, wanted in ((threads.c.seller_id, seller_id), (threads.c.assigned_to, assigned_to)):
        query = query if wanted is None else query.where(column == wanted)
    return tx.execute(query.where(threads.c.unread > 0) if unread else query).all()


def require(tx: Connection, thread_id: int) -> Record:
    """The thread; raises UserError for an unknown one."""
    row = tx.execute(select(threads).where(threads.c.id == thread_id)).one_or_none()
    if row is None:
        raise UserError(f"There is no thread {thread_id}; `orchestrator messages threads` lists them.")
    return row


def hold(tx: Connection, thread_id: int) -> Record:
    """The thread, which nobody else answers in and nothing comes into until the transaction ends."""
    return tx.execute(select(threads).where(threads.c.id == thread_id).with_for_update()).one()


def last_word(thread: Record) -> datetime:
    """When the person wrote last."""
    moments: tuple[datetime | None, ...] = (thread.last_reply_at, thread.last_opt_out_at)
    return max(at for at in moments if at is not None)


def assign(tx: Connection, thread_id: int, to: str | None) -> None:
    """Give the thread to somebody, or to nobody."""
    tx.execute(update(threads).where(threads.c.id == thread_id).values(assigned_to=to))


def opened(tx: Connection, thread_id: int) -> None:
    """Somebody has read all that came."""
    tx.execute(update(threads).where(threads.c.id == thread_id).values(unread=0))


def received(tx: Connection, thread_id: int) -> Sequence[Record]:
    """What the person wrote, oldest first."""
    query = select(inbound_contacts).where(inbound_contacts.c.thread_id == thread_id)
    return tx.execute(query.order_by(inbound_contacts.c.at, inbound_contacts.c.id)).all()
