"""Sealed logs in the database: opened for one writer at a time, grown, and given heads."""

import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.domain.canonical import canonical_json
from orchestrator.domain.merkle import Frontier
from orchestrator.domain.seal import SALT_BYTES, commitment, entry_key, entry_leaf
from orchestrator.persistence.bulk_insert import bulk_insert
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.seals import seal_heads, seal_logs, seals

KEY = "seal_logs.key"
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be entered: the row, or words of it, as they are told."""

    form: str
    row_id: str
    told: bytes


@dataclass(slots=True)
class OpenLog:
    """A log that this transaction alone may grow."""

    name: str
    key: bytes = field(repr=False)
    frontier: Frontier

    def enter(self, entries: Sequence[Entry]) -> list[dict[str, Any]]:
        """The rows that the entries become, in their order; the tree has grown by them."""
        salts = os.urandom(SALT_BYTES * len(entries))
        return [self._entered(entry, salts[n * SALT_BYTES : (n + 1) * SALT_BYTES]) for n, entry in enumerate(entries)]

    def _entered(self, entry: Entry, salt: bytes) -> dict[str, Any]:
        position = self.frontier.size
        committed = commitment(entry_key(self.key, salt, position), entry.told)
        self.frontier.append(entry_leaf(entry.form, entry.row_id, committed))
        return {
            "log": self.name,
            "position": position,
            "form": entry.form,
            "row_id": entry.row_id,
            "salt": salt,
            "commitment": committed,
        }


def open_for_growth(tx: Connection, keyring: Keyring, name: str, now: datetime) -> OpenLog:
    """The log, locked until the transaction ends; begun where there is none."""
    row = _locked(tx, name)
    if row is None:
        _begin(tx, keyring, name, now)
        row = _locked(tx, name)
        assert row is not None, "a log that was just begun"  # noqa: S101
    return OpenLog(name, key_of(keyring, row), Frontier(row.size, bytes(row.frontier)))


def _locked(tx: Connection, name: str) -> Record | None:
    return tx.execute(select(seal_logs).where(seal_logs.c.log == name).with_for_update()).one_or_none()


def _begin(tx: Connection, keyring: Keyring, name: str, now: datetime) -> None:
    """Another worker may begin it at the same time: the first row stands."""
    build = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    key = os.urandom(KEY_BYTES)
    row = {
        "log": name,
        "key_sealed": keyring.seal(b64encode(key).decode(), KEY),
        "size": 0,
        "frontier": b"",
        "mac": log_mac(key, name, Frontier()),
        "begun_at": now,
    }
    tx.execute(build(seal_logs).values(row).on_conflict_do_nothing())


def key_of(keyring: Keyring, row: Record) -> bytes:
    """The log's own key; raises WrongKeyError."""
    return b64decode(keyring.open(row.key_sealed, KEY))


def save(tx: Connection, log: OpenLog, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what was entered and how large the log is now."""
    bulk_insert(tx, seals, rows)
    grown = {
        "size": log.frontier.size,
        "frontier": log.frontier.packed,
        "mac": log_mac(log.key, log.name, log.frontier),
    }
    tx.execute(update(seal_logs).where(seal_logs.c.log == log.name).values(grown))


def without_head(tx: Connection) -> Sequence[str]:
    """Logs that have grown since their last head."""
    newest = (
        select(func.coalesce(func.max(seal_heads.c.size), 0)).where(seal_heads.c.log == seal_logs.c.log)
    ).scalar_subquery()
    return (
        tx.execute(select(seal_logs.c.log).where(seal_logs.c.size > newest).order_by(seal_logs.c.log)).scalars().all()
    )


def write_head(tx: Connection, log: OpenLog, at: datetime, *, complete: bool) -> None:
    """Put a head over the log as it is; the one that is there already stays."""
    build = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    head = {"log": log.name, "size": log.frontier.size, "root": log.frontier.root(), "at": at, "complete": complete}
    head["mac"] = head_mac(log.key, head)
    tx.execute(build(seal_heads).values(head).on_conflict_do_nothing())


def log_mac(key: bytes, name: str, frontier: Frontier) -> bytes:
    """Binds how large the log is and what its tree was to who has its key."""
    return _mac(key, b"log", [name, frontier.size, frontier.packed.hex()])


def head_mac(key: bytes, head: Mapping[str, Any]) -> bytes:
    """Binds a head to who has the log's key."""
    said = [head["log"], head["size"], bytes(head["root"]).hex(), head["at"].isoformat(), bool(head["complete"])]
    return _mac(key, b"head", said)


def _mac(key: bytes, use: bytes, said: Sequence[object]) -> bytes:
    return hmac.digest(sha256(key + use).digest(), canonical_json(said).encode(), "sha256")


def every(tx: Connection) -> Sequence[Record]:
    """All logs by name."""
    return tx.execute(select(seal_logs).order_by(seal_logs.c.log)).all()


def heads_of(tx: Connection, name: str) -> Sequence[Record]:
    """The log's heads, the smallest first."""
    return tx.execute(select(seal_heads).where(seal_heads.c.log == name).order_by(seal_heads.c.size)).all()


def newest_heads(tx: Connection) -> Sequence[Record]:
    """The last head of every log, by name."""
    newest = select(seal_heads.c.log, func.max(seal_heads.c.size).label("size")).group_by(seal_heads.c.log).subquery()
    query = select(seal_heads).join(newest, (newest.c.log == seal_heads.c.log) & (newest.c.size == seal_heads.c.size))
    return tx.execute(query.order_by(seal_heads.c.log)).all()
