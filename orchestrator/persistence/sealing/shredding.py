"""What the law took away leaves the log its tree and nothing else: the keys of those entries are destroyed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Uuid, select, tuple_, update

from orchestrator.persistence.identity import first_id
from orchestrator.persistence.removals import Cause, How
from orchestrator.persistence.sealing.subjects import SUBJECTS, contents_of, forms_of
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.proof import removals
from orchestrator.persistence.tables.seals import seals

HEXADECIMAL_ID = 32
UUID_KEYS = {subject.relation.name for subject in SUBJECTS if isinstance(subject.relation.c[subject.key].type, Uuid)}


def open_notes(tx: Connection, limit: int) -> Sequence[Record]:
    """Removals whose entries still have their keys, the oldest first."""
    query = select(removals).where(removals.c.sealed_in.is_(None)).order_by(removals.c.id)
    return tx.execute(query.limit(limit)).all()


def forms_named(note: Record) -> tuple[str, ...]:
    """The kinds of entry that the removal takes: of blanked rows only their words."""
    return contents_of(note.relation) if note.how == How.BLANKED else forms_of(note.relation)


def rows_named(note: Record) -> list[str]:
    """The rows as the log names them."""
    return [as_entered(note.relation, str(row)) for row in note.rows]


def as_entered(relation: str, row: str) -> str:
    """A primary key as the log writes it."""
    return row.replace("-", "").lower() if relation in UUID_KEYS else row


def month_of(note: Record) -> tuple[str, str] | None:
    """The ids that a dropped partition held: the first, and the first of the next month; None for another removal."""
    if note.cause != Cause.PARTITION:
        return None
    name = str(next(iter(note.rows), ""))
    try:
        begins = datetime.strptime(name[-7:], "%Y_%m").replace(tzinfo=UTC)
    except ValueError:
        return None
    ends = begins.replace(year=begins.year + begins.month // 12, month=begins.month % 12 + 1)
    return _hex(first_id(begins)), _hex(first_id(ends))


def _hex(number: UUID) -> str:
    return number.hex


def shred(tx: Connection, note: Record, rows: Sequence[str]) -> None:
    """Destroy the keys of these rows' entries."""
    of_seller = () if note.seller_id is None else (seals.c.log == note.seller_id,)
    here = (seals.c.form.in_(forms_named(note)), seals.c.row_id.in_(rows), *of_seller)
    _forget(tx, note, *here)


def shred_month(tx: Connection, note: Record, month: tuple[str, str], limit: int) -> int:
    """Destroy the keys of so many entries of a dropped partition; returns how many there were."""
    there = (
        seals.c.form.in_(forms_of(note.relation)),
        seals.c.row_id >= month[0],
        seals.c.row_id < month[1],
        seals.c.salt.is_not(None),
    )
    some = tx.execute(select(seals.c.log, seals.c.position).where(*there).limit(limit)).all()
    if some:
        _forget(tx, note, tuple_(seals.c.log, seals.c.position).in_([tuple(row) for row in some]))
    return len(some)


def _forget(tx: Connection, note: Record, *here: ColumnElement[bool]) -> None:
    tx.execute(update(seals).where(*here, seals.c.salt.is_not(None)).values(salt=None, removed_by=note.id))
