"""A seller with a running campaign, and builders that name only what matters."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from orchestrator.domain.attempt import Stage
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.persistence import agents as agent_states
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.attempts import attempts, cancellations, live_attempts
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.people import contact_points, contacts, sellers, senders, suppressions

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
PERSON, OTHER_NUMBER = "+12125550123", "+12125550124"
CALLER_ID, RIVALS_CALLER_ID = "+13055550101", "+13055550102"
ACME, RIVAL = "acme-roofing", "rival-roofing"
QUEUE = "roof-sales"
MESSAGE = "This is Acme Roofing, +1 212 555 0100. Press 9 and we will not call again."
WORDS = {
    "STOP": "stop",
    "stop": "stop",
    "please stop texting me": "stop",
    "START": "start",
    "start": "start",
    "yes, but not now": "start",
    "HELP": "help",
    "who is this?": "help",
    "hmm, rather not": "unsure",
}


def classify(text: str) -> str:
    """The words of these tests."""
    return WORDS.get(text.strip(), "other")


def open_house(store: Store) -> None:
    """Two sellers, each with a caller id and a running campaign."""
    with store.write() as tx:
        for seller_id, name, sender in ((ACME, "Acme Roofing", CALLER_ID), (RIVAL, "Rival Roofing", RIVALS_CALLER_ID)):
            row = {"id": seller_id, "name": name, "country": "US", "callback_number": "+12125550100"}
            tx.execute(insert(sellers).values(row | {"kind": "commercial", "registrations": [], "created_at": NOW}))
            tx.execute(insert(senders).values(address=sender, seller_id=seller_id, created_at=NOW))
            a_campaign(tx, seller_id)


def a_campaign(tx: Connection, seller_id: str, *, message: str = MESSAGE, queue: str = QUEUE) -> int:
    voice = {"caller_ids": [CALLER_ID], "queue": queue, "information_message": message}
    row = {"seller_id": seller_id, "name": f"of {seller_id}", "purpose": "telemarketing", "state": "running"}
    values = row | {"priority": 5, "plan": {"name": "Spring", "voice": voice}, "created_at": NOW}
    return int(tx.execute(insert(campaigns).values(values).returning(campaigns.c.id)).scalar_one())


def campaign_of(tx: Connection, seller_id: str) -> int:
    return int(tx.execute(select(campaigns.c.id).where(campaigns.c.seller_id == seller_id)).scalars().first() or 0)


def an_attempt(
    store: Store,
    *,
    seller_id: str = ACME,
    number: str = PERSON,
    stage: Stage = Stage.RINGING,
    channel: str = "voice",
    **others: Any,
) -> UUID:
    """An attempt that the carrier has taken, live on its number."""
    attempt_id = new_id(NOW)
    key = store.keyring.number_key(number)
    with store.write() as tx:
        contact_id = _contact(tx, seller_id, number, key)
        row = {
            "id": attempt_id,
            "seller_id": seller_id,
            "campaign_id": campaign_of(tx, seller_id),
            "enrollment_id": 1,
            "contact_id": contact_id,
            "ordinal": 1,
            "number_key": key,
            "to_sealed": b"sealed",
            "country": "US",
            "from_address": CALLER_ID,
            "channel": channel,
            "mode": "predictive" if channel == "voice" else None,
            "stage": stage.value,
            "decision_id": new_id(NOW),
            "planned_at": NOW - timedelta(seconds=20),
        }
        tx.execute(insert(attempts).values(row | others))
        tx.execute(insert(live_attempts).values(number_key=key, channel=channel, attempt_id=attempt_id, since=NOW))
    return attempt_id


def _contact(tx: Connection, seller_id: str, number: str, key: bytes) -> int:
    row = {"seller_id": seller_id, "profile_sealed": b"sealed", "country": "US", "created_at": NOW, "updated_at": NOW}
    contact_id = int(tx.execute(insert(contacts).values(row).returning(contacts.c.id)).scalar_one())
    a_number(tx, contact_id, seller_id, key)
    return contact_id


def a_number(tx: Connection, contact_id: int, seller_id: str, key: bytes) -> None:
    point = {"seller_id": seller_id, "contact_id": contact_id, "number_key": key, "number_sealed": b"sealed"}
    tx.execute(insert(contact_points).values(point | {"country": "US", "position": 1, "created_at": NOW}))


def a_ready_agent(store: Store, agent_id: str, *, since: datetime = NOW, queue: str = QUEUE) -> None:
    with store.write() as tx:
        address = f"client:{agent_id}"
        facts = {"name": agent_id, "queue": queue, "address": address, "wrap_up_seconds": 15}
        agent_states.add(tx, store.keyring, agent_id, **facts, now=since)  # type: ignore[arg-type]
        agent_states.ready(tx, agent_id, since)


def reserve(store: Store, agent_id: str, attempt_id: UUID) -> None:
    with store.write() as tx:
        assert agent_states.reserve_ready(tx, QUEUE, 1, NOW) == [agent_id]
        assert agent_states.reserve_for(tx, agent_id, attempt_id)
        tx.execute(update(attempts).where(attempts.c.id == attempt_id).values(agent_id=agent_id))


def an_event(kind: EventKind, **others: Any) -> CarrierEvent:
    """A delivery in the call or message with sid CA1; its key by kind and digits."""
    values = {"sid": "CA1", "to": PERSON, "from_": CALLER_ID, **others}
    values.setdefault("key", f"{values['sid']}:{kind}:{values.get('digits')}:{values.get('call_status')}")
    return CarrierEvent(kind=kind, **values)


def an_inbound_message(body: str, *, sid: str = "SM1", to: str = CALLER_ID, **others: Any) -> CarrierEvent:
    return an_event(EventKind.INBOUND_MESSAGE, sid=sid, to=to, from_=PERSON, body=body, **others)


def attempt_row(store: Store, attempt_id: UUID) -> Any:
    with store.read() as tx:
        return tx.execute(select(attempts).where(attempts.c.id == attempt_id)).one()


def agent_row(store: Store, agent_id: str) -> Any:
    with store.read() as tx:
        return tx.execute(select(agents).where(agents.c.id == agent_id)).one()


def stops(store: Store) -> list[tuple[str, str, str, bool]]:
    """Every no on record: seller, kind, channel, and whether it stands."""
    with store.read() as tx:
        rows = tx.execute(select(suppressions).order_by(suppressions.c.seller_id, suppressions.c.id)).all()
    return [(row.seller_id, row.kind, row.channel, row.lifted_at is None) for row in rows]


def taken_back(store: Store) -> set[UUID]:
    with store.read() as tx:
        return set(tx.execute(select(cancellations.c.attempt_id)).scalars())


def count(store: Store, table: Any) -> int:
    with store.read() as tx:
        return len(tx.execute(select(table)).all())


def texts_again(store: Store) -> list[tuple[str, str]]:
    """Whose stops no longer hold texts back: seller and kind."""
    with store.read() as tx:
        query = select(suppressions).where(suppressions.c.texts_again_at.is_not(None)).order_by(suppressions.c.id)
        return [(row.seller_id, row.kind) for row in tx.execute(query)]
