"""Documents on file: added, retired, found in force on a day, and which of them a seller needs."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.paper import Paper, PaperKind
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.documents import documents, required_documents

CONTENT = "documents.content"
FACTS = tuple(column for column in documents.c if column.name != "content_sealed")  # a list of papers reads no paper


def add(tx: Connection, keyring: Keyring, paper: Paper, content: str | None, by: str, now: datetime) -> int:
    """File the document, its content (as text) sealed where it is kept here; its number.

    Raises UserError where the title holds the number of a card.
    """
    refuse_cards(paper.title, "The title")
    row = {
        "seller_id": paper.seller_id,
        "kind": paper.kind.value,
        "title": paper.title,
        "version": paper.version,
        "party": paper.party,
        "list_id": paper.list_id,
        "agent_id": paper.agent_id,
        "valid_from": paper.valid_from,
        "valid_until": paper.valid_until,
        "sha256": paper.sha256,
        "place": paper.place,
        "file_name": paper.file_name,
        "content_sealed": None if content is None else keyring.seal(content, CONTENT),
        "added_at": now,
        "added_by": by,
    }
    number: int = tx.execute(insert(documents).values(row).returning(documents.c.id)).scalar_one()
    return number


def retire(tx: Connection, number: int, because: str, by: str, now: datetime) -> bool:
    """Take the document out of force from now on; False where it is retired already, or was never there."""
    standing = documents.c.id == number, documents.c.retired_at.is_(None)
    facts = {"retired_at": now, "retired_by": by, "retired_because": because}
    return tx.execute(update(documents).where(*standing).values(facts)).rowcount == 1


def find(tx: Connection, number: int) -> Record | None:
    """The document of that number, its content sealed with it."""
    return tx.execute(select(documents).where(documents.c.id == number)).one_or_none()


def listed(tx: Connection, seller_id: str | None, kind: PaperKind | None = None) -> Sequence[Record]:
    """The documents of a seller or of all, without their content, by number."""
    query = select(*FACTS).order_by(documents.c.id)
    query = query if seller_id is None else query.where(documents.c.seller_id == seller_id)
    return tx.execute(query if kind is None else query.where(documents.c.kind == kind.value)).all()


def in_force(tx: Connection, seller_id: str, day: date, kinds: Sequence[PaperKind] | None = None) -> Sequence[Record]:
    """The seller's documents that are in force on that day, without their content."""
    query = select(*FACTS).where(documents.c.seller_id == seller_id, *_standing(day))
    if kinds is not None:
        query = query.where(documents.c.kind.in_([kind.value for kind in kinds]))
    return tx.execute(query.order_by(documents.c.id)).all()


def recipients(tx: Connection, seller_id: str, at: datetime) -> Sequence[str]:
    """With whom the seller had a processor's contract at that moment: who receives people's data."""
    day = at.date()
    query = select(documents.c.party).where(
        documents.c.seller_id == seller_id,
        documents.c.kind == PaperKind.PROCESSOR_CONTRACT.value,
        documents.c.party.is_not(None),
        documents.c.valid_from <= day,
        or_(documents.c.valid_until.is_(None), documents.c.valid_until >= day),
        or_(documents.c.retired_at.is_(None), documents.c.retired_at > at),
    )
    return tx.execute(query.distinct().order_by(documents.c.party)).scalars().all()


def require(tx: Connection, seller_id: str, kinds: Sequence[PaperKind], by: str, now: datetime) -> None:
    """Say which kinds the seller needs on file; those that it named before and not now are needed no more."""
    tx.execute(delete(required_documents).where(required_documents.c.seller_id == seller_id))
    rows = [{"seller_id": seller_id, "kind": kind.value, "since": now, "required_by": by} for kind in kinds]
    if rows:
        tx.execute(insert(required_documents), rows)


def required(tx: Connection, seller_id: str) -> frozenset[PaperKind]:
    """The kinds that the seller needs on file."""
    query = select(required_documents.c.kind).where(required_documents.c.seller_id == seller_id)
    return frozenset(PaperKind(kind) for kind in tx.execute(query).scalars())


def _standing(day: date) -> tuple[ColumnElement[bool], ...]:
    return (
        documents.c.retired_at.is_(None),
        documents.c.valid_from <= day,
        or_(documents.c.valid_until.is_(None), documents.c.valid_until >= day),
    )
