"""Every row that is stored of a person, opened, found by the same map as an erasure finds it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, select

from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import (
    consents,
    contact_points,
    contacts,
    number_facts,
    reassigned_answers,
)
from orchestrator.persistence.tables.rights import kept_proofs
from orchestrator.pipeline.rights.treatment import Erased
from orchestrator.pipeline.rights.treatments import TREATMENTS

# Somebody else's address, and keys that nobody outside can use.
HIDDEN = frozenset({("transfers", "to_sealed")})


def every_row(tx: Connection, who: Erased) -> dict[str, list[dict[str, Any]]]:
    """Every row that an erasure would find, opened: a new table is disclosed as soon as it is erased."""
    by_key = (consents.c.seller_id == who.seller_id) & consents.c.number_key.in_(who.own_keys)
    found = {
        contacts.name: _opened(tx, who, contacts, contacts.c.id.in_(who.contact_ids)),
        contact_points.name: _opened(tx, who, contact_points, contact_points.c.contact_id.in_(who.contact_ids)),
        consents.name: _opened(tx, who, consents, consents.c.contact_id.in_(who.contact_ids) | by_key),
    }
    for table in (number_facts, reassigned_answers):
        found[table.name] = _opened(tx, who, table, table.c.number_key.in_(who.own_keys))
    found[kept_proofs.name] = _opened(
        tx, who, kept_proofs, (kept_proofs.c.seller_id == who.seller_id) & kept_proofs.c.number_key.in_(who.own_keys)
    )
    for treatment in (one for one in TREATMENTS if one.table not in {number_facts, reassigned_answers}):
        rows = _opened(tx, who, treatment.table, treatment.theirs(who), treatment.discloses)
        found[treatment.table.name] = found.get(treatment.table.name, []) + rows
    return {name: rows for name, rows in found.items() if rows}


def _opened(tx: Connection, who: Erased, table: Table, theirs: Any, fits: Any = None) -> list[dict[str, Any]]:
    key = tuple(table.primary_key.columns)
    rows = tx.execute(select(table).where(theirs).order_by(*key)).all()
    return [_row_form(who.keyring, table, row) for row in rows if fits is None or fits(who, row)]


def _row_form(keyring: Keyring, table: Table, row: Record) -> dict[str, Any]:
    columns: Sequence[Any] = tuple(table.columns)
    form = {column.name: _plain(row._mapping[column.name]) for column in columns if not _is_bytes(column)}
    for column in columns:
        sealed = row._mapping[column.name]
        if column.name.endswith("_sealed") and sealed is not None and (table.name, column.name) not in HIDDEN:
            name = column.name.removesuffix("_sealed")
            form[name] = keyring.open(bytes(sealed), f"{table.name}.{name}")
    return form


def _is_bytes(column: Any) -> bool:
    return isinstance(column.type, LargeBinary)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)
