"""A person of whom there is something in every table that may hold one."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.compliance.opt_out import Intent
from orchestrator.compliance.rights_law import RightsLaw
from orchestrator.domain.carrier import CallStatus, MessageStatus
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.domain.rights import Asked, Right
from orchestrator.persistence import answers, dispositions, reconciliations, transfers
from orchestrator.persistence import opt_ins as opt_in_rows
from orchestrator.persistence.consents import EVIDENCE
from orchestrator.persistence.dossiers import PROFILE
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.tables.account import carrier_alarms
from orchestrator.persistence.tables.agents import offers
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.conversations import consent_outbox, threads
from orchestrator.persistence.tables.desk import callbacks
from orchestrator.persistence.tables.desk import dispositions as dispositions_table
from orchestrator.persistence.tables.lists import imports, list_rows, lists
from orchestrator.persistence.tables.opting_in import opt_in_pages, opt_ins
from orchestrator.persistence.tables.people import consents, contacts, reassigned_answers, senders
from orchestrator.pipeline import consent_news, settlement
from orchestrator.pipeline.planning import BODY, TO
from orchestrator.pipeline.reception import receiving
from tests.world import CONFIG, NOON, SENDER, World, numbers

LAW = RightsLaw.parse((CONFIG / "rights.toml").read_text("utf-8"))
NUMBER, OTHERS = numbers(2, start=50)
NAME = "Zebedee Quillfeather"
OWN_ID = "crm-zq-77"
PROFILE_OF = {
    "first_name": "Zebedee",
    "last_name": "Quillfeather",
    "postal_code": "10001",
    "email": "zq@example.org",
    "external_id": OWN_ID,
}
WORDS = (NUMBER, NUMBER[1:], "Zebedee", "Quillfeather", "zq@example.org", OWN_ID)
EVIDENCE_OF = {
    "at": "2026-11-22T17:00:00+00:00",
    "text": "I agree to calls and texts about roofs.",
    "source": "form of Zebedee Quillfeather",
    "ip": "192.0.2.77",
    "url": "https://forms.example/?who=zq%40example.org",
}


def asking(right: Right, named: object = NUMBER, **facts: Any) -> Asked:
    """A request by letter at noon."""
    return Asked(right=right, named=str(named), received_at=NOON, channel="letter", by="cli:ops", **facts)


def consent(tx: Any, world: World, contact: int, **facts: object) -> None:
    """A consent to machines, with its proof."""
    row = {
        "seller_id": "acme",
        "contact_id": contact,
        "number_key": world.store.keyring.number_key(NUMBER),
        "event": "given",
        "channel": "voice",
        "level": "express_written",
        "automated": True,
        "recorded_at": NOON,
        "source": "own_form",
        "evidence_sealed": world.store.keyring.seal_json(EVIDENCE_OF, EVIDENCE),
    }
    tx.execute(insert(consents).values({**row, **facts}))


def a_known_person(world: World, source: str = "own_form") -> int:
    """Named, listed, consenting, texted, called, noted, called back, transferred, alarmed: once each."""
    texts, campaign = world.a_campaign("Texts", voice=False, sms=True), world.a_campaign("Calls")
    contact = world.a_contact([NUMBER], line_type=LineType.MOBILE)
    keyring, key = world.store.keyring, world.store.keyring.number_key(NUMBER)
    with world.store.write() as tx:
        profile = {
            "profile_sealed": keyring.seal_json(PROFILE_OF, PROFILE),
            "external_key": keyring.number_key(f"external:{OWN_ID}"),
        }
        tx.execute(update(contacts).where(contacts.c.id == contact).values(profile))
        for channel in ("voice", "sms"):
            consent(tx, world, contact, channel=channel, source=source, happened_at=NOON - timedelta(days=1))
        tx.execute(insert(senders).values(address=SENDER, seller_id="acme", created_at=NOON))
        asked = {"number_key": key, "last_verified_on": date(2026, 11, 1), "result": "no", "asked_at": NOON}
        tx.execute(insert(reassigned_answers).values(asked))
        _list(tx, contact)
    world.enrol(texts, contact, lane=Lane.SMS)
    world.dispatch(texts, Lane.SMS)
    world.enrol(campaign, contact)
    world.dispatch(campaign)
    message, call = sorted(world.attempts(), key=lambda attempt: str(attempt.channel))
    end(world, message)
    end(world, call)
    _spoken_of(world, call, campaign)
    hear(world, "I am Zebedee Quillfeather, who is this?")
    with world.store.write() as tx:
        _conversed(tx, world, key)
        _signed_up(tx, world, key, texts)
    return contact


def _signed_up(tx: Any, world: World, key: bytes, campaign: int) -> None:
    """They filled in a page, and have not confirmed it yet."""
    page = {"id": "tips", "seller_id": "acme", "campaign_id": campaign, "version": "1", "sender": SENDER}
    tx.execute(insert(opt_in_pages).values(**page, opened_at=NOON))
    keyring = world.store.keyring
    opt_in = {
        "id": new_id(NOON), "page_id": "tips", "version": "1", "seller_id": "acme", "number_key": key,
        "number_sealed": keyring.seal(NUMBER, opt_in_rows.NUMBER), "state": "pending", "source": "form",
        "details_sealed": keyring.seal_json({"name": NAME}, opt_in_rows.DETAILS), "language": "en", "country": "US",
        "record_id": new_id(NOON), "requested_at": NOON, "expires_at": NOON + timedelta(hours=72),
    }  # fmt: skip
    tx.execute(insert(opt_ins).values(opt_in))


def _conversed(tx: Any, world: World, key: bytes) -> None:
    """The seller answers in the thread, and the carrier's list of consents is to be told something."""
    keyring = world.store.keyring
    answer_id = new_id(NOON)
    answer = {
        "id": answer_id, "seller_id": "acme", "campaign_id": 1, "enrollment_id": 0, "contact_id": 0, "ordinal": 1,
        "number_key": key, "to_sealed": keyring.seal(NUMBER, TO), "country": "US", "from_address": SENDER,
        "channel": "sms", "stage": "ended", "outcome": "delivered", "sid": "SM" + "7" * 32, "planned_at": NOON,
        "decision_id": new_id(NOON), "body_sealed": keyring.seal("Dear Zebedee, Acme.", BODY), "followed_up": True,
    }  # fmt: skip
    tx.execute(insert(attempts).values(answer))
    answers.keep(tx, answer_id, tx.execute(select(threads)).one(), "cli", NOON)
    news = {
        "correlation_id": "1" * 32, "seller_id": "acme", "number_key": key, "sender": SENDER, "status": "opt-out",
        "number_sealed": keyring.seal(NUMBER, consent_news.NUMBER), "source": "tests", "said_at": NOON,
    }  # fmt: skip
    tx.execute(insert(consent_outbox).values(news))


def _list(tx: Any, contact: int) -> None:
    list_id = tx.execute(
        insert(lists).values(seller_id="acme", name="spring", created_at=NOON).returning(lists.c.id)
    ).scalar_one()
    row = {
        "list_id": list_id, "file_digest": "0" * 64, "file_name": "spring.csv", "reading": {}, "state": "finished",
        "records_done": 1, "counts": {}, "started_at": NOON,
    }  # fmt: skip
    import_id = tx.execute(insert(imports).values(row).returning(imports.c.id)).scalar_one()
    verdict = {"import_id": import_id, "line": 2, "list_id": list_id, "contact_id": contact, "verdict": "accepted"}
    tx.execute(insert(list_rows).values(**verdict, reason="last name differs from what is here, which stays"))


def _spoken_of(world: World, call: Record, campaign: int) -> None:
    keyring, key = world.store.keyring, bytes(call.number_key)
    world.an_agent("ana")
    with world.store.write() as tx:
        note = {
            "attempt_id": call.id, "campaign_id": campaign, "agent_id": "ana", "disposition": "interested",
            "next_step": "rest", "is_default": False, "at": NOON,
            "note_sealed": keyring.seal("Zebedee wants a visit", dispositions.NOTE),
        }  # fmt: skip
        tx.execute(insert(dispositions_table).values(note))
        promise = {
            "enrollment_id": call.enrollment_id, "campaign_id": campaign, "attempt_id": call.id, "number_key": key,
            "asked_by": "ana", "anyone_from": NOON, "due_at": NOON + timedelta(days=1), "time_zone": "America/New_York",
            "state": "waiting", "asked_at": NOON,
        }  # fmt: skip
        tx.execute(insert(callbacks).values(promise))
        offer = {
            "enrollment_id": call.enrollment_id, "campaign_id": campaign, "agent_id": "ana", "state": "dialled",
            "offered_at": NOON, "expires_at": NOON, "number_key": key,
        }  # fmt: skip
        tx.execute(insert(offers).values(offer))
        transfers.begin(
            tx, keyring, attempt_id=call.id, from_agent="ana", kind="warm", now=NOON, address="+12125550177"
        )
        ends = keyring.seal_json({"to": NUMBER, "from": SENDER}, reconciliations.ENDS)
        alarm = {
            "kind": "unrecorded", "sid": "CA" + "9" * 32, "channel": "voice", "day": date(2026, 11, 22),
            "direction": "outbound-api", "status": "completed", "ends_sealed": ends, "found_at": NOON,
            "note": "Zebedee was rung by hand",
        }  # fmt: skip
        tx.execute(insert(carrier_alarms).values(alarm))


def end(world: World, attempt: Record) -> None:
    """The carrier says that it is over."""
    carrier = world.carrier
    assert isinstance(carrier, InProcessCarrier)
    call = attempt.channel == "voice"
    carrier.set_status(attempt.sid, CallStatus.NO_ANSWER if call else MessageStatus.DELIVERED)
    event = CarrierEvent(
        kind=EventKind.CALL_STATUS if call else EventKind.MESSAGE_STATUS,
        key=f"end:{attempt.sid}", sid=attempt.sid, to=NUMBER, from_=attempt.from_address, reference=attempt.id,
        call_status=CallStatus.NO_ANSWER if call else None,
        message_status=None if call else MessageStatus.DELIVERED,
    )  # fmt: skip
    deliver(world, event)


def hear(world: World, body: str, sid: str = "SM" + "8" * 32) -> None:
    """The person writes."""
    deliver(world, CarrierEvent(
        kind=EventKind.INBOUND_MESSAGE, key=f"in:{sid}", sid=sid, to=SENDER, from_=NUMBER, body=body
    ))  # fmt: skip


def deliver(world: World, event: CarrierEvent) -> None:
    """As the callbacks server and the worker do."""
    receiving.receive(world.store, event, world.now, lambda _: Intent.OTHER)
    settlement.run_once(world.store, world.now)


def everything_opened(world: World) -> str:
    """Every row of every table, with whatever is sealed opened: what somebody with the keys can read."""
    from orchestrator.persistence.tables.families import metadata

    with world.store.read() as tx:
        rows = [(table, row) for table in metadata.sorted_tables for row in tx.execute(select(table)).mappings()]
    return "\n".join(f"{table.name}: {_opened(world, table.name, row)}" for table, row in rows)


def _opened(world: World, table: str, row: Any) -> dict[str, object]:
    from orchestrator.domain.errors import WrongKeyError

    shown: dict[str, object] = {}
    for name, value in row.items():
        shown[name] = value
        if isinstance(value, bytes | memoryview) and name.endswith("_sealed"):
            try:
                shown[name] = world.store.keyring.open(bytes(value), f"{table}.{name.removesuffix('_sealed')}")
            except WrongKeyError as error:
                raise AssertionError(f"{table}.{name} does not open") from error
    return shown
