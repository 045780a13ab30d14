"""People and their numbers, found and stored by the chunk."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text, union, update

from orchestrator.domain.contact_request import Channel, ConsentChannel, SuppressionKind, SuppressionScope
from orchestrator.persistence import own_words
from orchestrator.persistence.bulk_insert import bulk_insert
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import consents, contact_points, contacts, sellers, suppressions

FORBIDDEN = (SuppressionKind.OBJECTION, SuppressionKind.ERASED, SuppressionKind.RESTRICTION)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Additions:
    """What a chunk adds: whole rows, and for people already here the new values, by contact id."""

    contacts: dict[int, Row] = field(default_factory=dict)  # by id
    points: list[Row] = field(default_factory=list)
    consents: list[Row] = field(default_factory=list)
    suppressions: list[Row] = field(default_factory=list)
    changes: dict[int, Row] = field(default_factory=dict)


def lock_seller(tx: Connection, seller_id: str) -> None:
    """Let no other import of this seller decide who is new at the same time; inserts of others go on."""
    if tx.dialect.name != "sqlite":  # there BEGIN IMMEDIATE has locked everybody
        tx.execute(select(sellers.c.id).where(sellers.c.id == seller_id).with_for_update(key_share=True))


def find(
    tx: Connection, seller_id: str, external_keys: Collection[bytes], number_keys: Collection[bytes]
) -> Sequence[Record]:
    """The seller's people under one of these external ids or numbers, oldest first; erased ones are not found."""
    found = select(contact_points.c.contact_id).where(
        contact_points.c.seller_id == seller_id, contact_points.c.number_key.in_(number_keys)
    )
    if external_keys:
        by_id = contacts.c.seller_id == seller_id, contacts.c.external_key.in_(external_keys)
        ids = tx.execute(union(found, select(contacts.c.id).where(*by_id))).scalars().all()
    else:
        ids = tx.execute(found).scalars().all()
    if not ids:
        return []
    query = select(contacts).where(contacts.c.id.in_(ids), contacts.c.erased_at.is_(None))
    return tx.execute(query.order_by(contacts.c.id)).all()


def points_of(tx: Connection, contact_ids: Collection[int]) -> Sequence[Record]:
    """Which numbers these people have: contact_id, number_key, position."""
    columns = contact_points.c.contact_id, contact_points.c.number_key, contact_points.c.position
    return tx.execute(select(*columns).where(contact_points.c.contact_id.in_(contact_ids))).all()


def suppressed(
    tx: Connection,
    seller_id: str,
    number_keys: Collection[bytes],
    kinds: Collection[SuppressionKind] = tuple(SuppressionKind),
) -> Mapping[bytes, frozenset[str]]:
    """For each of these numbers with a standing no of these kinds to the seller as a whole, the channels it covers.

    A no stands until the person says yes to that channel again; what a list claims is no such yes.
    """
    query = select(
        *(suppressions.c.number_key, suppressions.c.kind, suppressions.c.channel),
        *(suppressions.c.at, suppressions.c.texts_again_at),
    ).where(
        suppressions.c.seller_id == seller_id,
        suppressions.c.number_key.in_(number_keys),
        suppressions.c.lifted_at.is_(None),
        suppressions.c.scope == SuppressionScope.ALL.value,
        suppressions.c.kind.in_([kind.value for kind in kinds]),
    )
    rows = tx.execute(query).all()
    agreed = own_words.latest(tx, seller_id, {bytes(row.number_key) for row in rows})
    found: dict[bytes, frozenset[str]] = {}
    for row in rows:
        key = bytes(row.number_key)
        if covered := _covered(row, agreed.get(key, {})):
            found[key] = found.get(key, frozenset()) | covered
    return found


def forbidden(tx: Connection, seller_id: str, number_keys: Collection[bytes]) -> Mapping[bytes, SuppressionKind]:
    """Of these numbers those whose person objected, was erased or is restricted: no part of them comes in again."""
    query = select(suppressions.c.number_key, suppressions.c.kind, suppressions.c.at).where(
        suppressions.c.seller_id == seller_id,
        suppressions.c.number_key.in_(number_keys),
        suppressions.c.lifted_at.is_(None),
        suppressions.c.kind.in_([kind.value for kind in FORBIDDEN]),
    )
    rows = tx.execute(query.order_by(suppressions.c.id)).all()
    agreed = own_words.latest(tx, seller_id, {bytes(row.number_key) for row in rows})
    return {
        bytes(row.number_key): SuppressionKind(row.kind)
        for row in rows
        if len(_open_again(row, agreed.get(bytes(row.number_key), {}))) == 0
    }


def erased(tx: Connection, seller_id: str, number_keys: Collection[bytes]) -> Mapping[bytes, datetime]:
    """Of these numbers those whose person was erased, with the last time that they were."""
    query = select(suppressions.c.number_key, func.max(suppressions.c.at).label("at")).where(
        suppressions.c.seller_id == seller_id,
        suppressions.c.number_key.in_(number_keys),
        suppressions.c.lifted_at.is_(None),
        suppressions.c.kind == SuppressionKind.ERASED.value,
    )
    rows = tx.execute(query.group_by(suppressions.c.number_key))
    return {bytes(row.number_key): row.at for row in rows}


def _covered(no: Record, agreed: Mapping[Channel, datetime]) -> frozenset[str]:
    """The channels that the no still covers: after START calls alone."""
    still = {channel for channel in Channel if ConsentChannel(no.channel).covers(channel)}
    if no.texts_again_at is not None:
        still.discard(Channel.SMS)
    still -= _open_again(no, agreed)
    return frozenset({ConsentChannel.ANY.value} if len(still) == len(Channel) else {one.value for one in still})


def _open_again(no: Record, agreed: Mapping[Channel, datetime]) -> AbstractSet[Channel]:
    """The channels to which the person said yes after this no; a restriction is no word about them."""
    if no.kind not in own_words.ENDED_BY_A_NEW_YES:
        return frozenset()
    return {channel for channel, at in agreed.items() if at > no.at}


def silences(channels: Collection[str]) -> bool:
    """Whether a no for these channels leaves none open."""
    return ConsentChannel.ANY.value in channels or {"voice", "sms"} <= set(channels)


def new_ids(tx: Connection, count: int) -> Sequence[int]:
    """Ids for so many new people; on SQLite good only within this transaction."""
    if not count:
        return ()
    if tx.dialect.name == "sqlite":
        last = tx.execute(select(func.coalesce(func.max(contacts.c.id), 0))).scalar_one()
        return range(last + 1, last + count + 1)
    sequence = text("SELECT nextval(pg_get_serial_sequence('contacts', 'id')) FROM generate_series(1, :count)")
    return tx.execute(sequence, {"count": count}).scalars().all()


def store(tx: Connection, additions: Additions, now: datetime) -> None:
    """Write what a chunk adds."""
    bulk_insert(tx, contacts, list(additions.contacts.values()))
    bulk_insert(tx, contact_points, additions.points)
    bulk_insert(tx, consents, additions.consents)
    bulk_insert(tx, suppressions, additions.suppressions)
    for contact_id, values in additions.changes.items():
        tx.execute(update(contacts).where(contacts.c.id == contact_id).values(updated_at=now, **values))
