"""Which rulebook was accepted when and by whom, and what each had been shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.persistence.tables.law import rulebook_acceptances, rulebook_reviews

FIRST = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """One acceptance. ``how``: reviewed; first, of an empty database; in_use, before there were acceptances.

    ``versions`` are those of the tables beside the files, by library; empty where they are not known.
    """

    number: int
    digest: str
    content_digest: str
    versions: Mapping[str, str]
    previous: str | None
    how: str
    accepted_at: datetime
    accepted_by: str
    note: str = ""
    role: str | None = None
    review_id: str | None = None
    diff_hash: str | None = None
    replay_hash: str | None = None
    taken_up_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What somebody was shown: the difference between two rulebooks, and its replay over campaigns.

    ``acceptance`` is the number of the one in force then; None for a review from before it was kept, which is void.
    """

    id: str
    digest: str
    against: str
    diff_hash: str
    replay_hash: str
    campaigns: Sequence[int]
    reviewed_at: datetime
    reviewed_by: str
    acceptance: int | None


def in_force(tx: Connection) -> Acceptance | None:
    """The last acceptance, None before the first."""
    row = tx.execute(_newest_first().limit(1)).one_or_none()
    return Acceptance(**row._mapping) if row is not None else None


def history(tx: Connection) -> list[Acceptance]:
    """Every acceptance, the newest first."""
    return [Acceptance(**row._mapping) for row in tx.execute(_newest_first())]


def _newest_first() -> Any:
    return select(rulebook_acceptances).order_by(rulebook_acceptances.c.number.desc())


def record(tx: Connection, acceptance: Acceptance) -> bool:
    """Store it; False where another has that number already."""
    build = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    names = [column.name for column in rulebook_acceptances.c]
    row = {name: getattr(acceptance, name) for name in names} | {"versions": dict(acceptance.versions)}
    stored = build(rulebook_acceptances).values(row).on_conflict_do_nothing(index_elements=["number"])
    return tx.execute(stored.returning(rulebook_acceptances.c.number)).first() is not None


def take_up(tx: Connection, number: int, now: datetime) -> None:
    """Note that a worker runs it and has re-opened whoever the one before had blocked."""
    this = rulebook_acceptances.c.number == number
    tx.execute(update(rulebook_acceptances).where(this).values(taken_up_at=now))


def file_review(tx: Connection, review: Review) -> None:
    """Store what was shown."""
    names = [column.name for column in rulebook_reviews.c]
    row = {name: getattr(review, name) for name in names} | {"campaigns": list(review.campaigns)}
    tx.execute(insert(rulebook_reviews).values(row))


def find_review(tx: Connection, review_id: str) -> Review | None:
    """The review of that id."""
    row = tx.execute(select(rulebook_reviews).where(rulebook_reviews.c.id == review_id)).one_or_none()
    return Review(**row._mapping) if row is not None else None


def reviews_since(tx: Connection, acceptance: int) -> list[Review]:
    """The reviews that could be accepted as long as that acceptance is the last, the newest first."""
    query = select(rulebook_reviews).where(rulebook_reviews.c.acceptance == acceptance)
    return [Review(**row._mapping) for row in tx.execute(query.order_by(rulebook_reviews.c.reviewed_at.desc()))]
