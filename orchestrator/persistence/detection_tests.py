"""Tests of answering-machine detection, kept as the ground of an estimate."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from orchestrator.compliance.false_positives import DetectionTest
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.pacing import detection_tests


def record(
    tx: Connection, seller_id: str, country: str, test: DetectionTest, *, note: str, by: str, now: datetime
) -> int:
    """Store the test; its number."""
    values = {
        "seller_id": seller_id,
        "country": country,
        "amd": test.amd,
        "sample": test.sample,
        "people": test.people,
        "tested_on": test.tested_on,
        "note": note,
        "recorded_at": now,
        "recorded_by": by,
    }
    number: int = tx.execute(insert(detection_tests).values(values).returning(detection_tests.c.id)).scalar_one()
    return number


def latest(tx: Connection, seller_id: str, country: str, amd: str) -> DetectionTest | None:
    """The newest test of the seller's calls to that country with that setting; of one day, the last recorded."""
    table = detection_tests
    query = select(table).where(table.c.seller_id == seller_id, table.c.country == country, table.c.amd == amd)
    row = tx.execute(query.order_by(table.c.tested_on.desc(), table.c.id.desc())).first()
    return None if row is None else _test(row)


def every(tx: Connection, seller_id: str | None = None) -> Sequence[Record]:
    """All tests, or one seller's, the newest first."""
    table = detection_tests
    query = select(table).order_by(table.c.tested_on.desc(), table.c.id.desc())
    return tx.execute(query if seller_id is None else query.where(table.c.seller_id == seller_id)).all()


def _test(row: Record) -> DetectionTest:
    return DetectionTest(sample=row.sample, people=row.people, tested_on=row.tested_on, amd=row.amd)
