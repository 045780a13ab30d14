"""Holdings of people: who they are, how they came in, what is known of their numbers, what they allowed."""

from typing import Any

from sqlalchemy import ColumnElement, exists, func, select

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.enrollment import EnrollmentStage
from orchestrator.domain.retention import Clock, DataClass
from orchestrator.persistence.retention.holding import (
    NOT_OVER,
    GoesWith,
    Holding,
    created,
    latest,
    latest_of,
    number_is_held,
    one_of,
)
from orchestrator.persistence.tables.agents import offers
from orchestrator.persistence.tables.attempts import IS_LIVE, attempts
from orchestrator.persistence.tables.campaigns import campaigns, enrollments
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.desk import callbacks
from orchestrator.persistence.tables.lists import imports, list_rows, lists
from orchestrator.persistence.tables.opting_in import opt_ins
from orchestrator.persistence.tables.people import consents, contact_points, contacts, number_facts
from orchestrator.persistence.tables.retention import last_uses
from orchestrator.persistence.tables.rights import kept_proofs

OVER = (CampaignState.COMPLETED, CampaignState.CANCELLED, CampaignState.ARCHIVED)
STILL_MEANT = "in a campaign that is not over"
HAS_ITS_CONTACT = "the person is still here"
SOMEBODY_HAS_IT = "somebody still has the number"
HAS_ITS_OFFERS = "it lay before an agent not long ago"
HAS_ITS_CONSENT = "it is what the proof of a consent runs from"
HAS_ITS_ROWS = "some of its rows are still here"

_THEIR_NUMBERS = exists().where(
    contact_points.c.contact_id == contacts.c.id,
    number_is_held(contact_points.c.number_key, contact_points.c.seller_id),
)
_LAST_HEARD = select(func.max(inbound_contacts.c.at)).where(
    inbound_contacts.c.seller_id == contacts.c.seller_id,
    inbound_contacts.c.number_key.in_(
        select(contact_points.c.number_key).where(contact_points.c.contact_id == contacts.c.id).correlate(contacts)
    ),
)
_LAST_CONTACT = latest_of(
    contacts.c.updated_at,
    latest(attempts.c.planned_at, contacts.c.updated_at, attempts.c.contact_id == contacts.c.id),
    func.coalesce(_LAST_HEARD.correlate(contacts).scalar_subquery(), contacts.c.updated_at),
)
CONTACTS = Holding(
    data_class=DataClass.CONTACTS,
    table=contacts,
    clocks={Clock.LAST_CONTACT: _LAST_CONTACT},
    since=contacts.c.updated_at,
    country=contacts.c.country,
    seller=contacts.c.seller_id,
    held=_THEIR_NUMBERS,
    stays={
        STILL_MEANT: exists()
        .where(enrollments.c.contact_id == contacts.c.id, enrollments.c.stage != EnrollmentStage.DONE)
        .where(campaigns.c.id == enrollments.c.campaign_id, campaigns.c.state.not_in(OVER)),
        NOT_OVER: exists().where(attempts.c.contact_id == contacts.c.id, IS_LIVE),
        HAS_ITS_OFFERS: exists().where(
            offers.c.enrollment_id == enrollments.c.id, enrollments.c.contact_id == contacts.c.id
        ),
    },
    goes_with=(
        GoesWith(callbacks.c.enrollment_id, (enrollments.c.id, enrollments.c.contact_id)),
        GoesWith(enrollments.c.contact_id),
        GoesWith(contact_points.c.contact_id),
    ),
)
NUMBER_FACTS = Holding(
    data_class=DataClass.NUMBER_FACTS,
    table=number_facts,
    clocks=created(
        latest_of(
            func.coalesce(number_facts.c.line_type_at, number_facts.c.dead_at),
            func.coalesce(number_facts.c.dead_at, number_facts.c.line_type_at),
        )
    ),
    since=func.coalesce(number_facts.c.line_type_at, number_facts.c.dead_at),
    held=number_is_held(number_facts.c.number_key),
    stays={SOMEBODY_HAS_IT: exists().where(contact_points.c.number_key == number_facts.c.number_key)},
)
LIST_ROWS = Holding(
    data_class=DataClass.LIST_ROWS,
    table=list_rows,
    clocks=created(one_of(select(imports.c.started_at).where(imports.c.id == list_rows.c.import_id))),
    since=one_of(select(imports.c.started_at).where(imports.c.id == list_rows.c.import_id)),
    seller=one_of(select(lists.c.seller_id).where(lists.c.id == list_rows.c.list_id)),
    stays={HAS_ITS_CONTACT: list_rows.c.contact_id.is_not(None)},
)
IMPORTS = Holding(
    data_class=DataClass.LIST_ROWS,
    table=imports,
    clocks=created(imports.c.started_at),
    since=imports.c.started_at,
    seller=one_of(select(lists.c.seller_id).where(lists.c.id == imports.c.list_id)),
    stays={HAS_ITS_ROWS: exists().where(list_rows.c.import_id == imports.c.id), NOT_OVER: imports.c.state == "running"},
)

_OF_SAME_NUMBER = consents.alias("of_same_number")
_SAME = (
    _OF_SAME_NUMBER.c.seller_id == consents.c.seller_id,
    _OF_SAME_NUMBER.c.number_key == consents.c.number_key,
)
# All that was said of one number stays or goes as one: a yes must never outlive the no after it.
_SAID = latest(
    latest_of(
        _OF_SAME_NUMBER.c.happened_at,
        _OF_SAME_NUMBER.c.recorded_at,
        func.coalesce(_OF_SAME_NUMBER.c.expires_at, _OF_SAME_NUMBER.c.happened_at),
    ),
    consents.c.recorded_at,
    *_SAME,
)
_USED = latest_of(
    _SAID,
    latest(
        attempts.c.planned_at,
        consents.c.recorded_at,
        attempts.c.seller_id == consents.c.seller_id,
        attempts.c.number_key == consents.c.number_key,
    ),
    latest(
        last_uses.c.used_at,
        consents.c.recorded_at,
        last_uses.c.seller_id == consents.c.seller_id,
        last_uses.c.number_key == consents.c.number_key,
    ),
)


def _country_of_number(seller: ColumnElement[Any], number: ColumnElement[Any]) -> ColumnElement[Any]:
    """Of whoever has it, else as the last calls to it knew."""
    theirs = (contact_points.c.seller_id == seller, contact_points.c.number_key == number)
    called = (attempts.c.seller_id == seller, attempts.c.number_key == number)
    used = (last_uses.c.seller_id == seller, last_uses.c.number_key == number)
    return func.coalesce(
        one_of(select(contact_points.c.country).where(*theirs)),
        one_of(select(attempts.c.country).where(*called)),
        one_of(select(last_uses.c.country).where(*used)),
    )


CONSENTS = Holding(
    data_class=DataClass.CONSENTS,
    table=consents,
    clocks={Clock.EACH_USE: _USED, Clock.CREATION: _SAID},
    since=consents.c.recorded_at,
    country=_country_of_number(consents.c.seller_id, consents.c.number_key),
    seller=consents.c.seller_id,
    held=number_is_held(consents.c.number_key, consents.c.seller_id),
    goes_with=(GoesWith(kept_proofs.c.consent_id),),
)
_ENDED = func.coalesce(opt_ins.c.ended_at, opt_ins.c.requested_at)
OPT_INS = Holding(
    data_class=DataClass.CONSENTS,
    table=opt_ins,
    clocks={Clock.EACH_USE: _ENDED, Clock.CREATION: _ENDED},
    since=opt_ins.c.requested_at,
    country=opt_ins.c.country,
    seller=opt_ins.c.seller_id,
    held=number_is_held(opt_ins.c.number_key, opt_ins.c.seller_id),
    stays={
        NOT_OVER: (opt_ins.c.state == "pending") | opt_ins.c.due_at.is_not(None),
        HAS_ITS_CONSENT: exists().where(consents.c.record_id == opt_ins.c.record_id),
    },
)
LAST_USES = Holding(
    data_class=DataClass.CONSENTS,
    table=last_uses,
    clocks={Clock.EACH_USE: last_uses.c.used_at, Clock.CREATION: last_uses.c.used_at},
    since=last_uses.c.used_at,
    country=last_uses.c.country,
    seller=last_uses.c.seller_id,
    held=number_is_held(last_uses.c.number_key, last_uses.c.seller_id),
    stays={
        HAS_ITS_CONSENT: exists().where(
            consents.c.seller_id == last_uses.c.seller_id, consents.c.number_key == last_uses.c.number_key
        )
    },
)
