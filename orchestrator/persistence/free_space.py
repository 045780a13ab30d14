"""What a database file still holds of rows that are gone, and how it is made to forget."""

from sqlalchemy import text

from orchestrator.persistence.store import Store

PATIENCE_MS = 2000


def forget_old_pages(store: Store) -> bool:
    """Empty the write-ahead log, which holds pages as they were; False where a reader kept it, and the next call may.

    On SQLite every connection overwrites what it deletes (``secure_delete``), so that the file itself holds nothing.
    PostgreSQL keeps dead versions of rows, sealed, until it reuses their room.
    """
    if not store.is_sqlite:
        return True
    with store.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql(f"PRAGMA busy_timeout={PATIENCE_MS}")
        busy = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]
        connection.exec_driver_sql("PRAGMA busy_timeout=0")
        connection.exec_driver_sql("BEGIN")
    return not busy
