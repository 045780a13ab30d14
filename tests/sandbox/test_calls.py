"""Creating, finding and changing calls."""

from itertools import pairwise
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.conftest import ACCOUNT, NUMBER, OTHER_PERSON, PERSON, Here, MakeSandbox
from tests.sandbox.receiver import Receiver, eventually

SAY = "<Response><Say>One two three four</Say></Response>"
EVENTS = ["initiated", "ringing", "answered", "completed"]


def test_a_created_call_is_queued_and_told_in_twilios_words(here: Here) -> None:
    call = here.client.calls.create(to=PERSON, from_=NUMBER, twiml=SAY)
    assert (call.status, call.direction, call.to, call._from) == ("queued", "outbound-api", PERSON, NUMBER)
    assert call.account_sid == ACCOUNT
    assert call.sid is not None
    assert len(call.sid) == 34
    assert call.sid.startswith("CA")
    assert call.start_time is None
    assert call.date_created is not None
    assert call.date_created.year == 2026


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": None}, 21201),
        ({"To": "+1202555"}, 21211),
        ({"To": "+11005550123"}, 21211),
        ({"To": "someone"}, 21211),
        ({"To": "+15005550003"}, 21215),
        ({"From": None}, 21213),
        ({"From": "anonymous"}, 21212),
        ({"Twiml": None}, 21205),
        ({"Url": "ftp://127.0.0.1/x"}, 21205),
        ({"StatusCallback": "http://under_score.example/x"}, 21609),
        ({"Timeout": "0"}, 20001),
        ({"Timeout": "601"}, 20001),
        ({"Timeout": "soon"}, 20001),
        ({"MachineDetection": "enable"}, 20001),
        ({"Twiml": "x" * 4001}, 20001),
    ],
)
def test_a_bad_parameter_is_refused_with_its_code(here: Here, change: dict[str, Any], code: int) -> None:
    fields = {"To": PERSON, "From": NUMBER, "Twiml": SAY, **change}
    answer = here.post("Calls.json", **fields)
    assert answer.status_code == 400
    body = answer.json()
    assert (body["code"], body["status"]) == (code, 400)
    assert body["message"]
    assert str(code) in body["more_info"]
    assert here.report()["calls"] == []


@pytest.mark.parametrize("timeout", ["1", "600"])
def test_the_ends_of_the_range_of_timeouts_are_accepted(here: Here, timeout: str) -> None:
    assert here.post("Calls.json", To=PERSON, From=NUMBER, Twiml=SAY, Timeout=timeout).status_code == 201


def test_the_sdk_reads_refusals(here: Here) -> None:
    here.pin(PERSON, refuse_call=21216)
    with pytest.raises(TwilioRestException) as refused:
        here.client.calls.create(to=PERSON, from_=NUMBER, twiml=SAY)
    assert (refused.value.status, refused.value.code) == (400, 21216)


def test_wrong_credentials_are_refused_with_20003(here: Here) -> None:
    here.client.auth = (ACCOUNT, "wrong")
    with pytest.raises(TwilioRestException) as refused:
        here.client.calls("CA" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (401, 20003)


def test_an_api_key_opens_the_account(make_sandbox: MakeSandbox) -> None:
    here = make_sandbox(api_key=("SK" + "1" * 32, "secret"))
    here.client.auth = ("SK" + "1" * 32, "secret")
    account = here.client.api.v2010.accounts(ACCOUNT).fetch()
    assert account.sid == ACCOUNT


def test_the_queue_drains_at_the_accounts_rate_and_estimates_the_wait(
    make_sandbox: MakeSandbox, receiver: Receiver
) -> None:
    here = make_sandbox(calls_per_second=1.0)
    here.pin(PERSON, outcomes=["failed"])
    calls = [
        here.client.calls.create(to=PERSON, from_=NUMBER, twiml=SAY, status_callback=f"{receiver.url}/status")
        for _ in range(6)
    ]
    assert {call.status for call in calls} == {"queued"}
    assert int(calls[-1].queue_time or 0) >= 2000
    receiver.wait_for("/status", 6, CallStatus="failed")
    dialled = sorted(row["dialled_at"] for row in here.report()["calls"])
    seconds = [_seconds(later) - _seconds(earlier) for earlier, later in pairwise(dialled)]
    assert sum(seconds) >= 4.0
    assert max(here.report()["dials_by_number"][PERSON]) == dialled[-1]


def _seconds(moment: str) -> float:
    hours, minutes, seconds = moment[11:23].split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def test_a_call_cancelled_while_queued_fires_nothing(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    here = make_sandbox(calls_per_second=0.1)
    here.pin(PERSON, outcomes=["failed"])
    said: dict[str, Any] = {"status_callback": f"{receiver.url}/status", "status_callback_event": EVENTS}
    here.client.calls.create(to=PERSON, from_=NUMBER, twiml=SAY, **said)
    cancelled = here.client.calls.create(to=PERSON, from_=NUMBER, twiml=SAY, **said)
    last = here.client.calls.create(to=PERSON, from_=NUMBER, twiml=SAY, **said)
    assert here.client.calls(str(cancelled.sid)).update(status="canceled").status == "canceled"
    receiver.wait_for("/status", 1, CallSid=str(last.sid), CallStatus="failed")
    assert receiver.at("/status", CallSid=str(cancelled.sid)) == []
    assert len(here.report()["dials_by_number"][PERSON]) == 2


def test_a_call_that_waited_for_a_day_is_cancelled_without_a_word(
    make_sandbox: MakeSandbox, receiver: Receiver
) -> None:
    here = make_sandbox(calls_per_second=0.9 / 86_400, speed=100_000)
    here.pin(PERSON, outcomes=["failed"])
    said: dict[str, Any] = {"status_callback": f"{receiver.url}/status", "status_callback_event": EVENTS}
    here.client.calls.create(to=PERSON, from_=NUMBER, twiml=SAY, **said)
    receiver.wait_for("/status", CallStatus="failed")
    waiting = here.client.calls.create(to=PERSON, from_=NUMBER, twiml=SAY, **said)
    eventually(lambda: here.client.calls(str(waiting.sid)).fetch().status == "canceled")
    after = here.client.calls.create(to=OTHER_PERSON, from_=NUMBER, twiml=SAY, **said)
    receiver.wait_for("/status", CallSid=str(after.sid))
    assert receiver.at("/status", CallSid=str(waiting.sid)) == []


def test_a_queue_that_holds_a_day_of_calls_is_full(make_sandbox: MakeSandbox) -> None:
    here = make_sandbox(calls_per_second=2 / 86_400, speed=1)
    here.post("Calls.json", To=PERSON, From=NUMBER, Twiml=SAY)
    eventually(lambda: here.report()["counts"]["queued_calls"] == 0)
    answers = [here.post("Calls.json", To=PERSON, From=NUMBER, Twiml=SAY) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 400]
    assert answers[-1].json()["code"] == 22005


def test_calls_are_found_by_whom_they_went_to_in_pages(here: Here) -> None:
    for to in (PERSON, OTHER_PERSON) * 4:
        here.client.calls.create(to=to, from_=NUMBER, twiml=SAY)
    found = here.client.calls.list(to=PERSON, from_=NUMBER, page_size=3)
    assert len(found) == 4
    assert len({call.sid for call in found}) == 4
    assert {call.to for call in found} == {PERSON}
    assert here.client.calls.list(to=PERSON, from_="+12025550199") == []


def test_a_queued_call_has_no_start_and_is_missed_by_a_filter_on_it(make_sandbox: MakeSandbox) -> None:
    here = make_sandbox(calls_per_second=0.001, speed=1)
    here.pin(PERSON, outcomes=["no_answer"])
    first = here.client.calls.create(to=PERSON, from_=NUMBER, twiml=SAY)
    here.client.calls.create(to=PERSON, from_=NUMBER, twiml=SAY)
    eventually(lambda: here.client.calls(str(first.sid)).fetch().status == "ringing")
    today = here.row(str(first.sid))["dialled_at"][:10]
    answer = here.client.request(
        "GET", f"{here.url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json", params={"StartTime>": today}
    )
    assert f'"{first.sid}"' in answer.text
    assert len(here.client.calls.list(to=PERSON)) == 2
    assert len(here.client.calls.list(to=PERSON, status="queued")) == 1
    assert answer.text.count('"sid":"CA') == 1


def test_a_live_call_is_hung_up_and_cannot_be_changed_any_more(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1, patience_seconds=10_000)
    call = here.client.calls.create(
        to=PERSON,
        from_=NUMBER,
        twiml="<Response><Pause length='5000'/></Response>",
        status_callback=f"{receiver.url}/status",
        status_callback_event=EVENTS,
    )
    sid = str(call.sid)
    with pytest.raises(TwilioRestException) as early:
        here.client.calls(sid).update(twiml=SAY)
    receiver.wait_for("/status", CallStatus="in-progress")
    with pytest.raises(TwilioRestException) as late:
        here.client.calls(sid).update(status="canceled")
    assert here.client.calls(sid).update(status="completed").status == "completed"
    with pytest.raises(TwilioRestException) as ended:
        here.client.calls(sid).update(status="completed")
    assert [error.value.code for error in (early, late, ended)] == [21220] * 3


def test_a_ringing_call_is_cancelled_and_says_so(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["no_answer"], timeout_buffer_seconds=0)
    call = here.client.calls.create(
        to=PERSON, from_=NUMBER, twiml=SAY, timeout=600,
        status_callback=f"{receiver.url}/status", status_callback_event=EVENTS,
    )  # fmt: skip
    receiver.wait_for("/status", CallStatus="ringing")
    here.client.calls(str(call.sid)).update(status="canceled")
    [end] = receiver.wait_for("/status", CallStatus="canceled")
    assert end["CallDuration"] == "0"


def test_an_unknown_call_is_not_found(here: Here) -> None:
    with pytest.raises(TwilioRestException) as missing:
        here.client.calls("CA" + "0" * 32).fetch()
    assert (missing.value.status, missing.value.code) == (404, 20404)
