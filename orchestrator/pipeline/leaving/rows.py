"""Which rows of a leaving seller go, and which the law or the contract keeps; the same answer at every look."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, false, func, not_, or_, select, true

from orchestrator.compliance.closing_law import KeptRecords
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.inbox import EVENT
from orchestrator.persistence.ownership import STAYS, order_of_going, owned
from orchestrator.persistence.reconciliations import ENDS
from orchestrator.persistence.tables.account import carrier_alarms
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.deliveries import inbox
from orchestrator.persistence.tables.families import metadata
from orchestrator.persistence.tables.people import senders, suppressions

BY_CONTRACT = "the contract says that refusals stay, under key, so that nobody who refused is contacted anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A seller that leaves, what the law keeps of it, and since when it is leaving."""

    seller_id: str
    law: Sequence[KeptRecords]
    keeps_suppressions: bool
    asked_at: datetime

    def theirs(self, table: Table) -> ColumnElement[bool]:
        """All rows of that table that are theirs, and can be told by SQL."""
        condition = owned(table, self.seller_id)
        return false() if condition is None else condition

    def stays(self, table: Table) -> ColumnElement[bool]:
        """Those of them that are kept."""
        if table is suppressions and self.keeps_suppressions:
            return true()
        return or_(false(), *(self._kept(table, kept) for kept in self.law if table.name in kept.tables))

    def goes(self, table: Table) -> ColumnElement[bool]:
        """Those that go."""
        return and_(self.theirs(table), not_(self.stays(table)))

    def _kept(self, table: Table, kept: KeptRecords) -> ColumnElement[bool]:
        """Attempts of those years to those countries, and what is on record of the numbers they went to."""
        of_law = and_(
            attempts.c.seller_id == self.seller_id,
            attempts.c.country.in_(sorted(kept.countries)),
            attempts.c.planned_at >= kept.since(self.asked_at),
        )
        return of_law if table is attempts else table.c.number_key.in_(select(attempts.c.number_key).where(of_law))

    def kept_for(self, table: Table) -> Iterator[tuple[str, ColumnElement[bool]]]:
        """Why rows of the table are kept, and which."""
        if table.name in STAYS:
            yield STAYS[table.name], true()
        if table is suppressions and self.keeps_suppressions:
            yield BY_CONTRACT, true()
        for kept in self.law:
            if table.name in kept.tables:
                length = f"{kept.years} years{f' and {kept.days} days' if kept.days else ''}"
                yield f"{kept.why}: {length} ({kept.citation}, {kept.id})", self._kept(table, kept)


def tables_that_go() -> tuple[Table, ...]:
    """In the order in which they go."""
    return order_of_going()


def count_going(tx: Connection, leaving: Leaving) -> dict[str, int]:
    """How many rows would go, by table, as far as SQL can tell."""
    counts = {table.name: _count(tx, table, leaving.goes(table)) for table in tables_that_go()}
    return {name: count for name, count in counts.items() if count}


def count_kept(tx: Connection, leaving: Leaving) -> list[dict[str, Any]]:
    """What stays: table, rows, why."""
    found = []
    for table in metadata.sorted_tables:
        for why, which in leaving.kept_for(table):
            rows = _count(tx, table, and_(leaving.theirs(table), which))
            found += [{"table": table.name, "rows": rows, "why": why}] if rows else []
    return found


def _count(tx: Connection, table: Table, which: ColumnElement[bool]) -> int:
    found: int = tx.execute(select(func.count()).select_from(table).where(which)).scalar_one()
    return found


def looked_into(tx: Connection, keyring: Keyring, leaving: Leaving, table: Table) -> list[Record]:
    """Rows that only their sealed content tells to be theirs: news of no attempt, to or from one of their senders."""
    addresses = set(tx.execute(select(senders.c.address).where(senders.c.seller_id == leaving.seller_id)).scalars())
    if table is inbox:
        rows = tx.execute(select(inbox).where(inbox.c.attempt_id.is_(None)).order_by(inbox.c.id))
        return [row for row in rows if _speaks_of(keyring.open_json(row.event_sealed, EVENT), addresses)]
    if table is carrier_alarms:
        rows = tx.execute(select(carrier_alarms).where(carrier_alarms.c.attempt_id.is_(None)))
        return [row for row in rows if _speaks_of(keyring.open_json(row.ends_sealed, ENDS), addresses)]
    return []


def _speaks_of(event: dict[str, Any], addresses: set[str]) -> bool:
    return not addresses.isdisjoint(
        {event.get("to"), event.get("from"), event.get("from_"), event.get("messaging_service")}
    )
