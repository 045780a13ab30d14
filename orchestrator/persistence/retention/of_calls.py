"""Holdings of what was done to reach people: calls, messages, words, decisions, and what the carrier said of them."""

from sqlalchemy import and_, exists, func, or_, select

from orchestrator.domain.retention import DataClass
from orchestrator.persistence.inbox import EVENT
from orchestrator.persistence.retention.holding import (
    NOT_OVER,
    GoesWith,
    Holding,
    SealedNumbers,
    created,
    number_is_held,
    one_of,
)
from orchestrator.persistence.tables.agents import offers
from orchestrator.persistence.tables.attempts import IS_LIVE, attempts, cancellations, live_attempts, machine_messages
from orchestrator.persistence.tables.campaigns import campaigns, decisions
from orchestrator.persistence.tables.deliveries import deliveries, inbound_contacts, inbox
from orchestrator.persistence.tables.desk import callbacks, dispositions, transfers
from orchestrator.persistence.tables.opting_in import opt_in_requests
from orchestrator.persistence.tables.people import contact_points, contacts
from orchestrator.persistence.tables.rights import carrier_erasures
from orchestrator.persistence.tables.task_routing import agent_tasks

NOT_APPLIED = "not applied yet"
HAS_ITS_CALL = "its call is still here"

_ATTEMPT_OF_DELIVERY = exists().where(
    attempts.c.id == inbox.c.attempt_id, number_is_held(attempts.c.number_key, attempts.c.seller_id)
)
INBOX = Holding(
    data_class=DataClass.RAW_DELIVERIES,
    table=inbox,
    clocks=created(inbox.c.received_at),
    since=inbox.c.received_at,
    held=_ATTEMPT_OF_DELIVERY,
    stays={NOT_APPLIED: inbox.c.processed_at.is_(None)},
    sealed_numbers=SealedNumbers(inbox.c.event_sealed, EVENT, ("from_", "to")),
)
OPT_IN_REQUESTS = Holding(
    data_class=DataClass.RAW_DELIVERIES,
    table=opt_in_requests,
    clocks=created(opt_in_requests.c.at),
    since=opt_in_requests.c.at,
)
DELIVERIES = Holding(
    data_class=DataClass.RAW_DELIVERIES,
    table=deliveries,
    clocks=created(deliveries.c.received_at),
    since=deliveries.c.received_at,
)
_HELD_ATTEMPT = number_is_held(attempts.c.number_key, attempts.c.seller_id)
_NOT_OVER = or_(
    IS_LIVE,
    attempts.c.followed_up.is_(False),
    attempts.c.rescue_at.is_not(None),
    exists().where(live_attempts.c.attempt_id == attempts.c.id),
    exists().where(cancellations.c.attempt_id == attempts.c.id, cancellations.c.done_at.is_(None)),
    exists().where(carrier_erasures.c.attempt_id == attempts.c.id, carrier_erasures.c.done_at.is_(None)),
    exists().where(callbacks.c.attempt_id == attempts.c.id, callbacks.c.state == "waiting"),
)
ATTEMPT_STAYS = {NOT_OVER: _NOT_OVER}
ATTEMPTS = Holding(
    data_class=DataClass.ATTEMPTS,
    table=attempts,
    clocks=created(attempts.c.planned_at),
    since=attempts.c.planned_at,
    country=attempts.c.country,
    seller=attempts.c.seller_id,
    held=_HELD_ATTEMPT,
    stays=ATTEMPT_STAYS,
    goes_with=(
        GoesWith(dispositions.c.attempt_id),
        GoesWith(transfers.c.attempt_id),
        GoesWith(machine_messages.c.attempt_id),
        GoesWith(cancellations.c.attempt_id),
        GoesWith(callbacks.c.attempt_id),
    ),
)
_COUNTRY_OF_CALLER = func.coalesce(
    one_of(
        select(contact_points.c.country).where(
            contact_points.c.seller_id == inbound_contacts.c.seller_id,
            contact_points.c.number_key == inbound_contacts.c.number_key,
        )
    ),
    one_of(select(attempts.c.country).where(attempts.c.number_key == inbound_contacts.c.number_key)),
)
_HELD_CALLER = number_is_held(inbound_contacts.c.number_key, inbound_contacts.c.seller_id)
INBOUND = Holding(
    data_class=DataClass.ATTEMPTS,
    table=inbound_contacts,
    clocks=created(inbound_contacts.c.at),
    since=inbound_contacts.c.at,
    country=_COUNTRY_OF_CALLER,
    seller=inbound_contacts.c.seller_id,
    held=_HELD_CALLER,
    stays={
        NOT_OVER: or_(
            and_(inbound_contacts.c.channel == "voice", inbound_contacts.c.ended_at.is_(None)),
            exists().where(carrier_erasures.c.sid == inbound_contacts.c.sid, carrier_erasures.c.done_at.is_(None)),
        )
    },
)
WORDS_SENT = Holding(
    data_class=DataClass.MESSAGE_BODIES,
    table=attempts,
    clocks=created(attempts.c.planned_at),
    since=attempts.c.planned_at,
    country=attempts.c.country,
    seller=attempts.c.seller_id,
    held=_HELD_ATTEMPT,
    stays=ATTEMPT_STAYS,
    blank=(attempts.c.body_sealed,),
)
WORDS_HEARD = Holding(
    data_class=DataClass.MESSAGE_BODIES,
    table=inbound_contacts,
    clocks=created(inbound_contacts.c.at),
    since=inbound_contacts.c.at,
    country=_COUNTRY_OF_CALLER,
    seller=inbound_contacts.c.seller_id,
    held=_HELD_CALLER,
    blank=(inbound_contacts.c.body_sealed,),
)
_SELLER_OF_NOTE = one_of(select(campaigns.c.seller_id).where(campaigns.c.id == dispositions.c.campaign_id))
NOTES = Holding(
    data_class=DataClass.AGENTS_NOTES,
    table=dispositions,
    clocks=created(dispositions.c.at),
    since=dispositions.c.at,
    country=one_of(select(attempts.c.country).where(attempts.c.id == dispositions.c.attempt_id)),
    seller=_SELLER_OF_NOTE,
    held=exists().where(attempts.c.id == dispositions.c.attempt_id, _HELD_ATTEMPT),
    blank=(dispositions.c.note_sealed,),
)
HANDED_TO = Holding(
    data_class=DataClass.AGENTS_NOTES,
    table=transfers,
    clocks=created(transfers.c.asked_at),
    since=transfers.c.asked_at,
    country=one_of(select(attempts.c.country).where(attempts.c.id == transfers.c.attempt_id)),
    seller=one_of(select(attempts.c.seller_id).where(attempts.c.id == transfers.c.attempt_id)),
    held=exists().where(attempts.c.id == transfers.c.attempt_id, _HELD_ATTEMPT),
    stays={NOT_OVER: transfers.c.settled_at.is_(None)},
    blank=(transfers.c.to_sealed,),
)
CALLS_AT_CARRIER = Holding(
    data_class=DataClass.CARRIER_SIDE,
    table=attempts,
    clocks=created(attempts.c.planned_at),
    since=attempts.c.planned_at,
    country=attempts.c.country,
    seller=attempts.c.seller_id,
    held=_HELD_ATTEMPT,
    stays=ATTEMPT_STAYS,
    todo=and_(
        attempts.c.sid.is_not(None),
        ~exists().where(carrier_erasures.c.attempt_id == attempts.c.id),
        ~exists().where(carrier_erasures.c.sid == attempts.c.sid),
    ),
)
INBOUND_AT_CARRIER = Holding(
    data_class=DataClass.CARRIER_SIDE,
    table=inbound_contacts,
    clocks=created(inbound_contacts.c.at),
    since=inbound_contacts.c.at,
    country=_COUNTRY_OF_CALLER,
    seller=inbound_contacts.c.seller_id,
    held=_HELD_CALLER,
    stays=INBOUND.stays,
    todo=~exists().where(carrier_erasures.c.sid == inbound_contacts.c.sid),
)
_CARRIER_ASKED_FOR = one_of(select(attempts.c.country).where(attempts.c.id == carrier_erasures.c.attempt_id))
ASKED_OF_CARRIER = Holding(
    data_class=DataClass.ATTEMPTS,
    table=carrier_erasures,
    clocks=created(carrier_erasures.c.filed_at),
    since=carrier_erasures.c.filed_at,
    country=_CARRIER_ASKED_FOR,
    seller=carrier_erasures.c.seller_id,
    stays={
        NOT_OVER: carrier_erasures.c.done_at.is_(None),
        HAS_ITS_CALL: or_(
            exists().where(attempts.c.id == carrier_erasures.c.attempt_id),
            exists().where(inbound_contacts.c.sid == carrier_erasures.c.sid),
        ),
    },
)
DECISIONS = Holding(
    data_class=DataClass.DECISIONS,
    table=decisions,
    clocks=created(decisions.c.last_at),
    since=decisions.c.last_at,
    country=func.coalesce(
        one_of(select(attempts.c.country).where(attempts.c.id == decisions.c.attempt_id)),
        one_of(select(contacts.c.country).where(contacts.c.id == decisions.c.contact_id)),
    ),
    seller=decisions.c.seller_id,
    held=number_is_held(decisions.c.number_key, decisions.c.seller_id),
    stays={NOT_OVER: exists().where(attempts.c.id == decisions.c.attempt_id, _NOT_OVER)},
)
_SELLER_OF_OFFER = one_of(select(campaigns.c.seller_id).where(campaigns.c.id == offers.c.campaign_id))
OFFERS = Holding(
    data_class=DataClass.OFFERS,
    table=offers,
    clocks=created(offers.c.offered_at),
    since=offers.c.offered_at,
    seller=_SELLER_OF_OFFER,
    held=number_is_held(offers.c.number_key, _SELLER_OF_OFFER),
    stays={
        NOT_OVER: or_(
            offers.c.decided_at.is_(None),
            exists().where(agent_tasks.c.offer_id == offers.c.id, agent_tasks.c.stage != "over"),
        )
    },
    goes_with=(GoesWith(agent_tasks.c.offer_id),),
)
