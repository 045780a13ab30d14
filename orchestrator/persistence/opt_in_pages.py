"""Opt-in pages as they are shown, and as they were."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from orchestrator.domain.opt_in import OptInPage
from orchestrator.domain.opt_in_file import page_as_dict, page_from_dict
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.opting_in import opt_in_pages, opt_in_versions, opt_ins
from orchestrator.persistence.tables.people import sellers

SHOWN = select(opt_in_pages, opt_in_versions.c.page, sellers.c.callback_number).join(
    opt_in_versions,
    (opt_in_versions.c.page_id == opt_in_pages.c.id) & (opt_in_versions.c.version == opt_in_pages.c.version),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPage:
    """A page in the version that is shown, the campaign of its confirmations, and whether it is open."""

    page: OptInPage
    campaign_id: int
    callback_number: str
    opened_at: datetime
    closed_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether anybody may sign up here."""
        return self.closed_at is None


def find(tx: Connection, page_id: str) -> StoredPage | None:
    """The page as it is shown now; None for an unknown id."""
    query = SHOWN.join(sellers, sellers.c.id == opt_in_pages.c.seller_id).where(opt_in_pages.c.id == page_id)
    row = tx.execute(query).one_or_none()
    return None if row is None else _stored(row)


def every(tx: Connection) -> list[StoredPage]:
    """All pages by id."""
    query = SHOWN.join(sellers, sellers.c.id == opt_in_pages.c.seller_id).order_by(opt_in_pages.c.id)
    return [_stored(row) for row in tx.execute(query)]


def version(tx: Connection, page_id: str, wanted: str) -> OptInPage | None:
    """The page as it was in that version; None where there was none."""
    query = select(opt_in_versions.c.page).where(
        opt_in_versions.c.page_id == page_id, opt_in_versions.c.version == wanted
    )
    written = tx.execute(query).scalar_one_or_none()
    return None if written is None else page_from_dict(written)


def versions(tx: Connection, page_id: str) -> Sequence[Record]:
    """Since when which version was shown, and who put it there."""
    columns = opt_in_versions.c.version, opt_in_versions.c.since, opt_in_versions.c.by
    query = select(*columns).where(opt_in_versions.c.page_id == page_id)
    return tx.execute(query.order_by(opt_in_versions.c.since)).all()


def by_keyword(tx: Connection, addresses: Collection[str], word: str) -> str | None:
    """The id of the open page whose keyword this is at one of these senders."""
    query = select(opt_in_pages.c.id).where(
        opt_in_pages.c.sender.in_(addresses), opt_in_pages.c.keyword == word, opt_in_pages.c.closed_at.is_(None)
    )
    return tx.execute(query.order_by(opt_in_pages.c.id).limit(1)).scalar_one_or_none()


def add(tx: Connection, page: OptInPage, campaign_id: int, keyword: str | None, now: datetime) -> None:
    """Open the page for the first time; its version is added beside it."""
    row = {
        "id": page.id,
        "seller_id": page.seller,
        "campaign_id": campaign_id,
        "version": page.version,
        "sender": page.sender or page.messaging_service,
        "keyword": keyword,
        "opened_at": now,
    }
    tx.execute(insert(opt_in_pages).values(row))


def show(tx: Connection, page: OptInPage, keyword: str | None) -> None:
    """Show this version from now on, and open the page where it was closed."""
    values = {"version": page.version, "sender": page.sender or page.messaging_service, "keyword": keyword}
    shown = update(opt_in_pages).where(opt_in_pages.c.id == page.id)
    tx.execute(shown.values(**values, closed_at=None, closed_by=None))


def add_version(tx: Connection, page: OptInPage, by: str, now: datetime) -> None:
    """Keep what this version says."""
    row = {"page_id": page.id, "version": page.version, "page": page_as_dict(page), "since": now, "by": by}
    tx.execute(insert(opt_in_versions).values(row))


def close(tx: Connection, page_id: str, by: str, now: datetime) -> bool:
    """Let nobody sign up here any more; False where the page is not open."""
    still = (opt_in_pages.c.id == page_id) & opt_in_pages.c.closed_at.is_(None)
    return tx.execute(update(opt_in_pages).where(still).values(closed_at=now, closed_by=by)).rowcount == 1


def counts(tx: Connection) -> dict[str, dict[str, int]]:
    """How many opt-ins of each page stand where."""
    query = select(opt_ins.c.page_id, opt_ins.c.state, func.count()).group_by(opt_ins.c.page_id, opt_ins.c.state)
    found: dict[str, dict[str, int]] = {}
    for page_id, state, number in tx.execute(query):
        found.setdefault(page_id, {})[state] = number
    return found


def _stored(row: Record) -> StoredPage:
    return StoredPage(
        page=page_from_dict(row.page),
        campaign_id=row.campaign_id,
        callback_number=row.callback_number,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )
