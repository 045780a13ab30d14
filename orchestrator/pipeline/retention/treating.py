"""One batch of rows whose time is over: noted, and deleted, blanked or filed for the carrier, in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Table, delete, select, tuple_, update

from orchestrator.domain.retention import Action
from orchestrator.persistence import carrier_erasures, contacts, removals
from orchestrator.persistence.removals import Cause, How
from orchestrator.persistence.retention import uses
from orchestrator.persistence.retention.due import Due, Key, held_numbers
from orchestrator.persistence.retention.holding import GoesWith
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.deliveries import inbound_contacts

CARRIER_NAMES: Mapping[str, Any] = {
    attempts.name: select(attempts.c.channel, attempts.c.id.label("attempt_id"), attempts.c.sid),
    inbound_contacts.name: select(inbound_contacts.c.channel, inbound_contacts.c.sid),
}


def treat(tx: Connection, store: Store, due: Due, found: Sequence[Record]) -> list[Record]:
    """Do to these rows of a page what their entries say, as far as they still go; the rows that it was done to.

    Sellers are locked first, as whoever places a hold does: a hold either is seen here, or finds the rows gone.
    """
    lock_sellers(tx, {row.owner for row in found})
    rows = due.again(tx, [due.key_of(row) for row in found])
    spared = due.spared(store.keyring, rows, held_numbers(tx))
    going = [row for row in rows if due.key_of(row) not in spared]
    for (seller_id, rule_id), group in groupby(sorted(going, key=_by(due)), key=_by(due)):
        _change(tx, due, list(group), seller_id or None, rule_id)
    return going


def lock_sellers(tx: Connection, seller_ids: Collection[str | None]) -> None:
    """In one order, so that two never wait for each other in a ring."""
    for seller_id in sorted(one for one in seller_ids if one is not None):
        contacts.lock_seller(tx, seller_id)


def take_along(tx: Connection, due: Due, keys: Sequence[Key], seller_id: str | None, rule_id: str) -> None:
    """What goes with these rows, and what is remembered of them."""
    ids = [key[0] for key in keys]
    if due.holding.table is attempts:
        uses.remember(tx, ids)
    for companion in due.holding.goes_with:
        _delete_companions(tx, due, companion, ids, seller_id, rule_id)


def _by(due: Due) -> Any:
    return lambda row: (row.owner or "", due.rule_of(row).id)


def _change(tx: Connection, due: Due, rows: Sequence[Record], seller_id: str | None, rule_id: str) -> None:
    keys = [due.key_of(row) for row in rows]
    action = due.rule_of(rows[0]).action
    if action is Action.CARRIER_DELETES:
        _file(tx, due, keys, seller_id)
        return
    how = How.BLANKED if action is Action.BLANK else How.DELETED
    _note(tx, due, due.holding.table, keys, how, seller_id, rule_id)
    here = _among(due.holding.table, keys)
    if action is Action.BLANK:
        tx.execute(update(due.holding.table).where(here).values(dict.fromkeys(due.holding.blank, None)))
        return
    take_along(tx, due, keys, seller_id, rule_id)
    tx.execute(delete(due.holding.table).where(here))


def _delete_companions(
    tx: Connection, due: Due, companion: GoesWith, ids: Sequence[Any], seller_id: str | None, rule_id: str
) -> None:
    table = companion.column.table
    assert isinstance(table, Table)  # noqa: S101 - every column of ours has one
    key = tuple(table.primary_key.columns)
    found = [tuple(row) for row in tx.execute(select(*key).where(companion.of(ids)))]
    _note(tx, due, table, found, How.DELETED, seller_id, rule_id)
    if found:
        tx.execute(delete(table).where(companion.of(ids)))


def _file(tx: Connection, due: Due, keys: Sequence[Key], seller_id: str | None) -> None:
    """Ask the carrier to delete what it holds of them, through the outbox that workers try until it confirms."""
    table = due.holding.table
    found = tx.execute(CARRIER_NAMES[table.name].where(_among(table, keys))).mappings()
    rows = [{"attempt_id": None, **row} for row in found]
    carrier_erasures.file(tx, rows, seller_id=seller_id or "", request_id=None, now=due.now)


def _note(
    tx: Connection, due: Due, table: Table, keys: Sequence[Key], how: How, seller_id: str | None, rule_id: str
) -> None:
    removals.note(
        tx,
        relation=table,
        rows=[":".join(_plain(part) for part in key) for key in keys],
        how=how,
        cause=Cause.RETENTION,
        reason=rule_id,
        at=due.now,
        seller_id=seller_id,
    )


def _among(table: Table, keys: Sequence[Key]) -> Any:
    columns = tuple(table.primary_key.columns)
    return columns[0].in_([key[0] for key in keys]) if len(columns) == 1 else tuple_(*columns).in_(keys)


def _plain(part: object) -> str:
    return part.hex() if isinstance(part, bytes) else str(part)
