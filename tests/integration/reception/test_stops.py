"""A no is final at once: stored with the delivery, for every campaign and channel of the seller."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from orchestrator.domain.attempt import Stage
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.persistence import inbox
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts, live_attempts
from orchestrator.persistence.tables.deliveries import deliveries, inbound_contacts
from orchestrator.persistence.tables.deliveries import inbox as inbox_table
from orchestrator.persistence.tables.people import senders, suppressions
from orchestrator.pipeline.reception import receiving
from orchestrator.pipeline.reception.keypresses import key_in_our_call, key_in_their_call
from orchestrator.pipeline.reception.plans import Goodbye, Inform
from orchestrator.pipeline.reception.receiving import receive
from orchestrator.pipeline.reception.replies import reply_to
from tests.integration.reception.world import (
    ACME,
    CALLER_ID,
    NOW,
    OTHER_NUMBER,
    PERSON,
    RIVAL,
    RIVALS_CALLER_ID,
    a_number,
    an_attempt,
    an_event,
    an_inbound_message,
    attempt_row,
    classify,
    count,
    stops,
    taken_back,
    texts_again,
)

STOPPED = (ACME, "stop_reply", "any", True)


def hear(store: Store, event: CarrierEvent) -> bool:
    return receive(store, event, NOW, classify)


@pytest.mark.parametrize(
    ("body", "said", "expected"),
    [
        ("STOP", None, [STOPPED]),
        ("please stop texting me", None, [STOPPED]),
        ("hmm, rather not", None, [STOPPED]),
        ("whatever", "STOP", [STOPPED]),
        ("HELP", None, []),
        ("STOP", "HELP", []),
        ("thanks, tomorrow then", None, []),
    ],
)
def test_a_message_that_means_stop_binds_the_seller_it_came_to(
    house: Store, body: str, said: str | None, expected: list[object]
) -> None:
    assert hear(house, an_inbound_message(body, opt_out_type=said))
    assert stops(house) == expected


def test_a_stop_from_a_number_that_nobody_knows_counts(house: Store) -> None:
    hear(house, an_inbound_message("STOP"))
    with house.read() as tx:
        key = tx.execute(select(suppressions.c.number_key)).scalar_one()
    assert bytes(key) == house.keyring.number_key(PERSON)


def test_a_stop_to_a_sender_that_nobody_owns_binds_every_seller(house: Store) -> None:
    hear(house, an_inbound_message("STOP", to="+13055550199"))
    assert stops(house) == [STOPPED, (RIVAL, "stop_reply", "any", True)]


def test_a_stop_through_a_messaging_service_binds_the_services_seller(house: Store) -> None:
    with house.write() as tx:
        tx.execute(insert(senders).values(address="MG1", seller_id=RIVAL, created_at=NOW))
    hear(house, an_inbound_message("STOP", to="+13055550199", messaging_service="MG1"))
    assert stops(house) == [(RIVAL, "stop_reply", "any", True)]


def test_a_message_and_its_stop_are_stored_together_or_not_at_all(
    house: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(receiving, "suppress", fail)
    with pytest.raises(RuntimeError):
        hear(house, an_inbound_message("STOP"))
    assert (count(house, deliveries), count(house, inbox_table), stops(house)) == (0, 0, [])
    monkeypatch.undo()
    assert hear(house, an_inbound_message("STOP"))
    assert (count(house, deliveries), count(house, inbox_table), stops(house)) == (1, 1, [STOPPED])


def test_a_stop_delivered_twice_is_stored_once(house: Store) -> None:
    assert hear(house, an_inbound_message("STOP"))
    assert not hear(house, an_inbound_message("STOP"))
    assert stops(house) == [STOPPED]
    assert count(house, inbound_contacts) == 1


def test_a_stop_takes_back_what_this_seller_has_on_its_way_to_that_person(house: Store) -> None:
    ringing = an_attempt(house)
    message = an_attempt(house, channel="sms", stage=Stage.SUBMITTED)
    rivals = an_attempt(house, seller_id=RIVAL, number=OTHER_NUMBER)
    hear(house, an_inbound_message("STOP"))
    assert taken_back(house) == {ringing, message}
    assert rivals not in taken_back(house)


def test_a_stop_takes_back_what_rings_on_the_persons_other_number(house: Store) -> None:
    elsewhere = an_attempt(house, number=OTHER_NUMBER)
    with house.write() as tx:
        contact_id = tx.execute(select(attempts.c.contact_id).where(attempts.c.id == elsewhere)).scalar_one()
        a_number(tx, contact_id, ACME, house.keyring.number_key(PERSON))
    hear(house, an_inbound_message("STOP"))
    assert taken_back(house) == {elsewhere}


def test_a_stop_repeated_looks_again_since_the_first_may_have_died_before_its_look(house: Store) -> None:
    with house.write() as tx:
        assert inbox.remember(tx, house.keyring, an_inbound_message("STOP"), NOW)
    ringing = an_attempt(house)
    assert not hear(house, an_inbound_message("STOP"))
    assert taken_back(house) == {ringing}


def test_start_opens_texts_to_whoever_stopped_them_by_message_with_that_seller_alone(house: Store) -> None:
    call = an_attempt(house)
    key_in_our_call(house, an_event(EventKind.KEYPRESS, reference=call, digits="9"), NOW)
    hear(house, an_inbound_message("STOP", sid="SM1"))
    hear(house, an_inbound_message("STOP", sid="SM2", to=RIVALS_CALLER_ID))
    hear(house, an_inbound_message("START", sid="SM3"))
    assert stops(house) == [
        (ACME, "keypress_opt_out", "any", True),
        (ACME, "stop_reply", "any", True),
        (RIVAL, "stop_reply", "any", True),
    ]
    assert texts_again(house) == [(ACME, "stop_reply")]


@pytest.mark.parametrize(
    ("body", "said", "lifted"),
    [("START", None, True), ("start ", None, True), ("yes, but not now", None, False), ("oui", "START", True)],
)
def test_only_the_one_word_that_lifts_it_at_the_carrier_lifts_a_stop(
    house: Store, body: str, said: str | None, lifted: bool
) -> None:
    hear(house, an_inbound_message("STOP", sid="SM1"))
    hear(house, an_inbound_message(body, sid="SM2", opt_out_type=said))
    assert stops(house) == [STOPPED], "calls stay stopped"
    assert texts_again(house) == [(ACME, "stop_reply")] * lifted


def test_an_old_start_delivered_again_does_not_lift_a_newer_stop(house: Store) -> None:
    hear(house, an_inbound_message("START", sid="SM1"))
    hear(house, an_inbound_message("STOP", sid="SM2"))
    hear(house, an_inbound_message("START", sid="SM1"))
    assert stops(house) == [STOPPED]


def test_nine_in_the_information_message_is_a_no_and_leaves_that_call_to_say_goodbye(house: Store) -> None:
    call = an_attempt(house)
    message = an_attempt(house, channel="sms", stage=Stage.SUBMITTED)
    plan = key_in_our_call(house, an_event(EventKind.KEYPRESS, reference=call, digits="9"), NOW)
    assert isinstance(plan, Goodbye)
    assert stops(house) == [(ACME, "keypress_opt_out", "any", True)]
    assert taken_back(house) == {message}


@pytest.mark.parametrize("digits", ["5", None])
def test_a_wrong_key_leaves_the_right_one_to_be_pressed(house: Store, digits: str | None) -> None:
    call = an_attempt(house)
    plan = key_in_our_call(house, an_event(EventKind.KEYPRESS, reference=call, digits=digits), NOW)
    assert isinstance(plan, Inform)
    assert stops(house) == []


def test_nine_of_somebody_who_called_us_is_a_no_to_the_seller_they_called(house: Store) -> None:
    event = an_event(EventKind.KEYPRESS, to=CALLER_ID, from_=PERSON, digits="9")
    assert isinstance(key_in_their_call(house, event, NOW), Goodbye)
    assert stops(house) == [(ACME, "keypress_opt_out", "any", True)]


def test_a_stop_seen_while_the_attempt_ends_takes_nothing_back(house: Store) -> None:
    over = an_attempt(house, stage=Stage.ENDED)
    with house.write() as tx:
        tx.execute(update(attempts).where(attempts.c.id == over).values(stage=Stage.ENDED.value))
        tx.execute(live_attempts.delete())
    hear(house, an_inbound_message("STOP"))
    assert taken_back(house) == set()
    assert attempt_row(house, over).stage == Stage.ENDED


@pytest.mark.parametrize(
    ("body", "to", "expected"),
    [
        ("STOP", CALLER_ID, None),
        ("START", CALLER_ID, None),
        ("HELP", CALLER_ID, None),
        ("thanks", CALLER_ID, None),
        (
            "please stop texting me",
            CALLER_ID,
            "Acme Roofing: you will get no more messages or calls from us. This is our last message.",
        ),
        ("hmm, rather not", CALLER_ID, None),  # what we would promise a person might have to take back
        (
            "who is this?",
            CALLER_ID,
            "Acme Roofing: call us at +12125550100. Reply STOP and you will hear from us no more.",
        ),
        ("please stop texting me", "+13055550199", None),
    ],
)
def test_we_answer_only_what_the_carrier_does_not(house: Store, body: str, to: str, expected: str | None) -> None:
    event = an_inbound_message(body, to=to)
    hear(house, event)
    assert reply_to(house, event, NOW, classify) == expected


def test_a_stop_is_confirmed_once_however_often_it_is_said_or_delivered(house: Store) -> None:
    first, second = (an_inbound_message("please stop texting me", sid=sid) for sid in ("SM1", "SM2"))
    hear(house, first)
    answer = reply_to(house, first, NOW, classify)
    assert answer
    hear(house, first)
    assert reply_to(house, first, NOW, classify) == answer, "a delivery repeated was never answered"
    receive(house, second, NOW + timedelta(minutes=1), classify)
    assert reply_to(house, second, NOW + timedelta(minutes=1), classify) is None
