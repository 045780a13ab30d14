"""How a row is told: one JSON text of its immutable columns, the same whichever database keeps it.

The database writes the text, since a verifier reads a hundred thousand rows a second. It is an array: the form, then
the columns in the form's order, those that hold JSON themselves last. Moments read ``2026-11-23 17:00:00.000000`` in
UTC, ids and hashes are hexadecimal, truth is 1 or 0.
"""

import json
from functools import lru_cache

from sqlalchemy import JSON, Boolean, Column, Date, LargeBinary, String, Uuid

from orchestrator.domain.canonical import canonical_again, canonical_json
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.sealing.subject import Content, Subject
from orchestrator.persistence.tables.columns import Moment

SQLITE, POSTGRESQL = "sqlite", "postgresql"
MOMENT_LENGTH = len("2026-11-23 17:00:00.000000")


def names_of(subject: Subject) -> tuple[str, ...]:
    """What stands in the text behind the form, in its order."""
    gathered = tuple(one.name for one in subject.gathered)
    return (*gathered, *_plain(subject), *structures_of(subject))


def structures_of(subject: Subject) -> tuple[str, ...]:
    """The columns that hold JSON."""
    return tuple(name for name in subject.columns if isinstance(subject.relation.c[name].type, JSON))


def _plain(subject: Subject) -> tuple[str, ...]:
    structures = structures_of(subject)
    return tuple(name for name in subject.columns if name not in structures)


def told(subject: Subject, dialect: str, *, anything: bool = False) -> str:
    """SQL: the text of row ``r``, without the columns that hold JSON.

    With ``anything`` SQLite also tells bytes that somebody put where text belongs, and takes longer for it.
    """
    values = [one.sqlite if dialect == SQLITE else one.postgresql for one in subject.gathered]
    values += [_value(subject.relation.c[name], dialect) for name in _plain(subject)]
    if dialect == SQLITE:
        values = _of_anything(values) if anything else values
        return f"json_array('{subject.form}', {', '.join(values)})"
    parts = " || ',' || ".join(f"COALESCE(to_json({value})::text, 'null')" for value in values)
    return f"""'["{subject.form}",' || {parts} || ']'"""


def structures(subject: Subject, dialect: str, *, anything: bool = False) -> str:
    """SQL: the columns of row ``r`` that hold JSON, as one array of their texts; NULL where there are none."""
    names = structures_of(subject)
    if not names:
        return "NULL"
    columns = [f'r."{name}"' for name in names]
    if dialect == SQLITE:
        return f"json_array({', '.join(_of_anything(columns) if anything else columns)})"
    return f"json_build_array({'::text, '.join(columns)}::text)::text"


def _of_anything(values: list[str]) -> list[str]:
    return [f"iif(typeof({value}) = 'blob', hex({value}), {value})" for value in values]


def row_id(subject: Subject, dialect: str) -> str:
    """SQL: what names row ``r`` in the log."""
    column = subject.relation.c[subject.key]
    if isinstance(column.type, Uuid | String):
        return _value(column, dialect)
    return f'CAST(r."{subject.key}" AS TEXT)'


def is_row(subject: Subject, dialect: str, named: str) -> str:
    """SQL: that row ``r`` is the one so named in the log."""
    column = subject.relation.c[subject.key]
    if isinstance(column.type, Uuid):
        return f'r."{subject.key}" = {named}' if dialect == SQLITE else f'r."{subject.key}" = CAST({named} AS uuid)'
    if isinstance(column.type, String):
        return f'r."{subject.key}" = {named}'
    return f'r."{subject.key}" = CAST({named} AS INTEGER)'


def words(content: Content, dialect: str) -> str:
    """SQL: the bytes of row ``r``'s words, as ``opened`` takes them."""
    name = f'r."{content.column}"'
    if dialect == SQLITE:
        return f"CAST({name} AS BLOB)"
    return name if content.context is not None else f"convert_to({name}, 'UTF8')"


def opened(keyring: Keyring, context: str | None, kept: bytes) -> bytes:
    """The words themselves; raises WrongKeyError."""
    return bytes(kept) if context is None else keyring.open_bytes(bytes(kept), context)


def whole(text: str, held: str | None) -> str:
    """The whole text, from what ``told`` and ``structures`` gave."""
    return text if held is None else f"{text[:-1]},{_spliced(held)}]"


@lru_cache(maxsize=4096)
def _spliced(held: str) -> str:
    """Few rulings decide most questions, so most of these are asked for again and again."""
    return ",".join("null" if one is None else _canonical(one) for one in json.loads(held))


def _canonical(text: str) -> str:
    """What is no JSON any more is told as what it is: that was never sealed."""
    try:
        return canonical_again(text)
    except (ValueError, TypeError):
        return canonical_json(text)


def _value(column: Column[object], dialect: str) -> str:
    """The column's value in the one way that both databases can write it."""
    name, kind = f'r."{column.name}"', column.type
    if isinstance(kind, LargeBinary):
        return f"lower(hex({name}))" if dialect == SQLITE else f"encode({name}, 'hex')"
    if dialect == SQLITE:
        return name
    if isinstance(kind, Uuid):
        return f"replace({name}::text, '-', '')"
    if isinstance(kind, Moment):
        return f"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    if isinstance(kind, Date):
        return f"{name}::text"
    return f"{name}::int" if isinstance(kind, Boolean) else name
