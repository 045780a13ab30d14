"""What we made at the carrier, or were told to adopt. Written down before it is made: a run that dies is finished."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.persistence.tables.account import provisions
from orchestrator.persistence.tables.columns import Record

INSERT = {dialect.__name__.rpartition(".")[2]: dialect.insert for dialect in (sqlite, postgresql)}


def every(tx: Connection, account: str) -> Sequence[Record]:
    """All of the account."""
    return tx.execute(select(provisions).where(provisions.c.account == account)).all()


def begin(tx: Connection, account: str, kind: str, name: str, now: datetime) -> None:
    """The thing is about to be made, for the first time or anew."""
    fresh = {"sid": None, "adopted": False, "begun_at": now, "made_at": None}
    row = INSERT[tx.dialect.name](provisions).values(account=account, kind=kind, name=name, **fresh)
    tx.execute(row.on_conflict_do_update(index_elements=["account", "kind", "name"], set_=fresh))


def made(tx: Connection, account: str, kind: str, name: str, sid: str, now: datetime) -> None:
    """The thing is there under this sid."""
    tx.execute(update(provisions).where(*_here(account, kind, name)).values(sid=sid, made_at=now))


def adopt(tx: Connection, account: str, kind: str, name: str, sid: str, now: datetime) -> None:
    """The thing was there, and is ours to change from now on."""
    begin(tx, account, kind, name, now)
    values = {"sid": sid, "adopted": True, "made_at": now}
    tx.execute(update(provisions).where(*_here(account, kind, name)).values(values))


def forget(tx: Connection, account: str, kind: str, name: str) -> None:
    """The thing was certainly not made."""
    tx.execute(delete(provisions).where(*_here(account, kind, name)))


def _here(account: str, kind: str, name: str):  # type: ignore[no-untyped-def]
    return provisions.c.account == account, provisions.c.kind == kind, provisions.c.name == name
