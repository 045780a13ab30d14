"""Senders of texts at the carrier: rates, days, filters, refusals, prices, and services that keep their people."""

from dataclasses import replace
from typing import Any

import pytest

from sandbox.mix import Mix
from sandbox.population import Population
from tests.sandbox.conftest import NUMBER, OTHER_PERSON, PERSON, Here, MakeSandbox
from tests.sandbox.receiver import eventually

SECOND, SERVICE = "+12025550101", "MG" + "7" * 32


def a_sender(here: Here, address: str = NUMBER, **wishes: Any) -> None:
    here.control("POST", "senders", {"address": address, **wishes})


def texts(here: Here, count: int, body: str = "Hello") -> list[str]:
    here.pin(PERSON, line_type="mobile", message_outcome="delivered", reply=None)
    return [str(here.client.messages.create(to=PERSON, from_=NUMBER, body=body).sid) for _ in range(count)]


def ends(here: Here, sids: list[str]) -> list[tuple[str, int | None]]:
    def rows() -> list[dict[str, Any]]:
        return [here.row(sid, "messages") for sid in sids]

    eventually(lambda: all(row["status"] in {"delivered", "undelivered"} for row in rows()))
    return [(row["status"], row["error_code"]) for row in rows()]


def test_what_waits_too_long_for_its_turn_was_sent_too_fast(here: Here) -> None:
    a_sender(here, segments_per_second=0.01, longest_queue_seconds=150)
    assert ends(here, texts(here, 3)) == [("delivered", None), ("delivered", None), ("undelivered", 30022)]


def test_a_day_is_spent_in_segments(here: Here) -> None:
    a_sender(here, daily_segments=3)
    assert ends(here, texts(here, 2, "x" * 161)) == [("delivered", None), ("undelivered", 30023)]


@pytest.mark.parametrize(
    ("wishes", "body", "code"),
    [
        ({"error_code": 30034}, "Hello", 30034),
        ({"filtered_words": ["lottery"]}, "You won the LOTTERY", 30007),
        ({"filtered_words": ["lottery"]}, "Hello", None),
        ({"filtered_share": 1}, "Hello", 30007),
    ],
)
def test_a_sender_is_refused_or_filtered(here: Here, wishes: dict[str, Any], body: str, code: int | None) -> None:
    a_sender(here, **wishes)
    assert ends(here, texts(here, 1, body)) == [("undelivered" if code else "delivered", code)]


def test_a_text_costs_by_its_segments_once_it_has_left(here: Here) -> None:
    (sid,) = texts(here, 1, "x" * 161)
    ends(here, [sid])
    assert here.client.messages(sid).fetch().price == "-0.01660"


def test_a_service_writes_to_a_person_from_one_of_its_numbers(make_sandbox: MakeSandbox) -> None:
    here = make_sandbox(numbers=(NUMBER, SECOND))
    service = here.client.messaging.v1.services.create(friendly_name="Texts")
    for owned in here.client.incoming_phone_numbers.list():
        here.client.messaging.v1.services(service.sid).phone_numbers.create(phone_number_sid=owned.sid)
    sent = [
        here.client.messages.create(to=to, messaging_service_sid=service.sid, body="Hello", shorten_urls=True)
        for to in (PERSON, OTHER_PERSON, PERSON, OTHER_PERSON, PERSON)
    ]
    rows = [here.row(str(message.sid), "messages") for message in sent]
    assert {row["to"]: row["from"] for row in rows[:2]} == {row["to"]: row["from"] for row in rows[2:]}
    assert {row["from"] for row in rows} == {NUMBER, SECOND}
    assert all(row["links_shortened"] for row in rows)


def test_people_out_of_reach_and_filtered_texts_are_a_share_of_the_mix() -> None:
    easy = Mix(line_types={"mobile": 1.0}, outcomes={"human": 1.0})
    hard = replace(easy, message_unreachable=0.2, message_filtered=0.1)
    people = [f"+1202555{n:04d}" for n in range(1000)]
    plain, plans = ([Population(3, mix).message_plan(to, 1) for to in people] for mix in (easy, hard))
    codes = [plan.error_code for plan in plans]
    assert (150 < codes.count(30003) < 250, 60 < codes.count(30007) < 140) == (True, True)
    assert all(ours == theirs for ours, theirs in zip(plans, plain, strict=True) if ours.error_code is None)


@pytest.mark.parametrize(
    "wishes", [{"colour": 1}, {"daily_segments": 0}, {"filtered_words": "lottery"}, {"error_code": True}]
)
def test_a_sender_that_cannot_be_is_refused(here: Here, wishes: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match="A sender"):
        a_sender(here, **wishes)
