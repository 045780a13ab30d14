"""An import that writes nothing: into a scratch database that vanishes, with copies of those whom it may mean."""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, create_engine, insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import StaticPool

from orchestrator.persistence import contacts as people
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts, cancellations, live_attempts
from orchestrator.persistence.tables.columns import metadata
from orchestrator.persistence.tables.consenting import consent_terms
from orchestrator.persistence.tables.documents import documents, list_provenance
from orchestrator.persistence.tables.lists import imports, list_rows, lists
from orchestrator.persistence.tables.people import consents, contact_points, contacts, sellers, suppressions
from orchestrator.persistence.tables.rights import erasures
from orchestrator.pipeline.intake.importing import Bring

COPIED = (sellers, contacts, contact_points, consents, suppressions, erasures)
ASKED = (consent_terms, documents, list_provenance)
TABLES = (*COPIED, *ASKED, lists, imports, list_rows, attempts, live_attempts, cancellations)
FIRST_SCRATCH_ID = 1 << 40  # so that nobody new takes the id of somebody who is copied in later


@contextmanager
def scratch_store(real: Store | None, seller_id: str) -> Iterator[tuple[Store, Bring | None]]:
    """A store that is gone afterwards, and what copies people of the real one into it, where there is one."""
    keyring = real.keyring if real is not None else Keyring.parse(Keyring.generate())
    # SQLite keeps a database without a name in a temporary file of its own, so that memory does not grow with a list.
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect("", check_same_thread=False), poolclass=StaticPool
    )
    metadata.create_all(engine, tables=TABLES)
    scratch = Store(engine, keyring)
    with scratch.write() as tx:
        _begin_high(tx)
    try:
        yield scratch, None if real is None else _bringer(real, scratch, seller_id)
    finally:
        engine.dispose()


def _begin_high(tx: Connection) -> None:
    """Rows of nobody, so that new ids begin behind every real one."""
    at = datetime.now(UTC)
    nobody = {"id": FIRST_SCRATCH_ID, "seller_id": ""}
    point = {**nobody, "number_key": b"", "contact_id": FIRST_SCRATCH_ID}
    person = {**nobody, "profile_sealed": b"", "country": "", "created_at": at, "updated_at": at}
    tx.execute(insert(contacts).values(person))
    tx.execute(insert(contact_points).values(**point, number_sealed=b"", country="", position=0, created_at=at))
    tx.execute(insert(consents).values(**point, event="", channel="", happened_at=at, recorded_at=at))
    tx.execute(insert(suppressions).values(**nobody, number_key=b"", kind="", channel="", at=at, source=""))


def _bringer(real: Store, scratch: Store, seller_id: str) -> Bring:
    def bring(external_keys: set[bytes], number_keys: set[bytes]) -> None:
        with real.read() as there, scratch.write() as here:
            ids = [row.id for row in people.find(there, seller_id, external_keys, number_keys)]
            _copy(there, here, contacts, contacts.c.id, ids)
            _copy(there, here, contact_points, contact_points.c.contact_id, ids)
            for table in (consents, suppressions):
                _copy(there, here, table, table.c.number_key, number_keys)
            _copy(there, here, erasures, erasures.c.subject_key, external_keys)

    return bring


def _copy(there: Connection, here: Connection, table: Table, column: Column[Any], keys: Collection[object]) -> None:
    """Copy what is not copied yet; what the dry run changed of it stays changed."""
    rows = there.execute(select(table).where(column.in_(keys))).mappings().all() if keys else []
    if rows:
        here.execute(sqlite.insert(table).on_conflict_do_nothing(), [dict(row) for row in rows])
