"""Documents as Twilio reads them."""

import xml.etree.ElementTree as ET

import pytest

from orchestrator.carrier import twiml
from orchestrator.carrier.keywords import carrier_replies
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.domain.sender import Sender

HEARD_AT, AGAIN = "https://calls.example.com/agents/ada/room", "https://calls.example.com/agents/ada/answer"
KEY_URL = "https://calls.example.com/calls/1/key#rc=2&rp=all"


def read(document: str) -> ET.Element:
    return ET.fromstring(document)  # noqa: S314 - our own text


def test_a_person_joins_the_agents_room_in_silence_and_leaves_it_open() -> None:
    conference = read(twiml.join("agent-ada")).find("Dial/Conference")
    assert conference is not None
    assert conference.text == "agent-ada"
    assert conference.get("beep") == "false"
    assert conference.get("endConferenceOnExit") == "false"


def test_an_agent_opens_the_room_and_closes_it() -> None:
    document = read(twiml.agent_room("agent-ada", heard_at=HEARD_AT, again=AGAIN))
    conference = document.find("Dial/Conference")
    assert conference is not None
    assert (conference.get("statusCallback"), conference.get("statusCallbackEvent")) == (HEARD_AT, "join leave")
    assert document.findtext("Redirect") == AGAIN, "a room that closes early is opened anew"
    assert conference.get("startConferenceOnEnter") == "true"
    assert conference.get("endConferenceOnExit") == "true"


def test_who_waits_hears_a_moment_of_silence_and_asks_again() -> None:
    pause, redirect = read(twiml.wait(AGAIN))
    assert (pause.tag, pause.get("length")) == ("Pause", "1")
    assert (redirect.tag, redirect.text, redirect.get("method")) == ("Redirect", AGAIN, "POST")


def test_the_key_works_while_the_information_is_said() -> None:
    document = read(twiml.information("This is <Acme> & Co.", KEY_URL))
    gather = document.find("Gather")
    assert gather is not None
    assert (gather.get("numDigits"), gather.get("action")) == ("1", KEY_URL)
    assert gather.findtext("Say") == "This is <Acme> & Co."
    assert [child.tag for child in document] == ["Gather", "Hangup"]


def test_a_greeting_asks_again_where_no_key_was_pressed() -> None:
    gather = read(twiml.greeting("Hello", KEY_URL)).find("Gather")
    assert gather is not None
    assert gather.get("actionOnEmptyResult") == "true"


@pytest.mark.parametrize(
    ("recording", "verbs"),
    [(None, {"Say": "This is Acme."}), ("https://www.example.com/a.mp3", {"Play": "https://www.example.com/a.mp3"})],
)
def test_a_machine_is_left_the_recording_or_else_the_words(recording: str | None, verbs: dict[str, str]) -> None:
    document = read(twiml.leave("This is Acme.", recording))
    assert {verb.tag: verb.text for verb in document} == {**verbs, "Hangup": None}


def test_nothing_to_say_is_an_empty_response() -> None:
    assert len(read(twiml.empty())) == 0
    assert read(twiml.reply("One & only")).findtext("Message") == "One & only"
    assert [child.tag for child in read(twiml.hang_up())] == ["Hangup"]


@pytest.mark.parametrize(
    ("to", "body", "opt_out_type", "expected"),
    [
        ("+12125550100", "STOP", None, True),
        ("+12125550100", " stop ", None, True),
        ("+12125550100", "Help", None, True),
        ("+12125550100", "stop please", None, False),
        ("+12125550100", "STOP.", None, False),
        ("+12125550100", "whatever", "STOP", True),
        ("12345", "STOP", None, False),
        ("12345", "STOP", "STOP", True),
    ],
)
def test_the_carrier_answers_single_words_to_long_numbers(
    to: str, body: str, opt_out_type: str | None, expected: bool
) -> None:
    event = CarrierEvent(
        kind=EventKind.INBOUND_MESSAGE,
        key="k",
        sid="SM1",
        to=to,
        from_="+12125550123",
        body=body,
        opt_out_type=opt_out_type,
    )
    assert carrier_replies(event, Sender.of(to)) is expected


@pytest.mark.parametrize(
    ("address", "noun"),
    [
        ("+12125550108", "<Number>+12125550108</Number>"),
        ("client:bob", "<Client>bob</Client>"),
        ("sip:bob@desk.example.com", "<Sip>sip:bob@desk.example.com</Sip>"),
        ("sips:bob@desk.example.com", "<Sip>sips:bob@desk.example.com</Sip>"),
    ],
)
def test_whom_a_person_is_handed_on_to_is_dialled_as_what_they_are(address: str, noun: str) -> None:
    text = twiml.hand_over(address, "+12125550100", "https://calls.example.com/over")
    assert '<Dial action="https://calls.example.com/over" callerId="+12125550100"' in text
    assert noun in text


def test_only_whom_nobody_answered_is_told_so() -> None:
    assert "<Say>" not in twiml.handed_over(reached=True)
    assert "Nobody could be reached there" in twiml.handed_over(reached=False)
