"""Rows that have no entry: those that wait to be sealed, and those that only say that they were."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from orchestrator.persistence.sealing.subject import Subject
from orchestrator.persistence.sealing.telling import SQLITE, row_id
from orchestrator.persistence.sealing.waiting import is_unsealed
from orchestrator.persistence.tables.seals import seal_heads, seal_logs, seals


def waiting(tx: Connection, subject: Subject, log: str | None) -> tuple[int, str | None, datetime | None]:
    """How many rows are ready and not sealed, the oldest's name, and its moment where the kind has one."""
    moment = f'r."{subject.columns[-1]}"' if subject.moment else "NULL"
    here = f"{is_unsealed(subject, tx.dialect.name)} AND {subject.ready}{_of(tx, subject, log)}"
    table = subject.relation.name
    count: int = tx.exec_driver_sql(f"SELECT count(*) FROM {table} r WHERE {here}", _whose(log)).scalar_one()  # noqa: S608
    if not count:
        return 0, None, None
    query = f"SELECT {row_id(subject, tx.dialect.name)}, {moment} FROM {table} r WHERE {here} ORDER BY 2 LIMIT 1"  # noqa: S608
    named, at = tx.exec_driver_sql(query, _whose(log)).one()
    return count, named, _moment(at)


def marked_without_entry(tx: Connection, subject: Subject, log: str | None, limit: int) -> list[str]:
    """Rows that are marked as sealed and have no entry."""
    if subject.mark is None:
        return []
    named = row_id(subject, tx.dialect.name)
    query = (
        f'SELECT {named} FROM {subject.relation.name} r WHERE r."{subject.mark}" IS NOT NULL AND NOT EXISTS '  # noqa: S608
        f"(SELECT 1 FROM seals s WHERE s.form = '{subject.form}' AND s.row_id = {named} AND s.salt IS NOT NULL)"
        f"{_of(tx, subject, log)} LIMIT {limit}"
    )
    return [str(row[0]) for row in tx.exec_driver_sql(query, _whose(log))]


def count_marked(tx: Connection, subject: Subject) -> int:
    """How many rows are marked as sealed, told from two counts that an index answers."""
    table = subject.relation.name
    whole: int = tx.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608 - our own words
    unmarked = f'SELECT count(*) FROM {table} r WHERE r."{subject.mark}" IS NULL'  # noqa: S608 - our own words
    return whole - int(tx.exec_driver_sql(unmarked).scalar_one())


def count_entries(tx: Connection) -> Counter[str]:
    """How many entries of each form still have their keys."""
    query = select(seals.c.form, func.count().label("entries")).where(seals.c.salt.is_not(None)).group_by(seals.c.form)
    return Counter({row.form: row.entries for row in tx.execute(query)})


def _of(tx: Connection, subject: Subject, log: str | None) -> str:
    place = "?" if tx.dialect.name == SQLITE else "%s"
    return "" if log is None else f" AND {subject.log} = {place}"


def _whose(log: str | None) -> tuple[str, ...]:
    return () if log is None else (log,)


def _moment(value: Any) -> datetime | None:
    """The driver's own word for a moment: text on SQLite."""
    if value is None:
        return None
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def logs_without_row(tx: Connection) -> Mapping[str, int]:
    """Logs of which only entries or heads are left, with the largest size that these speak of."""
    known = select(seal_logs.c.log)
    entries = select(seals.c.log, func.max(seals.c.position) + 1).where(seals.c.log.not_in(known)).group_by(seals.c.log)
    heads = select(seal_heads.c.log, func.max(seal_heads.c.size)).where(seal_heads.c.log.not_in(known))
    found: dict[str, int] = {}
    for log, size in (*tx.execute(entries), *tx.execute(heads.group_by(seal_heads.c.log))):
        found[log] = max(size, found.get(log, 0))
    return found


def known_since(tx: Connection, form: str) -> datetime | None:
    """When a head was first put over an entry of this form; None before the first: a newer version may bring a kind."""
    mine = select(seals.c.log, func.min(seals.c.position).label("first")).where(seals.c.form == form)
    firsts = mine.group_by(seals.c.log).subquery()
    over = (seal_heads.c.log == firsts.c.log) & (seal_heads.c.size > firsts.c.first)
    return tx.execute(select(func.min(seal_heads.c.at)).select_from(seal_heads).join(firsts, over)).scalar()


def rings(tx: Connection) -> list[datetime]:
    """When everything that was ready had been sealed, over all logs, in order."""
    query = select(seal_heads.c.at).where(seal_heads.c.complete).distinct().order_by(seal_heads.c.at)
    try:
        return list(tx.execute(query).scalars())
    except ValueError:  # a head whose moment is none: its log's verification says so
        return []
