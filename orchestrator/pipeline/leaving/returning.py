"""Everything of a seller as a zip: a file of JSON lines a table, opened, with a manifest of digests.

Keys of numbers never leave an installation: where a row has one, the number itself stands, as far as it is known.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import Connection, Table, select

from orchestrator.domain.errors import UserError
from orchestrator.persistence import accesses
from orchestrator.persistence.call_counts import of_one_moment
from orchestrator.persistence.dossiers import NUMBER
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import contact_points
from orchestrator.pipeline.leaving.rows import Leaving, looked_into, tables_that_go
from orchestrator.pipeline.planning import TO

READING = "closing"
SEALED = "_sealed"
KEY = "_key"


@dataclass
class _Writer:
    """One transaction's rows on their way into the zip."""

    tx: Connection
    keyring: Keyring
    leaving: Leaving
    numbers: Mapping[bytes, str]
    manifest: dict[str, dict[str, Any]] = field(default_factory=dict)

    def write(self, zipped: ZipFile) -> None:
        """Every table that has rows of theirs."""
        for table in tables_that_go():
            self._write_table(zipped, table)
        head = {"seller": self.leaving.seller_id, "asked_at": _plain(self.leaving.asked_at), "tables": self.manifest}
        zipped.writestr("manifest.json", json.dumps(head, ensure_ascii=False, indent=1))

    def _write_table(self, zipped: ZipFile, table: Table) -> None:
        digest, count, name = sha256(), 0, f"{table.name}.jsonl"
        with zipped.open(name, "w") as file:
            for row in self._rows(table):
                line = f"{json.dumps(self._opened(table, row), ensure_ascii=False)}\n".encode()
                file.write(line)
                digest.update(line)
                count += 1
        self.manifest[table.name] = {"file": name, "rows": count, "sha256": digest.hexdigest()}

    def _rows(self, table: Table) -> Iterator[Record]:
        query = select(table).where(self.leaving.theirs(table)).order_by(*table.primary_key.columns)
        yield from self.tx.execute(query.execution_options(yield_per=500))
        yield from looked_into(self.tx, self.keyring, self.leaving, table)

    def _opened(self, table: Table, row: Record) -> dict[str, Any]:
        found = {}
        for name, value in row._mapping.items():
            if name.endswith(SEALED):
                context = f"{table.name}.{name.removesuffix(SEALED)}"
                found[name.removesuffix(SEALED)] = None if value is None else _read(self.keyring.open(value, context))
            elif isinstance(value, bytes):
                found["number"] = self.numbers.get(value) if name == f"number{KEY}" else None
            else:
                found[name] = _plain(value)
        return {name: value for name, value in found.items() if not name.endswith(KEY)}


def _read(text: str) -> Any:
    """What was sealed as JSON as such, and any other text as it is."""
    if not text.startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, UUID) else value


def give_back(store: Store, leaving: Leaving, file: Path, by: str, now: datetime) -> dict[str, Any]:
    """Write the zip for its owner alone, whole or not at all; its name, digest and rows by table.

    That it was read is noted first, so that nothing leaves without a note.
    """
    if not file.parent.is_dir():
        raise UserError(f"There is no folder {file.parent}; make it, or name another file with --return.")
    numbers = _numbers(store, leaving.seller_id)
    with store.write() as tx:
        accesses.record(
            tx,
            actor=by,
            action=READING,
            reason=f"returned to seller '{leaving.seller_id}', which leaves",
            number_keys=numbers,
            at=now,
            seller_id=leaving.seller_id,
        )
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        manifest = _fill(store, leaving, handle, numbers)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    rows = {table: entry["rows"] for table, entry in manifest.items() if entry["rows"]}
    return {"file": file.name, "sha256": _digest(file), "rows": rows, "at": _plain(now)}


def _fill(store: Store, leaving: Leaving, handle: int, numbers: Mapping[bytes, str]) -> dict[str, dict[str, Any]]:
    with os.fdopen(handle, "wb") as raw:
        with store.read() as tx, ZipFile(raw, "w", ZIP_DEFLATED) as zipped:
            of_one_moment(tx)
            writer = _Writer(tx, store.keyring, leaving, numbers)
            writer.write(zipped)
        raw.flush()
        os.fsync(raw.fileno())
    return writer.manifest


def _digest(file: Path) -> str:
    with file.open("rb") as written:
        digest = sha256()
        while part := written.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def _numbers(store: Store, seller_id: str) -> dict[bytes, str]:
    """The numbers behind the seller's keys: those on its lists, and those that were dialled."""
    listed = select(contact_points.c.number_key, contact_points.c.number_sealed)
    dialled = select(attempts.c.number_key, attempts.c.to_sealed)
    with store.read() as tx:
        found = {bytes(row[0]): (row[1], TO) for row in tx.execute(dialled.where(attempts.c.seller_id == seller_id))}
        on_lists = tx.execute(listed.where(contact_points.c.seller_id == seller_id))
        found |= {bytes(row[0]): (row[1], NUMBER) for row in on_lists}
    opened = {key: store.keyring.open(sealed, context) for key, (sealed, context) in found.items()}
    return {key: number for key, number in opened.items() if number}
