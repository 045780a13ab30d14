"""The journal of erasures as a file beside the database: one key a line, and no name, number or word of anybody."""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from orchestrator.domain.errors import UserError
from orchestrator.persistence import erasures
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import installation, sellers

FORMAT = "outbound-orchestrator erasures 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key of somebody who was erased."""

    id: UUID
    seller_id: str
    key: bytes
    is_number: bool
    contact_id: int | None
    at: datetime
    request_id: int | None


def export(store: Store, path: Path) -> int:
    """Write the whole journal, so that the file is there in full or not at all; how many entries."""
    with store.read() as tx:
        lines = [_head(tx), *map(_line, erasures.every(tx))]
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _write(draft, lines)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return len(lines) - 1


def append_new(store: Store, path: Path, now: datetime) -> int:
    """Add to the file what it does not have yet; how many entries. Killed between, it adds them once more: no harm."""
    with store.read() as tx:
        rows = erasures.not_exported(tx)
        head = _head(tx)
    if not rows:
        return 0
    _append(path, head, list(map(_line, rows)))
    with store.write() as tx:
        erasures.exported(tx, [row.id for row in rows], now)
    return len(rows)


def not_here(store: Store, path: Path) -> list[Entry]:
    """What the file names and this database does not know to be erased; UserError for a foreign file.

    What belongs to a seller that is not there has nobody to erase.
    """
    entries = read(store, path)
    with store.read() as tx:
        known = erasures.known(tx, [entry.id for entry in entries])
        here = set(tx.execute(select(sellers.c.id)).scalars())
    return [entry for entry in entries if entry.id not in known and entry.seller_id in here]


def _head(tx: Connection) -> str:
    row = tx.execute(select(installation)).one()
    return json.dumps({"format": FORMAT, "chain": row.number_key_chain, "proof": bytes(row.proof).hex()})


def _line(row: Record) -> str:
    return line_of(
        Entry(
            id=row.id,
            seller_id=row.seller_id,
            key=bytes(row.subject_key),
            is_number=row.is_number,
            contact_id=row.contact_id,
            at=row.at,
            request_id=row.request_id,
        )
    )


def line_of(entry: Entry) -> str:
    """The entry as a line of the file."""
    return json.dumps(
        {
            "id": str(entry.id),
            "seller": entry.seller_id,
            "key": entry.key.hex(),
            "is_number": entry.is_number,
            "contact": entry.contact_id,
            "at": entry.at.isoformat(),
            "request": entry.request_id,
        }
    )


def _write(path: Path, lines: Iterable[str]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())


def _append(path: Path, head: str, lines: Sequence[str]) -> None:
    """Add whole lines, behind whole lines: what a full disk or a death left of one is taken off first.

    The entry that was cut short is not marked as written, so it is among these.
    """
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # another process may be adding to it
        there = file.read()
        rest = there.rpartition(b"\n")[2]
        is_whole = rest.endswith(b"}")  # somebody's editor took the end of the line off
        size = file.truncate(file.seek(len(there) - (0 if is_whole else len(rest))))
        new = "".join(f"{line}\n" for line in (lines if size else [head, *lines]))
        file.write(b"\n" * is_whole + new.encode("ascii"))
        file.flush()
        os.fsync(file.fileno())


def is_begun(path: Path) -> bool:
    """Whether the file has its first line; until then it names nobody, and the next entry writes it anew."""
    with path.open("rb") as file:
        return file.readline().endswith(b"\n")


def read(store: Store, path: Path) -> list[Entry]:
    """Every entry once; UserError for a file that is none, or is another installation's."""
    try:
        lines = _whole_lines(path.read_text("ascii"))
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; name the journal that was kept with the backups.") from None
    except UnicodeDecodeError:
        raise _foreign(path, 1) from None
    with store.read() as tx:
        ours = _head(tx)
    if not lines or _parsed(path, 1, lines[0]).get("format") != FORMAT:
        raise _foreign(path, 1)
    if lines[0] != ours:
        raise UserError(
            f"{path} was written by an installation with other keys: it names nobody of this database. Move it away, "
            "and use the one that was kept with this database."
        )
    return list({entry.id: entry for entry in _entries(path, lines)}.values())


def _whole_lines(text: str) -> list[str]:
    """Every line, without what is left of one whose writing was cut short."""
    *lines, rest = text.split("\n")
    return [*lines, rest] if rest.endswith("}") else lines


def _entries(path: Path, lines: Sequence[str]) -> Iterator[Entry]:
    for number, line in enumerate(lines[1:], 2):
        said = _parsed(path, number, line)
        if said.get("format") == FORMAT:
            continue
        try:
            yield _entry(said)
        except (KeyError, ValueError, TypeError):
            raise _foreign(path, number) from None


def _entry(said: dict[str, Any]) -> Entry:
    return Entry(
        id=UUID(said["id"]),
        seller_id=str(said["seller"]),
        key=bytes.fromhex(said["key"]),
        is_number=bool(said["is_number"]),
        contact_id=said["contact"],
        at=datetime.fromisoformat(said["at"]),
        request_id=said["request"],
    )


def _parsed(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        raise _foreign(path, number) from None
    if not isinstance(said, dict):
        raise _foreign(path, number)
    return said


def _foreign(path: Path, number: int) -> UserError:
    return UserError(f"{path}, line {number}: this is no journal of erasures; nothing was replayed.")
