"""A person's no, by number: it survives erasure and binds every campaign and channel that it covers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from orchestrator.domain.contact_request import (
    Channel,
    ConsentChannel,
    SuppressionFacts,
    SuppressionKind,
    SuppressionScope,
)
from orchestrator.persistence.tables.attempts import IS_LIVE, attempts, live_attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import contact_points, suppressions

# Built once: whoever picks up is looked up.
STANDING = select(
    suppressions.c.id,
    suppressions.c.kind,
    suppressions.c.channel,
    suppressions.c.scope,
    suppressions.c.campaign_id,
    suppressions.c.at,
    suppressions.c.texts_again_at,
).where(
    suppressions.c.seller_id == bindparam("b_seller"),
    suppressions.c.number_key == bindparam("b_key"),
    suppressions.c.lifted_at.is_(None),
)


def add(
    tx: Connection,
    *,
    seller_id: str,
    number_key: bytes,
    kind: SuppressionKind,
    at: datetime,
    source: str,
    channel: ConsentChannel = ConsentChannel.ANY,
    scope: SuppressionScope = SuppressionScope.ALL,
    campaign_id: int | None = None,
) -> int:
    """Store the no; its number. Every no is a row, also beside an older one, which a later START might open."""
    row = insert(suppressions).values(
        seller_id=seller_id,
        number_key=number_key,
        kind=kind.value,
        channel=channel.value,
        scope=scope.value,
        campaign_id=campaign_id,
        at=at,
        source=source,
    )
    suppression_id: int = tx.execute(row.returning(suppressions.c.id)).scalar_one()
    return suppression_id


def reopen_texts(tx: Connection, seller_id: str, number_key: bytes, at: datetime) -> int:
    """START: texts may come again to whoever stopped them by message; returns how many stops that opened.

    Nothing that they said in another way is touched, and calls stay stopped.
    """
    by_message = (
        (suppressions.c.seller_id == seller_id)
        & (suppressions.c.number_key == number_key)
        & (suppressions.c.kind == SuppressionKind.STOP_REPLY.value)
        & suppressions.c.lifted_at.is_(None)
        & suppressions.c.texts_again_at.is_(None)
    )
    return tx.execute(update(suppressions).where(by_message).values(texts_again_at=at, news_filed_at=None)).rowcount


def reopened_at(tx: Connection, seller_id: str, number_key: bytes, at: datetime) -> bool:
    """Whether a START of that very moment opened something."""
    query = select(suppressions.c.id).where(
        suppressions.c.seller_id == seller_id,
        suppressions.c.number_key == number_key,
        suppressions.c.texts_again_at == at,
    )
    return tx.execute(query.limit(1)).first() is not None


def lift_restriction(tx: Connection, seller_id: str, source: str, at: datetime) -> int:
    """Lift what one request restricted, under whichever number by now, and nothing else; returns how many."""
    lifted = (
        update(suppressions)
        .where(
            suppressions.c.seller_id == seller_id,
            suppressions.c.kind == SuppressionKind.RESTRICTION.value,
            suppressions.c.source == source,
            suppressions.c.lifted_at.is_(None),
        )
        .values(lifted_at=at)
    )
    return tx.execute(lifted).rowcount


def standing(tx: Connection, seller_id: str, number_key: bytes) -> Sequence[Record]:
    """Every no to this seller that stands: id, kind, channel, scope, campaign_id, when it was said, texts_again_at."""
    return tx.execute(STANDING, {"b_seller": seller_id, "b_key": number_key}).all()


def facts_of(row: Record) -> SuppressionFacts:
    """A row as the gate takes it."""
    return SuppressionFacts(
        kind=SuppressionKind(row.kind),
        channel=ConsentChannel(row.channel),
        at=row.at,
        campaign=None if row.campaign_id is None else str(row.campaign_id),
        scope=SuppressionScope(row.scope),
    )


def stopped_since(
    tx: Connection, *, seller_id: str, number_key: bytes, channel: Channel, campaign_id: int, since: datetime
) -> bool:
    """Whether a no that covers such an attempt was said at or after ``since``: the gate has judged the older ones."""
    return any(
        row.at >= since
        and not (channel is Channel.SMS and row.texts_again_at is not None)
        and ConsentChannel(row.channel).covers(channel)
        and (row.scope != SuppressionScope.CAMPAIGN.value or row.campaign_id == campaign_id)
        for row in standing(tx, seller_id, number_key)
    )


def live_with(tx: Connection, seller_id: str, number_key: bytes) -> set[UUID]:
    """Attempts of this seller that may still ring or arrive at the number, or at another of the same person."""
    to_number = (
        select(live_attempts.c.attempt_id)
        .join(attempts, attempts.c.id == live_attempts.c.attempt_id)
        .where(live_attempts.c.number_key == number_key, attempts.c.seller_id == seller_id)
    )
    holders = select(contact_points.c.contact_id).where(
        contact_points.c.seller_id == seller_id, contact_points.c.number_key == number_key
    )
    to_person = select(attempts.c.id).where(
        attempts.c.contact_id.in_(holders), attempts.c.seller_id == seller_id, IS_LIVE
    )
    return {*tx.execute(to_number).scalars(), *tx.execute(to_person).scalars()}
