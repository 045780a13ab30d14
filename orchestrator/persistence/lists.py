"""Lists, the imports that fill them, and the verdict on every row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, distinct, func, insert, select, update

from orchestrator.domain.errors import UserError
from orchestrator.persistence.bulk_insert import bulk_insert
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.lists import imports, list_rows, lists

RUNNING, FINISHED = "running", "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One file going into one list: how it is read, and how far it has come."""

    id: int
    list_id: int
    file_name: str
    reading: Mapping[str, Any]
    state: str
    records_done: int
    counts: Mapping[str, int]

    @property
    def is_finished(self) -> bool:
        """Whether every record has its verdict."""
        return self.state == FINISHED


def find_import(tx: Connection, seller_id: str, list_name: str, digest: str) -> Import | None:
    """The import of exactly this file into that list, None where there was none."""
    query = (
        select(imports)
        .join(lists, lists.c.id == imports.c.list_id)
        .where(lists.c.seller_id == seller_id, lists.c.name == list_name, imports.c.file_digest == digest)
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else _import(row)


def begin_import(
    tx: Connection,
    *,
    seller_id: str,
    list_name: str,
    digest: str,
    file_name: str,
    reading: Mapping[str, Any],
    now: datetime,
) -> Import:
    """Make the list where it is not there, and the import in it."""
    list_id = ensure(tx, seller_id, list_name, now)
    values = {
        "list_id": list_id,
        "file_digest": digest,
        "file_name": file_name,
        "reading": dict(reading),
        "state": RUNNING,
        "records_done": 0,
        "counts": {},
        "started_at": now,
    }
    key = tx.execute(insert(imports).values(values)).inserted_primary_key
    assert key is not None, "an insert of one row has a key"  # noqa: S101 - narrows the type
    return _import(tx.execute(select(imports).where(imports.c.id == key[0])).one())


def record(tx: Connection, current: Import, rows: Sequence[Mapping[str, Any]], counts: Mapping[str, int]) -> None:
    """Store a chunk's verdicts and how far the import has come; UserError where another process goes on with it."""
    bulk_insert(tx, list_rows, rows)
    _advance(tx, current, {"records_done": current.records_done + len(rows), "counts": dict(counts)})


def finish(tx: Connection, current: Import, now: datetime) -> None:
    """Say that every record has its verdict."""
    _advance(tx, current, {"state": FINISHED, "finished_at": now})


def verdicts(tx: Connection, import_id: int, first_line: int, last_line: int) -> Mapping[int, Record]:
    """What was decided on the records that start within these lines: verdict, reason, contact_id, by line."""
    query = select(list_rows.c.line, list_rows.c.verdict, list_rows.c.reason, list_rows.c.contact_id).where(
        list_rows.c.import_id == import_id, list_rows.c.line.between(first_line, last_line)
    )
    return {row.line: row for row in tx.execute(query)}


def overview(tx: Connection, seller_id: str | None = None) -> Sequence[Record]:
    """Every list with how many people and imports it has: id, seller_id, name, created_at, people, imports, running."""
    people = (
        select(func.count(distinct(list_rows.c.contact_id)))
        .where(list_rows.c.list_id == lists.c.id)
        .scalar_subquery()
        .label("people")
    )
    of_list = select(func.count()).select_from(imports).where(imports.c.list_id == lists.c.id)
    query = select(
        lists,
        people,
        of_list.scalar_subquery().label("imports"),
        of_list.where(imports.c.state == RUNNING).scalar_subquery().label("running"),
    ).order_by(lists.c.seller_id, lists.c.name)
    return tx.execute(query if seller_id is None else query.where(lists.c.seller_id == seller_id)).all()


def require(tx: Connection, name: str, seller_id: str | None) -> Record:
    """The list of that name, as in the overview; raises UserError for none, or for one with several sellers."""
    found = [row for row in overview(tx, seller_id) if row.name == name]
    if not found:
        raise UserError(f"There is no list '{name}'; `orchestrator lists list` shows those there are.")
    if len(found) > 1:
        raise UserError(
            f"Several sellers have a list '{name}'; add --seller {' or '.join(row.seller_id for row in found)}."
        )
    return found[0]


def imports_of(tx: Connection, list_id: int) -> Sequence[Record]:
    """The list's imports in their order."""
    return tx.execute(select(imports).where(imports.c.list_id == list_id).order_by(imports.c.id)).all()


def counts_of(tx: Connection, list_id: int) -> Mapping[str, int]:
    """How many rows of the list have each verdict."""
    query = (
        select(list_rows.c.verdict, func.count().label("records"))
        .where(list_rows.c.list_id == list_id)
        .group_by(list_rows.c.verdict)
    )
    return {row.verdict: row.records for row in tx.execute(query)}


def ensure(tx: Connection, seller_id: str, name: str, now: datetime) -> int:
    """The list's id; it is made where it is not there."""
    query = select(lists.c.id).where(lists.c.seller_id == seller_id, lists.c.name == name)
    found = tx.execute(query).scalar_one_or_none()
    if found is None:
        tx.execute(insert(lists).values(seller_id=seller_id, name=name, created_at=now))
        found = tx.execute(query).scalar_one()
    return int(found)


def _advance(tx: Connection, current: Import, values: Mapping[str, Any]) -> None:
    """Compare-and-set on how far we were: two processes never go on with one import."""
    mine = (imports.c.id == current.id) & (imports.c.records_done == current.records_done)
    changed = tx.execute(update(imports).where(mine, imports.c.state == RUNNING).values(dict(values)))
    if changed.rowcount != 1:
        raise UserError(f"Another process is importing {current.file_name} into this list; let it finish.")


def _import(row: Record) -> Import:
    return Import(
        id=row.id,
        list_id=row.list_id,
        file_name=row.file_name,
        reading=row.reading,
        state=row.state,
        records_done=row.records_done,
        counts=row.counts,
    )
