"""What would go at a moment, and what would stay and why: counted, and nothing changed."""

from datetime import datetime

from sqlalchemy import Connection

from orchestrator.compliance.retention_law import RetentionLaw
from orchestrator.persistence.retention.due import GOES, Due, held_numbers
from orchestrator.persistence.retention.holding import HELD
from orchestrator.persistence.retention.holdings import HOLDINGS
from orchestrator.persistence.store import Store
from orchestrator.pipeline.retention.tally import Tally

PAGE = 1000


def preview(store: Store, law: RetentionLaw, at: datetime, seller_id: str | None = None) -> Tally:
    """Count every holding in one state of the database."""
    found = Tally()
    with store.read() as tx:
        for holding in HOLDINGS:
            if seller_id is None or holding.seller is not None:
                _count(tx, store, Due(holding, law, at, seller_id), found)
    return found


def _count(tx: Connection, store: Store, due: Due, found: Tally) -> None:
    held = held_numbers(tx) if due.holding.sealed_numbers is not None else set()
    if not held:
        for row in due.tally(tx):
            found.add(due, row, row.many, row.why)
        return
    for row in due.tally(tx):
        if row.why != GOES:
            found.add(due, row, row.many, row.why)
    _look_inside(tx, store, due, held, found)


def _look_inside(tx: Connection, store: Store, due: Due, held: set[bytes], found: Tally) -> None:
    """Whose rows they are is sealed: each must be opened."""
    rows = due.page(tx, None, PAGE)
    while rows:
        spared = due.spared(store.keyring, rows, held)
        for row in rows:
            found.add(due, row, 1, HELD if due.key_of(row) in spared else GOES)
        rows = due.page(tx, due.key_of(rows[-1]), PAGE)
