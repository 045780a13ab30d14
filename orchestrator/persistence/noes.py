"""Noes of one copy of the database for another: a restored backup must know what was said since it was made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, insert, select

from orchestrator.domain.consent_standing import TAKES_BACK
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.people import consents, sellers, suppressions

Row: TypeAlias = Mapping[str, Any]
# What a copy numbers by itself, or may know under another number.
OF_THE_COPY = frozenset({"id", "sealed_in", "lift_sealed_in", "news_filed_at", "contact_id", "list_id", "terms_id"})
IS_END = consents.c.event.in_([event.value for event in TAKES_BACK])


@dataclass(frozen=True, slots=True)
class Noes:
    """Every no that stands, and every entry of the ledger that ended a consent."""

    stops: Sequence[Row] = ()
    ends: Sequence[Row] = ()


def read(store: Store) -> Noes:
    """Those of this database."""
    standing = select(suppressions).where(suppressions.c.lifted_at.is_(None)).order_by(suppressions.c.id)
    ended = select(consents).where(IS_END).order_by(consents.c.id)
    with store.read() as tx:
        return Noes(*([dict(row) for row in tx.execute(query).mappings()] for query in (standing, ended)))


def carry_over(store: Store, noes: Noes) -> int:
    """Add what this database does not know; how many stops. A no to a seller whom it does not know binds nobody here.

    What it knows to have been lifted was lifted before the other copy said that it stands: it is known, and stays so.
    """
    with store.write() as tx:
        here = set(tx.execute(select(sellers.c.id)).scalars())
        known = set(tx.execute(select(campaigns.c.id)).scalars())
        stops = _new(tx, select(suppressions), [row for row in noes.stops if row["seller_id"] in here])
        ends = _new(tx, select(consents).where(IS_END), [row for row in noes.ends if row["seller_id"] in here])
        for row in stops:
            row["campaign_id"] = row["campaign_id"] if row["campaign_id"] in known else None
        for table, rows in ((suppressions, stops), (consents, ends)):
            if rows:
                tx.execute(insert(table), rows)
    return len(stops)


def _new(tx: Connection, known: Select[Any], rows: Sequence[Row]) -> list[dict[str, Any]]:
    there = {_said(dict(row)) for row in tx.execute(known).mappings()}
    return [{name: row[name] for name in row if name not in OF_THE_COPY} for row in rows if _said(row) not in there]


def _said(row: Row) -> tuple[Any, ...]:
    """What tells one no from another: who said it to whom, of what, and when."""
    names = ("kind", "event", "channel", "scope", "purpose", "source", "record_id")
    moment = row["at"] if "at" in row else row["happened_at"]
    return (row["seller_id"], bytes(row["number_key"]), moment, *(row.get(name) for name in names))
