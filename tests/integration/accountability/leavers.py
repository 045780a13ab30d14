"""Two sellers who share people, with something of theirs in most tables."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, CursorResult, Table, insert, select, update

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.contact_request import SuppressionKind
from orchestrator.persistence import attempts, sellers, suppressions
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.inbox import EVENT
from orchestrator.persistence.ownership import OF_THE_INSTALLATION, owned
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts as attempts_table
from orchestrator.persistence.tables.campaigns import decisions, enrollments, halts
from orchestrator.persistence.tables.deliveries import inbound_contacts, inbox
from orchestrator.persistence.tables.desk import dispositions
from orchestrator.persistence.tables.families import metadata
from orchestrator.persistence.tables.lists import imports, list_rows, lists, scrubs
from orchestrator.persistence.tables.people import contact_points
from tests.world import NOON, World

SHARED = ("number_facts", "reassigned_answers")
SENDERS = {"acme": "+12125550198", "other": "+12125550199"}


def a_life(world: World, seller: str, numbers: list[str], country: str = "US") -> None:
    """A campaign that called everybody once, with what such a campaign leaves behind."""
    campaign = world.a_campaign(f"Spring of {seller}", seller=seller)
    with world.store.write() as tx:
        sellers.claim_senders(tx, seller, [SENDERS[seller]], NOON)
        made = insert(lists).values(seller_id=seller, name="spring", created_at=NOON).returning(lists.c.id)
        _imported(tx, tx.execute(made))
        tx.execute(insert(halts).values(scope="campaign", value=str(campaign), since=NOON, by="ops"))
        tx.execute(insert(scrubs).values(seller_id=seller, by="ops", started_at=NOON, snapshots={}, counts={}))
    for number in numbers:
        person = world.a_contact([number], automated=True, seller=seller)
        _called(world, seller, campaign, person, number, country)
    if numbers:
        _refused(world, seller, numbers[0])


def _imported(tx: Connection, made: CursorResult[Any]) -> None:
    """A file of two records that nobody stands behind: one was rejected, and of the other the person was erased."""
    one_list = made.scalar_one()
    file = {"list_id": one_list, "file_digest": "0" * 64, "file_name": "spring.csv", "reading": {}, "counts": {}}
    times = {"state": "finished", "records_done": 2, "started_at": NOON}
    file_id = tx.execute(insert(imports).values(**file, **times).returning(imports.c.id)).scalar_one()
    for line, verdict in ((2, "invalid_number"), (3, "accepted")):
        tx.execute(insert(list_rows).values(import_id=file_id, line=line, list_id=one_list, verdict=verdict))


def _called(world: World, seller: str, campaign: int, person: int, number: str, country: str) -> None:
    keyring, at = world.store.keyring, NOON
    attempt, decision, key = new_id(at), new_id(at), keyring.number_key(number)
    with world.store.write() as tx:
        people = {"campaign_id": campaign, "contact_id": person, "seller_id": seller}
        due = {"stage": "resting", "lane": "predictive", "priority": 5, "next_eligible_at": at, "updated_at": at}
        enrollment = tx.execute(insert(enrollments).values(**people, **due).returning(enrollments.c.id)).scalar_one()
        shared = {**people, "enrollment_id": enrollment, "number_key": key, "channel": "voice"}
        said = {"verdict": "allow", "rules": [], "rulebook": "x", "facts_sealed": keyring.seal("{}", "decisions.facts")}
        tx.execute(insert(decisions).values(**shared, **said, id=decision, decided_at=at, last_at=at))
        call: dict[str, object] = {
            "to_sealed": keyring.seal(number, "attempts.to"),
            "country": country,
            "from_address": SENDERS[seller],
        }
        call |= {
            "ordinal": 1,
            "stage": "queued",
            "sid": f"CA{attempt.hex}",
            "decision_id": decision,
            "planned_at": at,
            "mode": "predictive",
        }
        tx.execute(insert(attempts_table).values(**shared, **call, id=attempt))
        attempts.end(tx, attempt, Outcome.NO_ANSWER, at + timedelta(seconds=30), {})
        word = {"disposition": "no_answer", "next_step": "rest", "is_default": True, "at": at}
        tx.execute(insert(dispositions).values(attempt_id=attempt, campaign_id=campaign, **word))


def _refused(world: World, seller: str, number: str) -> None:
    keyring, key = world.store.keyring, world.store.keyring.number_key(number)
    event = {"from_": number, "to": SENDERS[seller], "body": "STOP"}
    with world.store.write() as tx:
        kind = SuppressionKind.STOP_REPLY
        suppressions.add(tx, seller_id=seller, number_key=key, kind=kind, at=NOON, source="reply")
        heard = {"id": new_id(NOON), "kind": "inbound_message", "received_at": NOON, "processed_at": NOON}
        tx.execute(insert(inbox).values(**heard, event_sealed=keyring.seal_json(event, EVENT)))
        text = {"id": new_id(NOON), "seller_id": seller, "number_key": key, "channel": "sms", "sid": f"SM{seller}"}
        body = keyring.seal("STOP", "inbound_contacts.body")
        tx.execute(insert(inbound_contacts).values(**text, sender=SENDERS[seller], body_sealed=body, at=NOON))


def rows_of(store: Store, seller: str) -> dict[str, list[str]]:
    """Every row of a seller's, by table."""
    found = {}
    with store.read() as tx:
        for table in metadata.sorted_tables:
            theirs = _of_their_numbers(table, seller) if table.name in SHARED else owned(table, seller)
            if theirs is not None:
                found[table.name] = sorted(map(repr, tx.execute(select(table).where(theirs))))
    return {name: rows for name, rows in found.items() if rows}


def _of_their_numbers(table: Table, seller: str) -> ColumnElement[bool]:
    """What is known of numbers belongs to whoever has them on a list."""
    mine = select(contact_points.c.number_key).where(contact_points.c.seller_id == seller)
    return table.c.number_key.in_(mine)


def rows_of_the_installation(store: Store) -> dict[str, list[str]]:
    """Every row that is nobody's."""
    with store.read() as tx:
        names = [name for name in sorted(OF_THE_INSTALLATION) if name in metadata.tables]
        return {name: sorted(map(repr, tx.execute(select(metadata.tables[name])))) for name in names}


def long_ago(world: World, seller: str, years: int) -> None:
    """All its calls were so long ago."""
    at = NOON.replace(year=NOON.year - years)
    with world.store.write() as tx:
        tx.execute(update(attempts_table).where(attempts_table.c.seller_id == seller).values(planned_at=at))
