"""Whole months of the growing tables on PostgreSQL: where nothing in one must stay, its partition is dropped."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import OperationalError

from orchestrator.log import log
from orchestrator.persistence import partitions, removals
from orchestrator.persistence.partitions import Month
from orchestrator.persistence.removals import Cause, How
from orchestrator.persistence.retention.due import Due, Key, held_numbers
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.people import sellers
from orchestrator.pipeline.retention import treating
from orchestrator.pipeline.retention.tally import Tally

WAITS_FOR_LOCK = "SET LOCAL lock_timeout = '2s'"  # a month that is in use is dropped another night
PAGE = 1000


def drop_what_is_over(store: Store, due: Due, tally: Tally) -> int:
    """Drop each month of the holding's table in which nothing must stay; how many. Nothing to do on SQLite."""
    if store.is_sqlite or due.holding.table.name not in partitions.TABLES or not due.holding.goes_whole:
        return 0
    with store.read() as tx:
        over = [month for month in partitions.months(tx, due.holding.table.name, due.now) if _may_go(tx, due, month)]
    return sum(_drop(store, due, month, tally) for month in over)


def _may_go(tx: Connection, due: Due, month: Month) -> bool:
    """Whose sealed rows a hold may mean cannot be told by the month: those go row by row."""
    if due.holding.sealed_numbers is not None and held_numbers(tx):
        return False
    return not due.stays_between(tx, month.first, month.last)


def _drop(store: Store, due: Due, month: Month, tally: Tally) -> bool:
    for keys, seller_id, rule_id in _groups(store, due, month):
        with store.write() as tx:
            treating.lock_sellers(tx, {seller_id})  # as whoever places a hold does: what hangs on held rows stays
            still = {due.key_of(row) for row in due.again(tx, keys)}
            treating.take_along(tx, due, [key for key in keys if key in still], seller_id, rule_id)
    try:
        with store.write() as tx:
            return _drop_whole(tx, due, month, tally)
    except OperationalError as error:
        log.info("retention.month_in_use", month=month.name, error=type(error).__name__)
        return False


def _groups(store: Store, due: Due, month: Month) -> Iterator[tuple[list[Key], str | None, str]]:
    """The month's rows by seller and entry, page by page, for what goes with them."""
    after: Key | None = (month.before,)
    while after is not None:
        with store.read() as tx:
            rows = [row for row in due.page(tx, after, PAGE) if due.key_of(row)[0] < month.last]
        groups: dict[tuple[str | None, str], list[Key]] = {}
        for row in rows:
            groups.setdefault((row.owner, due.rule_of(row).id), []).append(due.key_of(row))
        for (seller_id, rule_id), keys in groups.items():
            yield keys, seller_id, rule_id
        after = due.key_of(rows[-1]) if rows else None


def _drop_whole(tx: Connection, due: Due, month: Month, tally: Tally) -> bool:
    """Judged once more while nobody can place a hold or change a row."""
    tx.execute(text(WAITS_FOR_LOCK))
    treating.lock_sellers(tx, set(tx.execute(select(sellers.c.id)).scalars()))
    tx.execute(text(f"LOCK TABLE {month.name} IN ACCESS EXCLUSIVE MODE"))
    if not _may_go(tx, due, month):
        return False
    for row in due.tally_between(tx, month.first, month.last):
        tally.add(due, row, row.many)
    _note(tx, due, month, due.now)
    partitions.drop(tx, month)
    return True


def _note(tx: Connection, due: Due, month: Month, at: datetime) -> None:
    removals.note(
        tx,
        relation=due.holding.table,
        rows=[month.name],
        how=How.DELETED,
        cause=Cause.PARTITION,
        reason=f"retention of {due.holding.data_class}",
        at=at,
        seller_id=None,
    )
