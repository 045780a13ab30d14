"""The text of every rulebook ever used or reviewed, so that an old decision is explained by its own rules."""

import json
import zlib
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import rulebooks


def remember(store: Store, digest: str, files: Mapping[str, str], now: datetime) -> bool:
    """Store the files that this digest was made of; False where they are here already."""
    with store.read() as tx:
        if tx.execute(select(rulebooks.c.digest).where(rulebooks.c.digest == digest)).first() is not None:
            return False
    build = sqlite.insert if store.is_sqlite else postgresql.insert
    packed = zlib.compress(json.dumps(dict(sorted(files.items())), ensure_ascii=False).encode())
    row = {"digest": digest, "content": packed, "first_used_at": now}
    with store.write() as tx:
        stored = build(rulebooks).values(row).on_conflict_do_nothing().returning(rulebooks.c.digest)
        return tx.execute(stored).first() is not None


def content(tx: Connection, digest: str) -> dict[str, str] | None:
    """The files by name, None for a digest whose files were never stored."""
    packed = tx.execute(select(rulebooks.c.content).where(rulebooks.c.digest == digest)).scalar_one_or_none()
    return None if packed is None else json.loads(zlib.decompress(packed))


def known_as(tx: Connection, beginning: str) -> dict[str, dict[str, str]]:
    """The stored rulebooks whose digest begins so, at most two, as files by name."""
    query = select(rulebooks.c.digest, rulebooks.c.content).where(rulebooks.c.digest.startswith(beginning))
    return {row.digest: json.loads(zlib.decompress(row.content)) for row in tx.execute(query.limit(2))}


def newest(tx: Connection) -> str | None:
    """The digest that was stored last; None where none was."""
    query = select(rulebooks.c.digest).order_by(rulebooks.c.first_used_at.desc(), rulebooks.c.digest)
    return tx.execute(query.limit(1)).scalar()
