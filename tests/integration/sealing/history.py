"""A little of everything that is sealed: two sellers, calls, texts, wishes, and what people at desks did."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import insert, select, text, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.attempt import Outcome
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.contact_request import SuppressionKind
from orchestrator.domain.disposition import AfterCall, Disposition
from orchestrator.persistence import (
    accesses,
    answers,
    campaign_moves,
    dispositions,
    removals,
    reviews,
    suppressions,
    threads,
)
from orchestrator.persistence.campaign_moves import Move
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.holds import REASON
from orchestrator.persistence.removals import Cause, How
from orchestrator.persistence.rights_requests import NOTE, SUBJECT
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.accountability import breach_steps, breaches, closings
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.consenting import consent_terms
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.documents import documents, list_provenance
from orchestrator.persistence.tables.law import emergencies
from orchestrator.persistence.tables.lists import imports, lists, registry_snapshots, scrubs
from orchestrator.persistence.tables.pacing import detection_tests
from orchestrator.persistence.tables.people import suppressions as suppressions_table
from orchestrator.persistence.tables.retention import retention_runs
from orchestrator.persistence.tables.rights import erasures, holds, rights_numbers, rights_requests, rights_steps
from orchestrator.pipeline.ending import end_attempt
from orchestrator.pipeline.halts import Halt, declare, lift
from orchestrator.pipeline.law_in_force import standing
from orchestrator.pipeline.sealing import sealer
from tests.world import NOON, World, files_of, numbers

UNGUARD = ("DROP TRIGGER consents_are_not_changed", "DROP TRIGGER consents_are_not_deleted")
WORDS = "Yes, do call me. Ada"


def a_history(store: Store, people: int = 3) -> World:
    """Everything but the sealing, at noon; the world goes on at twelve past."""
    world = World(store, InProcessCarrier(now=lambda: NOON))
    campaign = world.a_campaign()
    contacts = [world.a_contact([number], automated=True, texts=True) for number in numbers(people)]
    world.enrol(campaign, *contacts)
    assert world.dispatch(campaign) == people
    _wishes(world)
    _calls(world)
    _answers(world)
    _desks(world)
    world.close()
    world.now = NOON + timedelta(minutes=12)
    return world


def unguard(store: Store) -> None:
    """Take off what keeps consents from being changed by accident: who owns the database can."""
    with store.write() as tx:
        if store.is_sqlite:
            for statement in UNGUARD:
                tx.execute(text(statement))
        else:
            tx.execute(text("ALTER TABLE consents DISABLE TRIGGER ALL"))


def sealed(world: World) -> sealer.SealReport:
    """Everything entered, as the worker does it."""
    return sealer.run_once(world.store, world.now)


def end(world: World, attempt: object, outcome: Outcome = Outcome.NO_ANSWER) -> None:
    """End one attempt, and follow it up."""
    with world.store.write() as tx:
        end_attempt(tx, attempt, outcome, NOON)  # type: ignore[arg-type]
        tx.execute(update(attempts).where(attempts.c.id == attempt.id).values(followed_up=True))  # type: ignore[attr-defined]


def _calls(world: World) -> None:
    for attempt in world.attempts():
        end(world, attempt)
    with world.store.write() as tx:
        body = world.store.keyring.seal("Your check is due.", "attempts.body")
        tx.execute(update(attempts).values(body_sealed=body, agent_id="kim"))
        said = Disposition(id="no-interest", label="No interest", next_step=AfterCall.DONE)
        row = tx.execute(select(attempts).limit(1)).one()
        dispositions.record(tx, world.store.keyring, row, said, agent_id="kim", note="Was kind.", now=NOON)


def _wishes(world: World) -> None:
    key = world.store.keyring.number_key(numbers(3)[2])
    with world.store.write() as tx:
        for kind in (SuppressionKind.STOP_REPLY, SuppressionKind.DO_NOT_CALL):
            suppressions.add(tx, seller_id="acme", number_key=key, kind=kind, at=NOON, source="reply")
        stopped = suppressions_table.c.kind == SuppressionKind.STOP_REPLY.value
        tx.execute(update(suppressions_table).where(stopped).values(lifted_at=NOON))
        row = {
            "id": uuid4(),
            "seller_id": "acme",
            "number_key": key,
            "channel": "sms",
            "sid": "SM" + "1" * 32,
            "sender": "+12125550101",
            "body_sealed": world.store.keyring.seal(WORDS, "inbound_contacts.body"),
            "at": NOON,
        }
        tx.execute(insert(inbound_contacts).values(row))


def _answers(world: World) -> None:
    """One of the attempts answered somebody who wrote."""
    keyring, tried = world.store.keyring, world.attempts()[-1]
    number = keyring.open(tried.to_sealed, "attempts.to")
    wrote = {"seller_id": "acme", "number": number, "sender": "+12125550101", "opts_out": False, "at": NOON}
    with world.store.write() as tx:
        thread = threads.require(tx, threads.heard(tx, keyring, **wrote))  # type: ignore[arg-type]
        answers.keep(tx, tried.id, thread, "cli:kim", NOON)


def _desks(world: World) -> None:
    keys = [world.store.keyring.number_key(number) for number in numbers(2)]
    facts = {"actor": "cli:ops", "action": "export", "reason": "audit", "number_keys": keys, "at": NOON}
    note = {"how": How.DELETED, "cause": Cause.RETENTION, "reason": "five years", "at": NOON, "seller_id": "acme"}
    with world.store.write() as tx:
        accesses.record(tx, seller_id="acme", **facts)  # type: ignore[arg-type]
        removals.note(tx, relation=scrubs, rows=[404], **note)  # type: ignore[arg-type]
        declare(tx, Halt("campaign", "1", None, "kim"), NOON)
        _lists(tx)
        _law(tx)
        _papers(tx, world.store.keyring, world.store.keyring.number_key(numbers(3)[2]))
        _staff(tx, world.store.keyring.number_key(numbers(3)[2]))
    lift(world.store, "campaign", "1", NOON)
    standing(world.store, files_of(), NOON)  # accepts the first rulebook


def _lists(tx) -> None:  # type: ignore[no-untyped-def]
    tx.execute(insert(lists).values(id=1, seller_id="acme", name="spring", created_at=NOON))
    row = {"list_id": 1, "file_digest": "d" * 64, "file_name": "a.csv", "reading": {}, "state": "finished"}
    tx.execute(insert(imports).values(**row, records_done=3, counts={"ok": 3}, started_at=NOON, finished_at=NOON))
    row = {"seller_id": "acme", "list_id": 1, "by": "kim", "snapshots": {}, "counts": {"clean": 3}}
    tx.execute(insert(scrubs).values(**row, answers_digest="e" * 64, started_at=NOON, finished_at=NOON))
    row = {
        "digest": "f" * 64,
        "registry": "us-national",
        "source": "212.txt",
        "numbers": 9,
        "coverage": {"US": ["212"]},
    }
    tx.execute(insert(registry_snapshots).values(**row, obtained_at=NOON, imported_at=NOON))
    row = {"seller_id": "acme", "country": "GB", "amd": "off", "sample": 9, "people": 1, "tested_on": NOON.date()}
    tx.execute(insert(detection_tests).values(**row, note="heard", recorded_at=NOON, recorded_by="kim"))


def _papers(tx, keyring: Keyring, key: bytes) -> None:  # type: ignore[no-untyped-def]
    """Rights, holds, papers on file, a breach, and a seller that left."""
    recorded = {"recorded_at": NOON, "recorded_by": "kim"}
    row = {"seller_id": "acme", "kind": "access", "jurisdiction": "GB", "channel": "letter", "received_at": NOON}
    rest = {"rule": "gb", "due_on": NOON.date(), "progress": {}, "subject_sealed": keyring.seal("{}", SUBJECT)}
    ended = {"state": "done", "report": {"files written": 2}, "closed_at": NOON}
    tx.execute(insert(rights_requests).values(id=1, **row, **recorded, **rest, **ended))
    note = keyring.seal('{"channel": "letter"}', NOTE)
    tx.execute(insert(rights_steps).values(request_id=1, at=NOON, by="kim", step="received", note_sealed=note))
    tx.execute(insert(rights_numbers).values(request_id=1, number_key=key, is_shared=False))
    tx.execute(insert(erasures).values(id=uuid4(), seller_id="acme", subject_key=key, is_number=True, at=NOON))
    placed = {"placed_at": NOON, "placed_by": "kim", "released_at": NOON, "released_by": "kim"}
    tx.execute(
        insert(holds).values(seller_id="acme", number_key=key, reason_sealed=keyring.seal("a claim", REASON), **placed)
    )
    tx.execute(insert(consent_terms).values(seller_id="acme", content={"b": [1], "a": "é"}, **recorded))
    row = {"seller_id": "acme", "kind": "policy", "title": "Calling", "valid_from": NOON.date(), "sha256": "c" * 64}
    retired = {"retired_at": NOON, "retired_by": "kim", "retired_because": "old"}
    tx.execute(insert(documents).values(**row, added_at=NOON, added_by="kim", **retired))
    tx.execute(insert(list_provenance).values(list_id=1, kind="purchased", vendor="a vendor", **recorded))
    row = {"aware_at": NOON, "opened_at": NOON, "opened_by": "kim", "actor": "cli:ops", "since": NOON, "until": NOON}
    closed = {"closed_at": NOON, "closed_by": "kim", "closed_because": "told"}
    tx.execute(insert(breaches).values(id=1, **row, what_happened="a laptop", found={}, **closed))
    row = {"breach_id": 1, "seller_id": "acme", "whom": "authority", "was_told": True, "at": NOON, "by": "kim"}
    tx.execute(insert(breach_steps).values(**row, note="by form"))
    row = {"seller_id": "acme", "way": "delete", "keeps_suppressions": True, "because": "contract", "asked_at": NOON}
    done = {"state": "closed", "deleted": {}, "certificate": {"rows": 3}, "closed_at": NOON}
    tx.execute(insert(closings).values(**row, asked_by="kim", **done))
    tx.execute(update(suppressions_table).where(suppressions_table.c.id == 1).values(texts_again_at=NOON))


def _staff(tx, key: bytes) -> None:  # type: ignore[no-untyped-def]
    """A doubt that somebody decided, a campaign that was paused, a run of retention."""
    reviews.ask(tx, seller_id="acme", number_key=key, sid="SM" + "1" * 32, suppression_id=1, at=NOON)
    reviews.decide(tx, 1, "stop", "kim", NOON)
    paused = Move(was=CampaignState.RUNNING, becomes=CampaignState.PAUSED, reason="lunch", by="kim", at=NOON)
    assert campaign_moves.move(tx, 1, paused)
    run = {"judged_at": NOON, "began_at": NOON, "by": "kim", "law": "a" * 64}
    tx.execute(insert(retention_runs).values(**run, gone=[{"rows": 1}], stayed=[], finished_at=NOON))


def _law(tx) -> None:  # type: ignore[no-untyped-def]
    row = {
        "name": "storm",
        "jurisdiction": "US-LA",
        "area": {},
        "source": "feed",
        "citation": "La. R.S.",
        "origin": "feed",
    }
    ended = {"ended_at": NOON, "ended_by": "kim"}
    tx.execute(insert(emergencies).values(**row, since=NOON, declared_by="kim", declared_at=NOON, **ended))
