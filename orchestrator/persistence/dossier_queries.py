"""What is read of a batch of people for their dossiers.

Each is built once: a batch is read by all of them, and building one takes as long as running it.
"""

from typing import Any

from sqlalchemy import BindParameter, bindparam, or_, select

from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import campaigns, enrollments
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.people import contact_points, contacts, number_facts, suppressions

ABOUT_A_PERSON = (
    contacts.c.profile_sealed,
    contacts.c.country,
    contacts.c.region,
    contacts.c.time_zone,
    contacts.c.language,
    contacts.c.subscriber,
    contacts.c.erased_at,
)
_KEYS: BindParameter[Any] = bindparam("b_keys", expanding=True)
_SELLERS: BindParameter[Any] = bindparam("b_sellers", expanding=True)  # the indexes by number begin with the seller
_CONTACTS: BindParameter[Any] = bindparam("b_contacts", expanding=True)
_SINCE: BindParameter[Any] = bindparam("b_since")
PEOPLE = (
    select(
        enrollments.c.id,
        enrollments.c.contact_id,
        enrollments.c.campaign_id,
        enrollments.c.seller_id,
        enrollments.c.stage,
        enrollments.c.lane,
        enrollments.c.lease_holder,
        enrollments.c.last_ordinal,
        enrollments.c.next_eligible_at,
        *ABOUT_A_PERSON,
    )
    .join(contacts, contacts.c.id == enrollments.c.contact_id)
    .where(enrollments.c.id.in_(bindparam("b_enrollments", expanding=True)))
)
POINTS = (
    select(
        contact_points.c.contact_id,
        contact_points.c.number_key,
        contact_points.c.number_sealed,
        contact_points.c.country,
        contact_points.c.position,
        contact_points.c.created_at,
        number_facts.c.line_type,
        number_facts.c.dead_at,
    )
    .outerjoin(number_facts, number_facts.c.number_key == contact_points.c.number_key)
    .where(contact_points.c.contact_id.in_(_CONTACTS))
    .order_by(contact_points.c.contact_id, contact_points.c.position, contact_points.c.id)
)
SUPPRESSIONS = (
    select(suppressions)
    .where(
        suppressions.c.seller_id.in_(_SELLERS),
        suppressions.c.number_key.in_(_KEYS),
        suppressions.c.lifted_at.is_(None),
    )
    .order_by(suppressions.c.id)
)
_ATTEMPTS = (
    select(
        attempts.c.seller_id,
        attempts.c.contact_id,
        attempts.c.enrollment_id,
        attempts.c.number_key.label("key"),
        attempts.c.campaign_id,
        attempts.c.channel,
        attempts.c.mode,
        attempts.c.stage,
        attempts.c.outcome,
        attempts.c.amd,
        attempts.c.answered_by,
        attempts.c.message_at,
        attempts.c.planned_at,
        attempts.c.ringing_at,
        attempts.c.ended_at,
        attempts.c.next_step,
        attempts.c.rest_seconds,
        attempts.c.error_code,
        attempts.c.step,
        campaigns.c.purpose,
        campaigns.c.plan["subject"].as_string().label("subject"),
    )
    .join(campaigns, campaigns.c.id == attempts.c.campaign_id)
    .order_by(attempts.c.planned_at)
)
PAST = _ATTEMPTS.where(
    or_(attempts.c.contact_id.in_(_CONTACTS), attempts.c.number_key.in_(_KEYS)), attempts.c.planned_at >= _SINCE
)
OLDER = _ATTEMPTS.where(
    attempts.c.enrollment_id.in_(bindparam("b_enrollments", expanding=True)), attempts.c.planned_at < _SINCE
)
INBOUND = select(inbound_contacts).where(
    inbound_contacts.c.seller_id.in_(_SELLERS),
    inbound_contacts.c.number_key.in_(_KEYS),
    inbound_contacts.c.at >= _SINCE,
)
