"""An access or a portability is answered: noted as a reading, written into files that only their owner reads."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from orchestrator.domain.errors import UserError
from orchestrator.domain.rights import Asked, RequestState, Right
from orchestrator.persistence import accesses
from orchestrator.persistence import rights_requests as stored
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.rights import subjects
from orchestrator.pipeline.rights.disclosure import Book, access
from orchestrator.pipeline.rights.page import page
from orchestrator.pipeline.rights.portability import portable
from orchestrator.pipeline.rights.requests import Case, require_identity, take_down
from orchestrator.pipeline.rights.subjects import Subject
from orchestrator.pipeline.rights.traces import WRITTEN

Gather = Callable[[Connection, Book, Subject, Record, datetime], dict[str, Any]]
GATHERED: dict[Right, Gather] = {Right.ACCESS: access, Right.PORT: portable}


@dataclass(frozen=True, slots=True)
class Answer:
    """The answered request, and the files that hold its answer."""

    request: Record
    files: tuple[Path, ...]


def answer(book: Book, asked: Asked, seller_id: str, folder: Path, now: datetime) -> Answer:
    """Take the request down, or go on with the open one, and write its answer as a page and as JSON into the folder.

    UserError for a folder that cannot be made, or while it is not known who asks; the request is on record then.
    """
    _make(folder)
    with book.store.write() as tx:
        case = Case(tx, book.keyring, book.law, asked.by, now)
        subject = subjects.require_one(subjects.find(tx, book.keyring, asked.named, seller_id))
        row = take_down(case, subject, asked)
    require_identity(row)
    with book.store.write() as tx:
        _note_reading(tx, subject, row, asked, now)
    with book.store.read() as tx:
        form = GATHERED[asked.right](tx, book, subject, row, now)
    texts = _texts(folder, f"request-{row.id}-{asked.right.value}", form)
    with book.store.write() as tx:  # before they are there: an erasure knows of them wherever this process ends
        said = {str(path): sha256(text.encode()).hexdigest() for path, text in texts.items()}
        Case(tx, book.keyring, book.law, asked.by, now).log(row.id, WRITTEN, {"files": said})
    files = tuple(_write_one(path, text) for path, text in texts.items())
    with book.store.write() as tx:
        _end(tx, row, files, now)
        return Answer(stored.fetch(tx, row.id), files)


def _make(folder: Path) -> None:
    """A new folder is for its owner alone; only where to put it must be there."""
    if folder.is_dir():
        return
    if not folder.absolute().parent.is_dir() or folder.exists():
        raise UserError(f"There is no folder {folder}, and none can be made there; name another.")
    folder.mkdir(0o700)


def _note_reading(tx: Connection, subject: Subject, row: Record, asked: Asked, now: datetime) -> None:
    accesses.record(
        tx,
        actor=asked.by,
        action=f"rights {asked.right.value}",
        reason=f"request {row.id}",
        number_keys=subject.numbers,
        at=now,
        seller_id=subject.seller_id,
    )


def _texts(folder: Path, name: str, form: dict[str, Any]) -> dict[Path, str]:
    texts = {".html": page(form), ".json": json.dumps(form, ensure_ascii=False, indent=1) + "\n"}
    return {folder.resolve() / f"{name}{ending}": text for ending, text in texts.items()}


def _write_one(path: Path, text: str) -> Path:
    """All of it or nothing, and readable by nobody else at any moment."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def _end(tx: Connection, row: Record, files: tuple[Path, ...], now: datetime) -> None:
    if stored.fetch(tx, row.id).closed_at is None:
        stored.end(tx, row.id, RequestState.DONE, now, {"files written": len(files)})
