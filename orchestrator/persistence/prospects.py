"""Dossiers of people whether they are enrolled yet or not, for asking what would become of them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, func, literal, select

from orchestrator.persistence import dossiers
from orchestrator.persistence.dossier_queries import ABOUT_A_PERSON
from orchestrator.persistence.dossiers import Dossier
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import contacts

NOT_ENROLLED = 0


def load(
    tx: Connection, keyring: Keyring, campaign_id: int, contact_ids: Sequence[int], since: datetime
) -> list[Dossier]:
    """The dossiers of these contacts in this campaign; the enrollment of one who is not in it has no id and no stage.

    Nobody is locked: what is read here is good for an outlook, not for a call.
    """
    return dossiers.assemble(tx, keyring, _people(tx, campaign_id, contact_ids), since)


def _people(tx: Connection, campaign_id: int, contact_ids: Sequence[int]) -> Sequence[Record]:
    here = and_(enrollments.c.contact_id == contacts.c.id, enrollments.c.campaign_id == campaign_id)
    query = (
        select(
            func.coalesce(enrollments.c.id, NOT_ENROLLED).label("id"),
            contacts.c.id.label("contact_id"),
            contacts.c.seller_id,
            literal(campaign_id).label("campaign_id"),
            enrollments.c.stage,
            enrollments.c.done_reason,
            enrollments.c.last_ordinal,
            *ABOUT_A_PERSON,
        )
        .outerjoin(enrollments, here)
        .where(contacts.c.id.in_(contact_ids), contacts.c.erased_at.is_(None))
        .order_by(contacts.c.id)
    )
    return tx.execute(query).all()
