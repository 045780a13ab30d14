"""The one thing that lifts an objection or an erasure: a later yes of the person's own, with its proof on record."""

from datetime import datetime

from sqlalchemy import Connection, select

from orchestrator.compliance.consent_needed import GIVEN
from orchestrator.compliance.suppression import THE_PERSONS_OWN
from orchestrator.persistence import suppressions
from orchestrator.persistence.tables.people import consents
from orchestrator.persistence.tables.people import suppressions as suppressions_table


def lift(tx: Connection, seller_id: str, number_key: bytes, now: datetime) -> int:
    """Lift what a proven consent of the person's own, given later than their last no, ends; how many, 0 without one.

    Call it in the transaction that records the consent, and never for what a list brought.
    """
    last = select(suppressions_table.c.at).where(
        suppressions_table.c.seller_id == seller_id,
        suppressions_table.c.number_key == number_key,
        suppressions_table.c.lifted_at.is_(None),
    )
    said_no_at = tx.execute(last.order_by(suppressions_table.c.at.desc()).limit(1)).scalar()
    if said_no_at is None:
        return 0
    yes = select(consents.c.id).where(
        consents.c.seller_id == seller_id,
        consents.c.number_key == number_key,
        consents.c.event == "given",
        consents.c.happened_at > said_no_at,
        consents.c.level.in_([level.value for level in GIVEN]),
        consents.c.source.in_([source.value for source in THE_PERSONS_OWN]),
        consents.c.evidence_sealed.is_not(None),
    )
    if tx.execute(yes.limit(1)).first() is None:
        return 0
    return suppressions.lift_by_opt_in(tx, seller_id, number_key, now)
