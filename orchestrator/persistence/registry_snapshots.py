"""Which versions of which registries there are; their numbers lie in files of their own."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.domain.registry_snapshot import Coverage, RegistrySnapshot
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.lists import registry_snapshots


def add(tx: Connection, snapshot: RegistrySnapshot) -> bool:
    """Speak of a snapshot whose file is in its place; False when it is known already."""
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    row = {
        "digest": snapshot.digest,
        "registry": snapshot.registry,
        "seller_id": snapshot.seller_id,
        "obtained_at": snapshot.obtained_at,
        "imported_at": snapshot.imported_at,
        "source": snapshot.source,
        "numbers": snapshot.numbers,
        "coverage": snapshot.coverage.as_dict(),
    }
    statement = insert(registry_snapshots).values(row).on_conflict_do_nothing()
    return tx.execute(statement.returning(registry_snapshots.c.digest)).first() is not None


def every(tx: Connection) -> list[RegistrySnapshot]:
    """All of them, by registry, newest first."""
    order = registry_snapshots.c.registry, registry_snapshots.c.obtained_at.desc(), registry_snapshots.c.digest
    return [_snapshot(row) for row in tx.execute(select(registry_snapshots).order_by(*order))]


def newest(tx: Connection, seller_id: str) -> dict[str, datetime]:
    """When the newest version of each registry that this seller hears was obtained."""
    heard = registry_snapshots.c.seller_id.is_(None) | (registry_snapshots.c.seller_id == seller_id)
    latest = func.max(registry_snapshots.c.obtained_at, type_=registry_snapshots.c.obtained_at.type)
    query = select(registry_snapshots.c.registry, latest.label("at")).where(heard)
    return {row.registry: row.at for row in tx.execute(query.group_by(registry_snapshots.c.registry))}


def of_digests(tx: Connection, digests: Collection[str]) -> list[RegistrySnapshot]:
    """Those that the digests name."""
    query = select(registry_snapshots).where(registry_snapshots.c.digest.in_(digests))
    return [_snapshot(row) for row in tx.execute(query)]


def stamp(tx: Connection) -> tuple[int, datetime | None]:
    """Changes with every import: rows are only ever added."""
    count, newest = tx.execute(select(func.count(), func.max(registry_snapshots.c.imported_at))).one()
    return count, newest


def _snapshot(row: Record) -> RegistrySnapshot:
    return RegistrySnapshot(
        digest=row.digest,
        registry=row.registry,
        seller_id=row.seller_id,
        obtained_at=row.obtained_at,
        imported_at=row.imported_at,
        source=row.source,
        numbers=row.numbers,
        coverage=Coverage.from_dict(row.coverage),
    )
