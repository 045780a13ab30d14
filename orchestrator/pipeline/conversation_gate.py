"""The question to the gate about an answer that staff write to somebody who wrote to us."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from orchestrator.domain.campaign import Seller
from orchestrator.domain.consent_standing import Wanted
from orchestrator.domain.contact_request import (
    AttemptFacts,
    CallerFacts,
    CampaignFacts,
    Channel,
    ConsentChannel,
    ConsentFacts,
    ConsentLevel,
    ConsentSource,
    ContactFacts,
    ContactRequest,
    Direction,
    LawfulBasis,
    LineType,
    Message,
    MessageKind,
    PastContact,
    PastOutcome,
    Purpose,
    Subscriber,
    SuppressionFacts,
)
from orchestrator.persistence import consents_held, suppressions
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import contact_points, contacts, number_facts
from orchestrator.persistence.threads import last_word

REPLIES_FOR = timedelta(hours=24)  # so long an answer is a reply to what the person asked; later it is a new message


def question(
    tx: Connection,
    seller: Seller,
    thread: Record,
    number: str,
    *,
    campaign_id: int,
    person_keys: Sequence[bytes],
    stops: Sequence[Record],
    text: str,
    now: datetime,
) -> ContactRequest:
    """The question about this answer. That the person wrote is consent to be answered, and lifts no stop."""
    wrote_at = last_word(thread)
    asked = now - wrote_at <= REPLIES_FOR
    message = Message(
        kind=MessageKind.HELP_REPLY if asked else MessageKind.REGULAR,
        marketing=False,
        sender_identified=seller.name.casefold() in text.casefold(),
        opt_out_notice=False,
    )
    caller = CallerFacts(kind=seller.kind, id=seller.id, country=seller.country, registrations=seller.registrations)
    return ContactRequest(
        at=now,
        attempt=AttemptFacts(channel=Channel.SMS, message=message),
        campaign=CampaignFacts(
            id=str(campaign_id),
            purpose=Purpose.INFORMATIONAL,
            lawful_basis=LawfulBasis.LEGITIMATE_INTEREST,
            caller=caller,
        ),
        contact=_contact(tx, seller.id, bytes(thread.number_key), number),
        consents=(_their_message(wrote_at),),
        suppressions=_noes(tx, seller.id, person_keys, stops),
        history=(
            PastContact(at=wrote_at, channel=Channel.SMS, direction=Direction.INBOUND, outcome=PastOutcome.RECEIVED),
        ),
    )


def _their_message(wrote_at: datetime) -> ConsentFacts:
    return ConsentFacts(
        channel=ConsentChannel.SMS,
        level=ConsentLevel.EXPRESS,
        given_at=wrote_at,
        automated=True,
        evidence=True,
        source=ConsentSource.OTHER,  # none of those by which a person takes a stop back
    )


def _noes(
    tx: Connection, seller_id: str, keys: Sequence[bytes], stops: Sequence[Record]
) -> tuple[SuppressionFacts, ...]:
    """Every no that holds, and those to being informed that stand in the ledger alone."""
    told = consents_held.read(tx, [seller_id], keys)
    noes = [no for key in keys for no in told.get((seller_id, key), consents_held.NOTHING).noes]
    informed = Wanted.of(Purpose.INFORMATIONAL, sells=False, sells_by_text=False)
    said = (suppressions.facts_of(stop) for stop in stops if stop.texts_again_at is None)
    return (*said, *(no for no in consents_held.forbidding(noes, informed) if no.channel.covers(Channel.SMS)))


def _contact(tx: Connection, seller_id: str, key: bytes, number: str) -> ContactFacts:
    """What the seller's lists know of whoever has the number; the number alone where they do not."""
    query = (
        select(contacts, number_facts.c.line_type)
        .join(contact_points, contact_points.c.contact_id == contacts.c.id)
        .outerjoin(number_facts, number_facts.c.number_key == contact_points.c.number_key)
        .where(contact_points.c.seller_id == seller_id, contact_points.c.number_key == key)
        .order_by(contacts.c.updated_at.desc())
    )
    row = tx.execute(query.limit(1)).one_or_none()
    if row is None:
        return ContactFacts(number=number)
    return ContactFacts(
        number=number,
        id=str(row.id),
        line_type=LineType(row.line_type or LineType.UNKNOWN),
        country=row.country,
        region=row.region,
        time_zone=row.time_zone,
        subscriber=Subscriber(row.subscriber),
    )
