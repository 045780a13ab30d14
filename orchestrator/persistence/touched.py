"""Whose data a reading was of: the people behind number keys, by seller."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, union

from orchestrator.persistence.by_number import of_any_seller
from orchestrator.persistence.tables.agents import offers
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.people import consents, contact_points, contacts, suppressions

AT_ONCE = 500
HOLDING = (attempts, consents, inbound_contacts, suppressions)  # what may name a number after its person is gone


def people_with(tx: Connection, keys: Collection[bytes], seller_id: str | None) -> Iterator[Record]:
    """Everybody who has one of the numbers: seller_id, contact_id, number_key, country of the number, language."""
    columns = (
        contact_points.c.seller_id,
        contact_points.c.contact_id,
        contact_points.c.number_key,
        contact_points.c.number_sealed,
        contact_points.c.country,
        contacts.c.language,
    )
    query = select(*columns).join(contacts, contacts.c.id == contact_points.c.contact_id)
    query = query.order_by(contact_points.c.seller_id, contact_points.c.contact_id, contact_points.c.position)
    if seller_id is not None:
        query = query.where(contact_points.c.seller_id == seller_id)
    for some in _parts(keys):
        yield from tx.execute(query.where(of_any_seller(contact_points, some)))


def sellers_holding(tx: Connection, keys: Collection[bytes]) -> dict[bytes, set[str]]:
    """The sellers with anything on record under each number, whether or not its person is still on a list."""
    found: defaultdict[bytes, set[str]] = defaultdict(set)
    for some in _parts(keys):
        parts = (select(table.c.number_key, table.c.seller_id).where(of_any_seller(table, some)) for table in HOLDING)
        for row in tx.execute(union(*parts)):
            found[bytes(row.number_key)].add(row.seller_id)
    return found


def countries_dialled(tx: Connection, keys: Collection[bytes], seller_id: str) -> Counter[str]:
    """The countries of numbers as they were dialled, each number once."""
    found: dict[bytes, str] = {}
    for some in _parts(keys):
        query = select(attempts.c.number_key, attempts.c.country).where(attempts.c.number_key.in_(some))
        found |= {
            bytes(row.number_key): row.country for row in tx.execute(query.where(attempts.c.seller_id == seller_id))
        }
    return Counter(found.values())


def shown_to_agent(tx: Connection, agent_id: str, since: datetime, until: datetime) -> dict[str, set[bytes]]:
    """By seller, the numbers whose people an agent was shown: offered, or talked to."""
    found: defaultdict[str, set[bytes]] = defaultdict(set)
    offered = (
        select(contact_points.c.seller_id, contact_points.c.number_key)
        .join(enrollments, enrollments.c.contact_id == contact_points.c.contact_id)
        .join(offers, offers.c.enrollment_id == enrollments.c.id)
        .where(offers.c.agent_id == agent_id, offers.c.offered_at >= since, offers.c.offered_at < until)
    )
    talked = select(attempts.c.seller_id, attempts.c.number_key).where(
        attempts.c.agent_id == agent_id, attempts.c.planned_at >= since, attempts.c.planned_at < until
    )
    rows: Sequence[Record] = [*tx.execute(offered), *tx.execute(talked)]
    for row in rows:
        found[row.seller_id].add(bytes(row.number_key))
    return found


def _parts(keys: Collection[bytes]) -> Iterator[list[bytes]]:
    ordered = sorted(keys)
    yield from (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))
