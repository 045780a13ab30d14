"""What our client tells Twilio's API, and what it makes of the answers, traps included."""

from typing import Any

import pytest
import requests

from orchestrator.carrier.client import connect
from orchestrator.domain.carrier import AgentCallOrder, AmdMode, Carrier
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.errors import (
    AccountMisconfiguredError,
    CarrierBusyError,
    CarrierError,
    DispatchUncertainError,
    NumberDeadError,
    NumberRefusedError,
    RecipientOptedOutError,
)
from sandbox.server import RunningSandbox
from tests.contract.conftest import ATTEMPT, CALLER_ID, NOW, PERSON, a_call, a_message, settings_for

DEAD, UNREACHABLE, NO_PERMISSION, BLOCKED = (f"+1500555000{last}" for last in (1, 2, 3, 4))


def control(sandbox: RunningSandbox, path: str, wishes: dict[str, Any]) -> None:
    requests.post(f"{sandbox.url}/sandbox/{path}", json=wishes, timeout=5).raise_for_status()


def report(sandbox: RunningSandbox) -> dict[str, Any]:
    found: dict[str, Any] = requests.get(f"{sandbox.url}/sandbox/report", timeout=5).json()
    return found


def test_every_address_that_we_give_away_carries_the_attempt(twilio: Carrier, sandbox: RunningSandbox) -> None:
    twilio.place_call(a_call(amd=AmdMode.CONNECT_FIRST))
    twilio.send_message(a_message())
    told = report(sandbox)
    call, message = told["calls"][0], told["messages"][0]
    assert call["url"].startswith(f"https://calls.example.com/calls/{ATTEMPT}/answer#")
    assert call["status_callback"].startswith(f"https://calls.example.com/calls/{ATTEMPT}/status#rc=3&rp=all")
    assert message["status_callback"].startswith(f"https://calls.example.com/messages/{ATTEMPT}/status#")


def test_nothing_is_ever_recorded(twilio: Carrier, sandbox: RunningSandbox) -> None:
    for amd in AmdMode:
        twilio.place_call(a_call(amd=amd))
    twilio.call_agent(AgentCallOrder(agent_id="ada", address="client:ada", from_=CALLER_ID, room="agent-ada"))
    names = str(report(sandbox)["parameters_seen"])
    assert "Timeout" in names
    assert "Record" not in names


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        (DEAD, NumberDeadError),
        (UNREACHABLE, NumberRefusedError),
        (NO_PERMISSION, AccountMisconfiguredError),
        (BLOCKED, NumberRefusedError),
    ],
)
def test_a_refused_call_says_what_may_be_done_next(twilio: Carrier, to: str, expected: type[CarrierError]) -> None:
    with pytest.raises(CarrierError) as raised:
        twilio.place_call(a_call(to=to))
    assert type(raised.value) is expected


def test_a_message_to_somebody_who_stopped_is_theirs_to_suppress(twilio: Carrier) -> None:
    with pytest.raises(RecipientOptedOutError):
        twilio.send_message(a_message(to=BLOCKED))


def test_429_is_busy_and_nothing_was_made(twilio: Carrier, sandbox: RunningSandbox) -> None:
    control(sandbox, "faults", {"kind": "create-busy", "times": 1})
    with pytest.raises(CarrierBusyError):
        twilio.place_call(a_call())
    assert not twilio.find_calls(to=PERSON, from_=CALLER_ID, since=NOW)


@pytest.mark.parametrize("fault", ["create-error-after-accepting", "create-reset-after-accepting"])
def test_a_failure_after_accepting_is_a_doubt_and_sent_once(
    twilio: Carrier, sandbox: RunningSandbox, fault: str
) -> None:
    control(sandbox, "faults", {"kind": fault, "times": 1})
    with pytest.raises(DispatchUncertainError):
        twilio.place_call(a_call())
    assert len(twilio.find_calls(to=PERSON, from_=CALLER_ID, since=NOW)) == 1


def test_wrong_credentials_are_for_a_person_to_mend(sandbox: RunningSandbox) -> None:
    stranger = connect(settings_for(sandbox.url, auth_token="another"))
    for ask in (lambda: stranger.place_call(a_call()), lambda: stranger.line_type(PERSON)):
        with pytest.raises(AccountMisconfiguredError):
            ask()


@pytest.mark.parametrize(
    ("pinned", "expected"),
    [
        ("landline", LineType.LANDLINE),
        ("mobile", LineType.MOBILE),
        ("fixedVoip", LineType.VOIP),
        ("nonFixedVoip", LineType.VOIP),
        (None, LineType.UNKNOWN),
    ],
)
def test_line_types_are_read_strictly(
    twilio: Carrier, sandbox: RunningSandbox, pinned: str | None, expected: LineType
) -> None:
    control(sandbox, "people", {"number": PERSON, "line_type": pinned})
    answer = twilio.line_type(PERSON)
    assert (answer.valid, answer.line_type) == (True, expected)


def test_a_lookup_that_fails_may_be_asked_again(twilio: Carrier, sandbox: RunningSandbox) -> None:
    control(sandbox, "faults", {"kind": "lookup-failing", "times": 1})
    with pytest.raises(CarrierBusyError):
        twilio.line_type(PERSON)


def test_a_number_that_is_no_number_is_answered_as_invalid(twilio: Carrier) -> None:
    assert twilio.line_type("+12").valid is False
