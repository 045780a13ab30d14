"""Holdings of what people wrote back and were answered, and of the senders of texts."""

from typing import Any

from sqlalchemy import ColumnElement, Table, exists, func, or_, select

from orchestrator.domain.retention import DataClass
from orchestrator.persistence.retention.holding import (
    NOT_OVER,
    Holding,
    created,
    day_after,
    latest_of,
    number_is_held,
    one_of,
)
from orchestrator.persistence.tables.attempts import IS_LIVE, attempts
from orchestrator.persistence.tables.conversations import answers, consent_outbox, deactivation_days, reviews, threads
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.people import contact_points
from orchestrator.persistence.tables.texting import sender_bonds, sender_days, sender_rests

HAS_ITS_WORDS = "something that was said in it is still here"
SELLER_HAS_IT = "the seller still has the number"


def _country(table: Table) -> ColumnElement[Any]:
    """Of whoever has the number, else as the last calls to it knew."""
    has_it = (contact_points.c.seller_id == table.c.seller_id, contact_points.c.number_key == table.c.number_key)
    return func.coalesce(
        one_of(select(contact_points.c.country).where(*has_it)),
        one_of(select(attempts.c.country).where(attempts.c.number_key == table.c.number_key)),
    )


def _held(table: Table) -> ColumnElement[bool]:
    return number_is_held(table.c.number_key, table.c.seller_id)


ANSWERS = Holding(
    data_class=DataClass.ATTEMPTS,
    table=answers,
    clocks=created(answers.c.written_at),
    since=answers.c.written_at,
    country=_country(answers),
    seller=answers.c.seller_id,
    held=_held(answers),
    stays={NOT_OVER: exists().where(attempts.c.id == answers.c.id, IS_LIVE)},
)
_LAST_SAID = latest_of(
    threads.c.created_at,
    func.coalesce(threads.c.last_reply_at, threads.c.created_at),
    func.coalesce(threads.c.last_opt_out_at, threads.c.created_at),
)
THREADS = Holding(
    data_class=DataClass.ATTEMPTS,
    table=threads,
    clocks=created(_LAST_SAID),
    since=threads.c.created_at,
    country=_country(threads),
    seller=threads.c.seller_id,
    held=_held(threads),
    stays={
        HAS_ITS_WORDS: or_(
            exists().where(answers.c.thread_id == threads.c.id),
            exists().where(inbound_contacts.c.thread_id == threads.c.id),
        )
    },
)
REVIEWS = Holding(
    data_class=DataClass.ATTEMPTS,
    table=reviews,
    clocks=created(reviews.c.asked_at),
    since=reviews.c.asked_at,
    country=_country(reviews),
    seller=reviews.c.seller_id,
    held=_held(reviews),
    stays={NOT_OVER: reviews.c.decided_at.is_(None)},
)
CONSENT_OUTBOX = Holding(
    data_class=DataClass.CARRIER_BOOKS,
    table=consent_outbox,
    clocks=created(consent_outbox.c.said_at),
    since=consent_outbox.c.said_at,
    seller=consent_outbox.c.seller_id,
    held=_held(consent_outbox),
    stays={NOT_OVER: consent_outbox.c.due_at.is_not(None)},
)
DEACTIVATION_DAYS = Holding(
    data_class=DataClass.SCRUBS,
    table=deactivation_days,
    clocks=created(deactivation_days.c.read_at),
    since=deactivation_days.c.read_at,
)
SENDER_BONDS = Holding(
    data_class=DataClass.NUMBER_FACTS,
    table=sender_bonds,
    clocks=created(sender_bonds.c.since),
    since=sender_bonds.c.since,
    seller=sender_bonds.c.seller_id,
    held=_held(sender_bonds),
    stays={
        SELLER_HAS_IT: exists().where(
            contact_points.c.seller_id == sender_bonds.c.seller_id,
            contact_points.c.number_key == sender_bonds.c.number_key,
        )
    },
)
SENDER_DAYS = Holding(
    data_class=DataClass.CALLER_DAYS,
    table=sender_days,
    clocks=created(day_after(sender_days.c.on)),
    since=day_after(sender_days.c.on),
)
SENDER_RESTS = Holding(
    data_class=DataClass.CALLER_DAYS,
    table=sender_rests,
    clocks=created(sender_rests.c.since),
    since=sender_rests.c.since,
    stays={NOT_OVER: sender_rests.c.ended_at.is_(None)},
)
