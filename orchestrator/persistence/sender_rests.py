"""Rests of senders of texts: one row each, which is the alert too, and at most one of a sender is open."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.domain.text_sender import SenderRest, SenderRestKind
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.texting import sender_rests

IS_OPEN = sender_rests.c.ended_at.is_(None)
WRITTEN = ("address", "kind", "reason", "since", "until", "by")


def open_now(tx: Connection, addresses: Collection[str], now: datetime) -> dict[str, SenderRest]:
    """The rests that last at that moment, by address."""
    lasts = sender_rests.c.until.is_(None) | (sender_rests.c.until > now)
    query = select(sender_rests).where(sender_rests.c.address.in_(addresses), IS_OPEN, lasts)
    return {row.address: _rest(row) for row in tx.execute(query)}


def _rest(row: Record) -> SenderRest:
    return SenderRest(
        address=row.address,
        kind=SenderRestKind(row.kind),
        reason=row.reason,
        since=row.since,
        until=row.until,
        by=row.by,
    )


def rest(tx: Connection, wanted: SenderRest) -> bool:
    """Let the sender rest; False where it rests already, and then nothing changes."""
    over = (sender_rests.c.address == wanted.address) & IS_OPEN & (sender_rests.c.until <= wanted.since)
    tx.execute(update(sender_rests).where(over).values(ended_at=sender_rests.c.until))
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    values = {name: getattr(wanted, name) for name in WRITTEN}
    row = dialect.insert(sender_rests).values(values).on_conflict_do_nothing().returning(sender_rests.c.id)
    return tx.execute(row).first() is not None


def use(tx: Connection, address: str, now: datetime) -> bool:
    """End the sender's rest; False where it does not rest."""
    lasts = sender_rests.c.until.is_(None) | (sender_rests.c.until > now)
    here = (sender_rests.c.address == address) & IS_OPEN & lasts
    return tx.execute(update(sender_rests).where(here).values(ended_at=now)).rowcount == 1


def rested_since(tx: Connection, address: str, since: datetime) -> bool:
    """Whether the sender has begun or ended a rest after that moment: what came before is no news any more."""
    later = (sender_rests.c.since > since) | (sender_rests.c.ended_at > since)
    return tx.execute(select(sender_rests.c.id).where(sender_rests.c.address == address, later)).first() is not None
