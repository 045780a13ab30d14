"""Rows that are ready and not sealed yet: found by their mark, or in small tables by the want of an entry."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from orchestrator.domain.errors import WrongKeyError
from orchestrator.domain.seal import words_told
from orchestrator.log import log
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.sealing.logs import Entry
from orchestrator.persistence.sealing.subject import Subject
from orchestrator.persistence.sealing.telling import (
    POSTGRESQL,
    SQLITE,
    is_row,
    opened,
    row_id,
    structures,
    told,
    whole,
    words,
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row's entries: its facts first, then the words that it holds."""

    log: str
    row_id: str
    entries: tuple[Entry, ...]


def is_unsealed(subject: Subject, dialect: str) -> str:
    """SQL: that row ``r`` has no entry."""
    if subject.mark is not None:
        return f'r."{subject.mark}" IS NULL'
    named = row_id(subject, dialect)
    return (
        f"NOT EXISTS (SELECT 1 FROM seals s WHERE s.form = '{subject.form}' "  # noqa: S608 - our own words
        f"AND s.row_id = {named} AND s.salt IS NOT NULL)"
    )


def are_there(tx: Connection, subject: Subject) -> bool:
    """Whether any row of this kind waits."""
    query = (
        f"SELECT 1 FROM {subject.relation.name} r "  # noqa: S608 - our own words
        f"WHERE {is_unsealed(subject, tx.dialect.name)} AND {subject.ready} LIMIT 1"
    )
    return tx.exec_driver_sql(query).first() is not None


def find(
    tx: Connection, keyring: Keyring, subject: Subject, limit: int, only: Sequence[int] | None = None
) -> list[Waiting]:
    """At most so many, locked until the transaction ends; those that another transaction changes wait."""
    dialect = tx.dialect.name
    contents = "".join(f", {words(content, dialect)}" for content in subject.contents)
    here = "" if only is None else f' AND r."{subject.key}" IN ({", ".join(map(str, only))})'
    lock = " FOR UPDATE OF r SKIP LOCKED" if dialect == POSTGRESQL else ""
    query = (
        f"SELECT {subject.log}, {row_id(subject, dialect)}, {told(subject, dialect)}, "  # noqa: S608 - our own words
        f"{structures(subject, dialect)}{contents} FROM {subject.relation.name} r "
        f"WHERE {is_unsealed(subject, dialect)} AND {subject.ready}{here} LIMIT {limit}{lock}"
    )
    return [_waiting(keyring, subject, tuple(row)) for row in tx.exec_driver_sql(query)]


def _waiting(keyring: Keyring, subject: Subject, row: tuple[object, ...]) -> Waiting:
    name, named, text, held, *sealed = row
    facts = Entry(subject.form, str(named), whole(str(text), None if held is None else str(held)).encode())
    held_words = (
        _content(keyring, content.form, str(named), bytes(one), content.context)  # type: ignore[call-overload]
        for content, one in zip(subject.contents, sealed, strict=True)
        if one is not None
    )
    return Waiting(str(name), str(named), (facts, *(entry for entry in held_words if entry is not None)))


def _content(keyring: Keyring, form: str, named: str, sealed: bytes, context: str | None) -> Entry | None:
    """The words' entry; words that no longer open cannot be entered, which keeps nothing else from it."""
    try:
        return Entry(form, named, words_told(form, named, opened(keyring, context, sealed)))
    except WrongKeyError:
        log.error("seal.words_do_not_open", form=form, row=named)
        return None


def mark(tx: Connection, subject: Subject, positions: Sequence[tuple[int, str]]) -> None:
    """Note on each row where its entry is."""
    if subject.mark is None or not positions:
        return
    place = "?" if tx.dialect.name == SQLITE else "%s"
    here = is_row(subject, tx.dialect.name, place)
    statement = f'UPDATE {subject.relation.name} AS r SET "{subject.mark}" = {place} WHERE {here}'  # noqa: S608 - ours
    tx.exec_driver_sql(statement, list(positions))
