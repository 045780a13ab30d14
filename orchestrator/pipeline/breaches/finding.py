"""Whose data an account or token touched in a span of time, counted by seller."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from orchestrator.domain.breach import AGENT, EVERYBODY, Category, Touched, categories_of
from orchestrator.persistence import access_queries, touched
from orchestrator.persistence.access_queries import Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which account or token, ``*`` for all, from ``since`` on and before ``until``."""

    actor: str
    since: datetime
    until: datetime


@dataclass
class _Seen:
    """What was read of one seller."""

    keys: set[bytes] = field(default_factory=set)
    readings: Counter[str] = field(default_factory=Counter)


def find(tx: Connection, span: Span) -> list[Touched]:
    """What was touched, by seller; nothing where no reading is on record."""
    seen = keys_by_seller(tx, span)
    return [_count(tx, seller_id, one) for seller_id, one in sorted(seen.items())]


def keys_by_seller(tx: Connection, span: Span) -> dict[str, _Seen]:
    """The numbers that were read, by seller, and by how many readings of each kind."""
    found: defaultdict[str, _Seen] = defaultdict(_Seen)
    actor = None if span.actor == EVERYBODY else span.actor
    readings = access_queries.in_order(tx, Asked(since=span.since, until=span.until, actor=actor))
    keys = access_queries.keys_read(tx, [row.id for row in readings])
    for row in readings:
        for seller_id, read in _by_seller(tx, row.seller_id, keys[row.id]).items():
            found[seller_id].keys |= read
            found[seller_id].readings[row.action] += 1
    if span.actor.startswith(AGENT):
        for seller_id, read in touched.shown_to_agent(
            tx, span.actor.removeprefix(AGENT), span.since, span.until
        ).items():
            found[seller_id].keys |= read
            found[seller_id].readings["card"] += len(read)
    return found


def _by_seller(tx: Connection, seller_id: str | None, keys: set[bytes]) -> dict[str, set[bytes]]:
    if seller_id is not None:
        return {seller_id: keys}
    found: defaultdict[str, set[bytes]] = defaultdict(set)
    for row in touched.people_with(tx, keys, None):
        found[row.seller_id].add(bytes(row.number_key))
    for key, holders in touched.sellers_holding(tx, keys).items():
        for holder in holders:
            found[holder].add(key)
    return found


def _count(tx: Connection, seller_id: str, seen: _Seen) -> Touched:
    people = list(touched.people_with(tx, seen.keys, seller_id))
    listed = {bytes(row.number_key): row.country for row in people}
    gone = seen.keys - listed.keys()
    languages = {row.contact_id: row.language or "" for row in people}
    countries = Counter(listed.values()) + touched.countries_dialled(tx, gone, seller_id)
    return Touched(
        seller_id=seller_id,
        people=len(languages),
        numbers=len(seen.keys),
        unlisted=len(gone),
        countries=dict(sorted(countries.items())),
        languages=dict(sorted(Counter(languages.values()).items())),
        categories=_categories(seen.readings),
        readings=dict(sorted(seen.readings.items())),
    )


def _categories(actions: Collection[str]) -> tuple[Category, ...]:
    shown = {category for action in actions for category in categories_of(action)}
    return tuple(category for category in Category if category in shown)
