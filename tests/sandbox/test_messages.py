"""Texts out and in, stop words, and numbers that are no mobiles."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from sandbox.opting_out import STOP_WORDS
from sandbox.segments import segments_of
from tests.sandbox.conftest import NUMBER, OTHER_PERSON, PERSON, START, TOKEN, Here, MakeSandbox
from tests.sandbox.receiver import Receiver, eventually

SERVICE = "MG" + "7" * 32


def text(here: Here, **wishes: Any) -> str:
    return str(here.client.messages.create(**{"to": PERSON, "from_": NUMBER, "body": "Hello", **wishes}).sid)


def test_a_message_is_queued_then_sent_then_delivered(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, line_type="mobile", message_outcome="delivered", reply=None)
    message = here.client.messages.create(
        to=PERSON, from_=NUMBER, body="Hello", status_callback=f"{receiver.url}/sms?a=1"
    )
    assert (message.status, message.direction, message.num_segments) == ("queued", "outbound-api", "1")
    receiver.wait_for("/sms", MessageStatus="delivered")
    told = receiver.at("/sms")
    assert [delivery["MessageStatus"] for delivery in told] == ["sent", "delivered"]
    assert all(delivery.is_signed_with(TOKEN) for delivery in told)
    assert told[0]["MessageSid"] == told[0]["SmsSid"] == message.sid
    assert "SequenceNumber" not in told[0].form
    fetched = here.client.messages(str(message.sid)).fetch()
    assert fetched.status == "delivered"
    assert fetched.date_sent is not None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": None}, 21604),
        ({"To": "+1202"}, 21211),
        ({"From": None}, 21603),
        ({"From": "a sender far too long"}, 21212),
        ({"Body": None}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"ValidityPeriod": "0"}, 20001),
        ({"ValidityPeriod": "36001"}, 20001),
        ({"StatusCallback": "nowhere"}, 21609),
        ({"To": "+15005550009"}, 21614),
    ],
)
def test_a_bad_message_is_refused_with_its_code(here: Here, change: dict[str, Any], code: int) -> None:
    answer = here.post("Messages.json", **{"To": PERSON, "From": NUMBER, "Body": "Hello", **change})
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_body_of_1600_characters_is_accepted(here: Here) -> None:
    assert here.post("Messages.json", To=PERSON, From=NUMBER, Body="x" * 1600).status_code == 201


@pytest.mark.parametrize(
    ("body", "segments"),
    [
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
    ],
)
def test_segments_follow_the_alphabet(body: str, segments: int) -> None:
    assert segments_of(body) == segments


def test_a_message_to_a_landline_is_undelivered(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, line_type="landline", landline_refused=False)
    text(here, status_callback=f"{receiver.url}/sms")
    [told] = receiver.wait_for("/sms", MessageStatus="undelivered")
    assert told["ErrorCode"] == "30006"


def test_some_landlines_are_refused_at_once(here: Here) -> None:
    here.pin(PERSON, line_type="landline", landline_refused=True)
    with pytest.raises(TwilioRestException) as refused:
        text(here)
    assert refused.value.code == 21614


def test_a_message_still_queued_when_its_validity_is_over_fails(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    here = make_sandbox(segments_per_second=0.01)
    here.pin(PERSON, line_type="mobile")
    text(here)
    late = text(here, validity_period=20, status_callback=f"{receiver.url}/sms")
    [told] = receiver.wait_for("/sms", MessageSid=late)
    assert (told["MessageStatus"], told["ErrorCode"]) == ("failed", "30001")
    assert here.client.messages(late).fetch().error_code == 30001


def test_a_message_that_has_not_left_is_cancelled_and_one_that_has_is_not(make_sandbox: MakeSandbox) -> None:
    here = make_sandbox(segments_per_second=0.0001)
    here.pin(PERSON, line_type="mobile", message_outcome="sent")
    gone, waiting = text(here), text(here)
    assert here.client.messages(waiting).update(status="canceled").status == "canceled"
    eventually(lambda: here.client.messages(gone).fetch().status == "sent")
    with pytest.raises(TwilioRestException) as refused:
        here.client.messages(gone).update(status="canceled")
    assert refused.value.code == 30409


def test_a_service_accepts_and_schedules(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, line_type="mobile", message_outcome="delivered", reply=None)
    service = {"from_": None, "messaging_service_sid": SERVICE, "status_callback": f"{receiver.url}/sms"}
    accepted = text(here, **service)
    assert here.row(accepted, "messages")["service_sid"] == SERVICE
    receiver.wait_for("/sms", MessageStatus="delivered", MessagingServiceSid=SERVICE)
    statuses = [delivery["MessageStatus"] for delivery in receiver.at("/sms", MessageSid=accepted)]
    assert statuses == ["queued", "sent", "delivered"]
    soon = datetime.fromtimestamp(START, UTC) + timedelta(hours=1)
    scheduled = text(here, **service, schedule_type="fixed", send_at=soon)
    assert here.client.messages(scheduled).fetch().status == "scheduled"
    assert here.client.messages(scheduled).update(status="canceled").status == "canceled"
    with pytest.raises(TwilioRestException):
        text(here, **service, schedule_type="fixed", send_at=datetime.fromtimestamp(START, UTC) + timedelta(days=40))


def test_messages_are_found_by_whom_and_when(here: Here) -> None:
    here.pin(PERSON, line_type="mobile", reply=None)
    sid = text(here)
    text(here, to=OTHER_PERSON)
    eventually(lambda: here.client.messages(sid).fetch().date_sent is not None)
    today = datetime.fromtimestamp(START, UTC) - timedelta(hours=1)
    assert [message.sid for message in here.client.messages.list(to=PERSON, date_sent_after=today)] == [sid]
    assert here.client.messages.list(to=PERSON, date_sent_after=today + timedelta(days=2)) == []
    assert here.client.messages.list(to=PERSON, from_="+12025550199") == []


def test_a_reply_arrives_at_the_number_that_wrote(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, line_type="mobile", message_outcome="delivered", reply="ok thanks", reply_delay_seconds=5)
    here.client.incoming_phone_numbers.create(
        phone_number=NUMBER, sms_url=receiver.answers("/inbound", "<Message>Bye</Message>")
    )
    text(here)
    [told] = receiver.wait_for("/inbound")
    assert (told["From"], told["To"], told["Body"], told["SmsStatus"]) == (PERSON, NUMBER, "ok thanks", "received")
    assert (told["NumMedia"], told["NumSegments"], told["ApiVersion"]) == ("0", "1", "2010-04-01")
    assert told.is_signed_with(TOKEN)
    eventually(lambda: len(here.messages(direction="outbound-reply")) == 1)
    [reply] = here.messages(direction="outbound-reply")
    assert (reply["to"], reply["body"]) == (PERSON, "Bye")


@pytest.mark.parametrize("word", sorted(STOP_WORDS))
def test_a_stop_word_blocks_the_next_message_of_that_pair(here: Here, word: str) -> None:
    here.pin(PERSON, line_type="mobile")
    here.control("POST", "inbound-messages", {"from": PERSON, "to": NUMBER, "body": f" {word.lower()} "})
    with pytest.raises(TwilioRestException) as refused:
        text(here)
    assert (refused.value.status, refused.value.code) == (400, 21610)
    assert text(here, from_="+12025550101")


@pytest.mark.parametrize("words", ["stop please", "please cancel", "arrêt", "no", "HELP"])
def test_other_words_do_not_block(here: Here, words: str) -> None:
    here.pin(PERSON, line_type="mobile")
    here.control("POST", "inbound-messages", {"from": PERSON, "to": NUMBER, "body": words})
    assert text(here)


def test_start_opens_what_stop_closed(here: Here) -> None:
    here.pin(PERSON, line_type="mobile")
    for body in ("STOP", "START"):
        here.control("POST", "inbound-messages", {"from": PERSON, "to": NUMBER, "body": body})
    assert text(here)


def test_a_stop_binds_the_whole_service_that_wrote(here: Here) -> None:
    here.pin(PERSON, line_type="mobile", reply=None)
    service = {"from_": None, "messaging_service_sid": SERVICE}
    number = here.row(text(here, **service), "messages")["from"]
    here.control("POST", "inbound-messages", {"from": PERSON, "to": number, "body": "STOP"})
    with pytest.raises(TwilioRestException) as refused:
        text(here, **service)
    assert refused.value.code == 21610


def test_after_a_stop_an_answer_of_ours_is_not_sent(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    here = make_sandbox(inbound_url=receiver.answers("/default", "<Message>Sorry to see you go</Message>"))
    here.control("POST", "inbound-messages", {"from": PERSON, "to": NUMBER, "body": "STOP"})
    receiver.wait_for("/default")
    eventually(lambda: len(here.messages(body="Sorry to see you go")) == 1)
    [ours] = here.messages(body="Sorry to see you go")
    assert (ours["status"], ours["error_code"]) == ("failed", 21610)
