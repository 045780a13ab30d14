"""What a leg does with the documents it is given, and what its callee hears of them."""

from typing import Any

import pytest

from tests.sandbox.conftest import AGENT, NUMBER, OTHER_PERSON, PERSON, TOKEN, Here
from tests.sandbox.receiver import Answer, Receiver

MESSAGE = (
    "<Gather numDigits='1' action='/opt-out?a=1' timeout='4'><Say>This is Sample Ltd. Press 9 to stop.</Say></Gather>"
)


def call(here: Here, receiver: Receiver, document: str | Answer, *, to: str = PERSON, **wishes: Any) -> str:
    url = receiver.answers("/answer", document)
    settings = {"url": url, "status_callback": f"{receiver.url}/status", **wishes}
    return str(here.client.calls.create(to=to, from_=NUMBER, **settings).sid)


def test_the_document_is_asked_for_when_the_call_is_answered_and_signed(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1)
    sid = call(here, receiver, "<Say>Good day</Say>")
    [asked] = receiver.wait_for("/answer")
    assert asked.is_signed_with(TOKEN)
    assert (asked["CallSid"], asked["CallStatus"], asked["Direction"]) == (sid, "in-progress", "outbound-api")
    assert (asked["To"], asked["From"], asked["ToCountry"]) == (PERSON, NUMBER, "US")


def test_what_is_said_takes_as_long_as_its_words_and_is_in_the_report(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1)
    sid = call(here, receiver, f"<Pause length='2'/><Say>{'word ' * 26}</Say><Hangup/><Say>never</Say>")
    end = receiver.wait_for_end()[-1]
    assert 12 <= int(end["CallDuration"]) < 60
    row = here.row(sid)
    assert [heard["what"] for heard in row["heard"] if heard["what"] != "greeting_end"] == [
        "ring", "silence", "information_message", "hung_up",
    ]  # fmt: skip
    assert row["greeting_ended_at"] < row["information_message_at"] < row["ended_at"]


def test_a_pressed_key_reaches_the_action_with_its_digits(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1, presses="9", press_after_seconds=1)
    receiver.answers("/opt-out", "<Say>You will not be called again</Say>")
    sid = call(here, receiver, MESSAGE + "<Say>not reached</Say>")
    [pressed] = receiver.wait_for("/opt-out")
    assert pressed["Digits"] == "9"
    assert pressed.query == {"a": ["1"]}
    assert pressed.is_signed_with(TOKEN)
    receiver.wait_for_end()
    details = [heard["detail"] for heard in here.row(sid)["heard"] if heard["what"] == "information_message"]
    assert details == ["This is Sample Ltd. Press 9 to stop.", "You will not be called again"]


def test_spoken_words_reach_an_action_that_listens_for_them(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1, presses="", says="stop calling me", press_after_seconds=1)
    call(here, receiver, "<Gather input='dtmf speech' action='/opt-out'><Say>Say stop to stop</Say></Gather>")
    assert receiver.wait_for("/opt-out")[0]["SpeechResult"] == "stop calling me"


def test_without_keys_a_gather_falls_through_and_its_action_is_not_called(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1, presses="", patience_seconds=20)
    call(here, receiver, MESSAGE + "<Redirect>/after</Redirect>")
    receiver.wait_for("/after")
    assert receiver.at("/opt-out") == []


def test_an_empty_result_calls_the_action_where_asked_for(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1, presses="", patience_seconds=20)
    call(here, receiver, "<Gather action='/opt-out' timeout='1' actionOnEmptyResult='true'/>")
    assert receiver.wait_for("/opt-out")[0]["Digits"] == ""


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (Answer(500), "11200"),
        (Answer(body="<Response><Say>"), "12100"),
        (Answer(body="{}", content_type="application/json"), "12300"),
        (Answer(body=f"<Response>{' ' * 65_536}</Response>"), "11750"),
    ],
)
def test_a_document_that_cannot_be_used_sends_the_leg_to_the_fallback(
    here: Here, receiver: Receiver, broken: Answer, code: str
) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1)
    receiver.answers("/fallback", "<Say>Sorry</Say>")
    call(here, receiver, broken, fallback_url=f"{receiver.url}/fallback")
    [asked] = receiver.wait_for("/fallback")
    assert (asked["ErrorCode"], asked["ErrorUrl"]) == (code, f"{receiver.url}/answer")
    assert receiver.wait_for_end()[-1]["CallStatus"] == "completed"


def test_without_a_fallback_the_callee_hears_an_error_and_the_call_ends(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1)
    sid = call(here, receiver, Answer(503))
    receiver.wait_for_end()
    assert "application_error" in here.heard(sid)


def test_a_redirected_answer_becomes_a_get_and_drops_its_fields(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1)
    call(here, receiver, Answer(302, "", headers={"Location": "/moved"}))
    [asked] = receiver.wait_for("/moved")
    assert (asked.method, asked.form) == ("GET", {})


def test_a_live_call_follows_another_document_at_once(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1, patience_seconds=5_000)
    sid = call(here, receiver, "<Pause length='5000'/><Say>never</Say>")
    receiver.wait_for("/answer")
    here.client.calls(sid).update(twiml="<Response><Say>Something else</Say></Response>")
    receiver.wait_for_end()
    assert [h["detail"] for h in here.row(sid)["heard"] if h["detail"]] == ["Something else"]


def test_a_dialled_agent_is_a_leg_of_its_own_and_the_action_hears_how_it_went(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1, talk_seconds=20, patience_seconds=60)
    sid = call(here, receiver, f"<Dial action='/after'><Client>{AGENT.removeprefix('client:')}</Client></Dial>")
    [after] = receiver.wait_for("/answer") and receiver.wait_for_end()
    assert after["CallStatus"] == "completed"
    child = next(row for row in here.report()["calls"] if row["parent_sid"] == sid)
    assert (child["to"], child["direction"], child["status"]) == (AGENT, "outbound-dial", "completed")
    assert "agent_voice" in here.heard(sid)


def test_an_agent_who_dials_a_number_that_is_busy_hears_so_in_the_action(here: Here, receiver: Receiver) -> None:
    here.pin(OTHER_PERSON, outcomes=["busy"])
    call(here, receiver, f"<Dial action='/after' timeout='20'>{OTHER_PERSON}</Dial>", to=AGENT)
    [after] = receiver.wait_for("/after")
    assert after["DialCallStatus"] == "busy"
    assert len(here.report()["dials_by_number"][OTHER_PERSON]) == 1


def test_an_unknown_verb_is_skipped_with_a_warning(here: Here, receiver: Receiver) -> None:
    here.pin(PERSON, outcomes=["human"], ring_seconds=1)
    sid = call(here, receiver, "<Juggle/><Say>Hello</Say>")
    receiver.wait_for_end()
    assert "information_message" in here.heard(sid)
    assert any("Juggle" in warning for warning in here.report()["warnings"])
