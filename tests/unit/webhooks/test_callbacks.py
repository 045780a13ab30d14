"""What the carrier's requests get, and that repeats and disorder change nothing."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.deliveries import inbox
from tests.integration.reception.world import (
    CALLER_ID,
    PERSON,
    a_ready_agent,
    an_attempt,
    attempt_row,
    count,
    stops,
    taken_back,
)
from tests.unit.webhooks.conftest import SigningCarrier
from tests.unit.webhooks.guests import BASE, TOKEN
from webhooks import callbacks

UNKNOWN = "019ab4a0-0000-7000-8000-000000000001"
CALL = {"CallSid": "CA1", "From": CALLER_ID, "To": PERSON}
FROM_THEM = {"CallSid": "CA1", "From": PERSON, "To": CALLER_ID}


def tags(document: str) -> list[str]:
    return [element.tag for element in ET.fromstring(document).iter()]  # noqa: S314 - our own text


def test_an_answered_call_is_joined_to_an_agent(carrier: SigningCarrier, house: Store) -> None:
    a_ready_agent(house, "ada")
    attempt_id = an_attempt(house)
    answer = carrier.post(f"/calls/{attempt_id}/answer", CALL)
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert ET.fromstring(answer.text).findtext("Dial/Conference") == "agent-ada"  # noqa: S314 - our own text


def test_an_answered_call_without_an_agent_may_opt_out_of_the_next(carrier: SigningCarrier, house: Store) -> None:
    attempt_id = an_attempt(house, answered_at=datetime.now(UTC) - timedelta(seconds=3))
    document = carrier.post(f"/calls/{attempt_id}/answer", CALL).text
    gather = ET.fromstring(document).find("Gather")  # noqa: S314 - our own text
    assert gather is not None
    assert str(gather.get("action")).startswith(f"{BASE}/calls/{attempt_id}/key")
    assert "Acme Roofing" in str(gather.findtext("Say"))
    farewell = carrier.post(f"/calls/{attempt_id}/key", CALL | {"Digits": "9"}).text
    assert tags(farewell) == ["Response", "Say", "Hangup"]
    assert stops(house) == [("acme-roofing", "keypress_opt_out", "any", True)]


def test_somebody_for_whom_nobody_is_free_yet_is_sent_back_to_the_same_question(
    carrier: SigningCarrier, house: Store
) -> None:
    attempt_id = an_attempt(house)
    document = ET.fromstring(carrier.post(f"/calls/{attempt_id}/answer", CALL).text)  # noqa: S314 - our own text
    assert [verb.tag for verb in document] == ["Pause", "Redirect"]
    assert str(document.findtext("Redirect")).startswith(f"{BASE}/calls/{attempt_id}/answer")


def test_an_attempt_that_nobody_knows_is_hung_up_on_and_its_news_acknowledged(
    carrier: SigningCarrier, house: Store
) -> None:
    for part in ("answer", "key"):
        assert tags(carrier.post(f"/calls/{UNKNOWN}/{part}", CALL | {"Digits": "9"}).text) == ["Response", "Hangup"]
    for path in (f"/calls/{UNKNOWN}/status", f"/calls/{UNKNOWN}/detection", f"/messages/{UNKNOWN}/status"):
        answer = carrier.post(path, CALL | {"CallStatus": "ringing"})
        assert (answer.status_code, answer.data) == (204, b"")
    assert stops(house) == []


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_news_in_any_order_and_twice_is_stored_once_each(
    carrier: SigningCarrier, house: Store, order: tuple[int, ...]
) -> None:
    attempt_id = an_attempt(house)
    news = [
        CALL | {"CallStatus": word, "SequenceNumber": str(at)}
        for at, word in enumerate(("initiated", "ringing", "completed"))
    ]
    for at in (*order, *order):
        assert carrier.post(f"/calls/{attempt_id}/status", news[at]).status_code == 204
    assert count(house, inbox) == 3
    with house.read() as tx:
        assert set(tx.execute(select(inbox.c.attempt_id)).scalars()) == {attempt_id}
        assert set(tx.execute(select(inbox.c.kind)).scalars()) == {"call_status"}
    assert attempt_row(house, attempt_id).stage == "ringing", "settling is the worker's, not the callback's"


def test_an_agent_who_picks_up_waits_in_their_own_room(carrier: SigningCarrier, house: Store) -> None:
    document = carrier.post("/agents/ada/answer", CALL | {"CallStatus": "in-progress"}).text
    conference = ET.fromstring(document).find("Dial/Conference")  # noqa: S314 - our own text
    assert conference is not None
    assert (conference.text, conference.get("endConferenceOnExit")) == ("agent-ada", "true")
    assert carrier.post("/agents/ada/status", CALL | {"CallStatus": "completed"}).status_code == 204
    with house.read() as tx:
        assert set(tx.execute(select(inbox.c.kind)).scalars()) == {"agent_status"}
    assert count(house, inbox) == 2


@pytest.mark.parametrize(
    ("body", "expected"), [("STOP", ["Response"]), ("please stop texting me", ["Response", "Message"])]
)
def test_a_stop_by_message_is_answered_once_by_somebody(
    carrier: SigningCarrier, house: Store, body: str, expected: list[str]
) -> None:
    ringing = an_attempt(house)
    form = {"MessageSid": "SM1", "From": PERSON, "To": CALLER_ID, "Body": body}
    answer = carrier.post("/inbound/messages", form)
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert tags(answer.text) == expected
    assert taken_back(house) == {ringing}


def test_who_calls_us_is_greeted_offered_an_agent_and_leaves(carrier: SigningCarrier, house: Store) -> None:
    a_ready_agent(house, "ada")
    greeting = ET.fromstring(carrier.post("/inbound/calls", FROM_THEM).text)  # noqa: S314 - our own text
    gather = greeting.find("Gather")
    assert gather is not None
    assert str(gather.get("action")).startswith(f"{BASE}/inbound/calls/key")
    joined = ET.fromstring(carrier.post("/inbound/calls/key", FROM_THEM | {"Digits": ""}).text)  # noqa: S314 - our own
    dial = joined.find("Dial")
    assert dial is not None
    assert dial.findtext("Conference") == "agent-ada"
    assert str(dial.get("action")).startswith(f"{BASE}/inbound/calls/status")
    over = carrier.post("/inbound/calls/status", FROM_THEM | {"DialCallStatus": "completed"})
    assert tags(over.text) == ["Response", "Hangup"]


def test_a_fault_of_ours_is_said_in_one_line_and_may_be_sent_again(
    carrier: SigningCarrier, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(f"the database said {PERSON}")

    monkeypatch.setattr(callbacks, "receive", fail)
    answer = carrier.post(f"/calls/{UNKNOWN}/status", CALL)
    assert (answer.status_code, answer.mimetype) == (500, "text/plain")
    assert answer.text == "The callback was not stored; send it again.\n"
    assert TOKEN not in answer.text
