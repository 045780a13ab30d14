"""What people write back: who answers them, in which language, once; and what the inbox keeps."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from orchestrator.domain.sender import Sender
from orchestrator.domain.text_sender import SenderType, StopsBy
from orchestrator.persistence import reviews, senders, threads
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.conversations import threads as threads_table
from orchestrator.persistence.tables.people import contacts, suppressions
from orchestrator.pipeline.reception.receiving import receive
from orchestrator.pipeline.reception.replies import reply_to
from tests.integration.reception.world import (
    ACME,
    CALLER_ID,
    NOW,
    PERSON,
    an_attempt,
    an_inbound_message,
    classify,
    texts_again,
)

TOLL_FREE, SHORT_CODE, OURS = "+18005550101", "12345", "+13055550188"
STOPPED = "Acme Roofing: you will get no more messages or calls from us. This is our last message."
HELP = "Acme Roofing: call us at +12125550100. Reply STOP and you will hear from us no more."
STARTED = "Acme Roofing: you will get our texts again. Reply HELP for help, STOP to stop."
ANSWERS = {  # what was said to which sender -> what we answer, beside whatever the carrier does
    ("STOP", CALLER_ID): None,
    ("HELP", CALLER_ID): None,
    ("please stop texting me", CALLER_ID): STOPPED,
    ("STOP", TOLL_FREE): None,
    ("STOP", SHORT_CODE): STOPPED,
    ("HELP", SHORT_CODE): HELP,
    ("STOP", OURS): STOPPED,
    ("HELP", OURS): HELP,
}


def say(
    house: Store, body: str, *, to: str = CALLER_ID, sid: str = "SM1", minutes: float = 0, **more: str
) -> str | None:
    """Somebody writes, and the delivery is answered at once."""
    at = NOW + timedelta(minutes=minutes)
    event = an_inbound_message(body, to=to, sid=sid, **more)
    receive(house, event, at, classify)
    return reply_to(house, event, at, classify)


def forget(house: Store) -> None:
    with house.write() as tx:
        tx.execute(suppressions.delete())


@pytest.fixture
def senders_of_acme(house: Store) -> Store:
    with house.write() as tx:
        senders.register(tx, ACME, TOLL_FREE, None, NOW)
        senders.register(tx, ACME, SHORT_CODE, None, NOW)
        senders.register(tx, ACME, OURS, StopsBy.US, NOW)
        senders.register(tx, ACME, "MG1", None, NOW)
    return house


def test_each_sender_is_answered_by_whom_it_says_and_never_by_both(senders_of_acme: Store) -> None:
    house = senders_of_acme
    for number, ((body, to), answer) in enumerate(ANSWERS.items()):
        assert say(house, body, to=to, sid=f"SM{number}") == answer, (body, to)
        forget(house)
    assert say(house, "STOP", to=OURS, sid="SM90", opt_out_type="STOP") is None, "the carrier says that it answered"
    forget(house)
    assert say(house, "STOP", to=OURS, sid="SM91", messaging_service="MG1") == STOPPED


def test_start_is_answered_where_it_opens_something_and_yes_opens_nothing_at_a_toll_free_number(
    senders_of_acme: Store,
) -> None:
    house = senders_of_acme
    assert say(house, "start", to=OURS, sid="SM1") is None, "nothing was stopped"
    say(house, "STOP", to=TOLL_FREE, sid="SM2")
    receive(house, an_inbound_message("YES", to=TOLL_FREE, sid="SM3"), NOW, lambda _: "start")
    assert texts_again(house) == []
    assert say(house, "start", to=OURS, sid="SM4", minutes=1) == STARTED
    assert texts_again(house) == [(ACME, "stop_reply")]
    assert say(house, "STOP", to=OURS, sid="SM5", minutes=2) == STOPPED, "a new stop has its own confirmation"


def test_a_confirmation_comes_within_five_minutes_or_never_and_in_the_persons_language(house: Store) -> None:
    an_attempt(house)
    with house.write() as tx:
        tx.execute(update(contacts).values(language="es-MX"))
    event = an_inbound_message("please stop texting me")
    receive(house, event, NOW, classify)
    in_time, late = NOW + timedelta(minutes=5), NOW + timedelta(minutes=5, seconds=1)
    assert reply_to(house, event, in_time, classify) == (
        "Acme Roofing: no recibirá más mensajes ni llamadas nuestras. Este es nuestro último mensaje."
    )
    assert reply_to(house, event, late, classify) is None


def test_a_thread_counts_replies_that_nobody_has_opened_and_keeps_opt_outs_apart(house: Store) -> None:
    say(house, "thanks", sid="SM1")
    say(house, "see you", sid="SM2", minutes=1)
    say(house, "STOP", sid="SM3", minutes=2)
    say(house, "see you", sid="SM2", minutes=3)  # delivered again
    with house.write() as tx:
        replied = threads.some(tx, seller_id=ACME, assigned_to=None, unread=True, opt_outs=False, limit=9)
        stopped = threads.some(tx, seller_id=None, assigned_to=None, unread=False, opt_outs=True, limit=9)
        assert [(row.unread, row.last_reply_at, row.last_opt_out_at) for row in replied] == [
            (2, NOW + timedelta(minutes=1), NOW + timedelta(minutes=2))
        ]
        assert [row.id for row in stopped] == [row.id for row in replied]
        assert house.keyring.open(replied[0].number_sealed, threads.NUMBER) == PERSON
        said = [row.intent for row in threads.received(tx, replied[0].id)]
        threads.opened(tx, replied[0].id)
        assert threads.some(tx, seller_id=ACME, assigned_to=None, unread=True, opt_outs=False, limit=9) == []
    assert said == ["other", "other", "stop"]


def test_a_doubt_suppresses_until_a_person_says_that_it_was_none(house: Store) -> None:
    an_attempt(house)
    with house.write() as tx:
        contact_id = tx.execute(select(contacts.c.id)).scalar_one()
        row = {"campaign_id": 1, "contact_id": contact_id, "seller_id": ACME, "stage": "due", "lane": "sms"}
        moments = dict.fromkeys(("next_eligible_at", "updated_at"), NOW - timedelta(days=1))
        tx.execute(insert(enrollments).values(row | {"priority": 5} | moments))
    say(house, "hmm, rather not")
    with house.write() as tx:
        (doubt,) = reviews.waiting(tx)
        assert house.keyring.open(doubt.body_sealed, "inbound_contacts.body") == "hmm, rather not"
        assert standing(tx) == 1
        assert tx.execute(select(enrollments.c.stage)).scalar_one() == "done"
        decided = reviews.decide(tx, doubt.id, "other", "cli:kim", NOW + timedelta(hours=1))
        assert (decided.decided_by, decided.decided_at) == ("cli:kim", NOW + timedelta(hours=1))
        assert standing(tx) == 0
        assert reviews.waiting(tx) == []


def test_another_no_stands_when_a_doubt_is_lifted(house: Store) -> None:
    say(house, "STOP", sid="SM1")
    say(house, "hmm, rather not", sid="SM2")
    with house.write() as tx:
        (doubt,) = reviews.waiting(tx)
        reviews.decide(tx, doubt.id, "other", "cli:kim", NOW)
        assert standing(tx) == 1


def standing(tx: object) -> int:
    query = select(suppressions.c.id).where(suppressions.c.lifted_at.is_(None))
    return len(tx.execute(query).all())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("address", "kind", "by"),
    [
        ("+12125550123", SenderType.LONG_CODE, StopsBy.CARRIER),
        ("+442079460123", SenderType.INTERNATIONAL, StopsBy.CARRIER),
        ("+18005550101", SenderType.TOLL_FREE, StopsBy.CARRIER),
        ("12345", SenderType.SHORT_CODE, StopsBy.US),
        ("ACME ROOF", SenderType.ALPHANUMERIC, StopsBy.US),
        ("MG" + "0" * 32, SenderType.SERVICE, StopsBy.CARRIER),
    ],
)
def test_a_sender_is_what_its_form_says_unless_it_was_said_otherwise(
    address: str, kind: SenderType, by: StopsBy
) -> None:
    assert (Sender.of(address).type, Sender.of(address).stops_by) == (kind, by)
    assert Sender.of(address, stops_by="us").stops_by is StopsBy.US


def test_a_thread_is_one_persons_with_one_sender(house: Store) -> None:
    say(house, "thanks", sid="SM1")
    say(house, "thanks", sid="SM2", to="+13055550102")
    with house.read() as tx:
        assert len({row.seller_id for row in tx.execute(select(threads_table))}) == 2
