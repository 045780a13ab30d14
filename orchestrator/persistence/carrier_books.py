"""What our books say of the carrier's calls and messages: asked a page at a time, by its names and by number."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, select

from orchestrator.persistence.agents import PROFILE
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.identity import first_id
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.deliveries import inbound_contacts

AT_ONCE = 500
Name = TypeVar("Name", str, bytes)


def agents_addresses(tx: Connection, keyring: Keyring) -> frozenset[str]:
    """Where our agents are rung."""
    sealed = tx.execute(select(agents.c.profile_sealed)).scalars()
    return frozenset(str(keyring.open_json(one, PROFILE)["address"]) for one in sealed)


def agents_legs(tx: Connection) -> frozenset[str]:
    """The names of the calls that hold, or last held, an agent."""
    rows = tx.execute(select(agents.c.leg_sid, agents.c.last_leg_sid))
    return frozenset(sid for row in rows for sid in row if sid is not None)


def attempts_named(tx: Connection, sids: Collection[str]) -> frozenset[str]:
    """Those of these names that an attempt bears."""
    query = select(attempts.c.sid)
    chunks = _chunks(sorted(sids))
    return frozenset(sid for few in chunks for sid in tx.execute(query.where(attempts.c.sid.in_(few))).scalars())


def inbound_named(tx: Connection, sids: Collection[str]) -> frozenset[str]:
    """Those of these names that somebody's call or message to us bears."""
    query = select(inbound_contacts.c.sid)
    chunks = _chunks(sorted(sids))
    return frozenset(
        sid for few in chunks for sid in tx.execute(query.where(inbound_contacts.c.sid.in_(few))).scalars()
    )


def wrote_to_us(tx: Connection, keys: Collection[bytes], since: datetime) -> frozenset[bytes]:
    """Those of these numbers that a message came from since then."""
    query = select(inbound_contacts.c.number_key).where(
        inbound_contacts.c.channel == "sms", inbound_contacts.c.at >= since
    )
    chunks = _chunks(sorted(keys))
    found = (key for few in chunks for key in tx.execute(query.where(inbound_contacts.c.number_key.in_(few))).scalars())
    return frozenset(bytes(key) for key in found)


def unnamed_attempts(
    tx: Connection, keys: Collection[bytes], channel: str, since: datetime, until: datetime
) -> Sequence[Record]:
    """Attempts to these numbers, planned between then, that bear no name of the carrier; oldest first."""
    query = (
        select(
            attempts.c.id,
            attempts.c.number_key,
            attempts.c.from_address,
            attempts.c.planned_at,
            attempts.c.stage,
        )
        .where(attempts.c.sid.is_(None), attempts.c.channel == channel)
        .where(attempts.c.planned_at >= since, attempts.c.planned_at <= until)
        .order_by(attempts.c.planned_at)
    )
    chunks = _chunks(sorted(keys))
    return [row for few in chunks for row in tx.execute(query.where(attempts.c.number_key.in_(few)))]


def named_attempts(tx: Connection, channel: str, since: datetime, until: datetime) -> Iterator[Record]:
    """The attempts planned between then that bear a name of the carrier, streamed, but for those erased."""
    query = select(
        attempts.c.id, attempts.c.sid, attempts.c.stage, attempts.c.planned_at, attempts.c.to_sealed,
        attempts.c.from_address,
    ).where(
        attempts.c.sid.is_not(None), attempts.c.channel == channel, attempts.c.erased_at.is_(None),
        attempts.c.planned_at >= since, attempts.c.planned_at < until,
        attempts.c.id >= first_id(since), attempts.c.id < first_id(until),  # ids sort by time: one range of the key
    )  # fmt: skip
    yield from tx.execute(query.execution_options(yield_per=1000))


def _chunks(items: Sequence[Name]) -> Iterator[Sequence[Name]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))
