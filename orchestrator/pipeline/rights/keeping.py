"""What is kept after an erasure, why, and until when: the part of the report that the person is told."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, or_, select

from orchestrator.compliance.rights_law import RightsLaw
from orchestrator.domain.rights import KeptClass
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import decisions
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.people import consents, suppressions
from orchestrator.pipeline.rights.treatment import Erased

HOW = "without name and number, under a keyed hash of the number"


def kept_after(tx: Connection, law: RightsLaw, who: Erased, place: str) -> list[dict[str, Any]]:
    """Each class that stays: how many rows, by which law, why, how, and the last day (None: for good)."""
    last_use = _last_use(tx, who)
    found = [
        (KeptClass.SUPPRESSION, _count(tx, suppressions, _keyed(suppressions, who)), who.now),
        (KeptClass.CONSENT_PROOF, _count(tx, consents, _theirs(consents, who)), last_use or who.now),
        (KeptClass.CALL_RECORDS, _records(tx, who), last_use or who.now),
        (KeptClass.REQUEST_LOG, 1, who.now),
    ]
    return [_said(law, kept, rows, since, place, who.now.date()) for kept, rows, since in found if rows]


def _said(law: RightsLaw, kept: KeptClass, rows: int, since: datetime, place: str, on: date) -> dict[str, Any]:
    rule = law.kept_rule(kept, place, on)
    until = rule.until(since.date())
    return {
        "what": kept.value,
        "rows": rows,
        "rule": rule.ground.id,
        "law": rule.ground.citation,
        "why": rule.why,
        "how": HOW,
        "until": until.isoformat() if until else None,
    }


def _keyed(table: Table, who: Erased) -> ColumnElement[bool]:
    return and_(table.c.seller_id == who.seller_id, table.c.number_key.in_(who.own_keys))


def _theirs(table: Table, who: Erased) -> ColumnElement[bool]:
    return or_(table.c.contact_id.in_(who.contact_ids), _keyed(table, who))


def _records(tx: Connection, who: Erased) -> int:
    return (
        _count(tx, attempts, _theirs(attempts, who))
        + _count(tx, decisions, decisions.c.contact_id.in_(who.contact_ids))
        + _count(tx, inbound_contacts, _keyed(inbound_contacts, who))
    )


def _last_use(tx: Connection, who: Erased) -> datetime | None:
    """When they were last contacted, or last gave a consent: what years run from."""
    used = tx.execute(select(func.max(attempts.c.planned_at)).where(_theirs(attempts, who))).scalar()
    given = tx.execute(select(func.max(consents.c.happened_at)).where(_theirs(consents, who))).scalar()
    return max((moment for moment in (used, given) if moment is not None), default=None)


def _count(tx: Connection, table: Table, which: ColumnElement[bool]) -> int:
    number: int = tx.execute(select(func.count()).select_from(table).where(which)).scalar_one()
    return number
