"""What every carrier promises."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from orchestrator.domain.carrier import AgentCallOrder, Carrier
from orchestrator.domain.contact_request import Channel, LineType, ReassignedResult
from orchestrator.domain.errors import CallOverError, CarrierBusyError, CarrierError, NumberRefusedError
from tests.contract.conftest import ATTEMPT, CALLER_ID, NOW, OTHER_PERSON, PERSON, a_call, a_message

SERVICE = "MG" + "0" * 32


def test_a_placed_call_is_queued_and_can_be_fetched(carrier: Carrier) -> None:
    receipt = carrier.place_call(a_call())
    record = carrier.fetch_call(receipt.sid)
    assert receipt.status == "queued"
    assert (record.sid, record.channel, record.to, record.from_) == (receipt.sid, Channel.VOICE, PERSON, CALLER_ID)
    assert record.status == "queued"


def test_two_calls_have_two_sids(carrier: Carrier) -> None:
    assert carrier.place_call(a_call()).sid != carrier.place_call(a_call(to=OTHER_PERSON)).sid


def test_a_call_is_found_by_its_two_numbers_and_the_moment_before_it(carrier: Carrier) -> None:
    receipt = carrier.place_call(a_call())
    carrier.place_call(a_call(to=OTHER_PERSON))
    found = carrier.find_calls(to=PERSON, from_=CALLER_ID, since=NOW)
    assert [record.sid for record in found] == [receipt.sid]


def test_a_call_is_not_found_from_a_later_moment_on_or_from_another_number(carrier: Carrier) -> None:
    carrier.place_call(a_call())
    assert not carrier.find_calls(to=PERSON, from_=CALLER_ID, since=NOW + timedelta(seconds=2))
    assert not carrier.find_calls(to=PERSON, from_="+12125550199", since=NOW)


def test_a_queued_call_can_be_cancelled_once(carrier: Carrier) -> None:
    sid = carrier.place_call(a_call()).sid
    assert carrier.cancel_call(sid).status == "canceled"
    with pytest.raises(CallOverError):
        carrier.cancel_call(sid)
    with pytest.raises(CallOverError):
        carrier.hang_up(sid)


def test_a_queued_call_can_be_hung_up(carrier: Carrier) -> None:
    sid = carrier.place_call(a_call()).sid
    assert carrier.hang_up(sid).status == "canceled"
    assert carrier.fetch_call(sid).status == "canceled"


def test_a_message_from_a_number_is_queued_and_found(carrier: Carrier) -> None:
    receipt = carrier.send_message(a_message())
    assert receipt.status == "queued"
    assert carrier.fetch_message(receipt.sid).channel is Channel.SMS
    for sender in (CALLER_ID, None):
        found = carrier.find_messages(to=PERSON, since=NOW, from_=sender)
        assert [record.sid for record in found] == [receipt.sid]
    assert not carrier.find_messages(to=OTHER_PERSON, since=NOW)


def test_a_message_through_a_service_is_accepted(carrier: Carrier) -> None:
    assert carrier.send_message(a_message(from_=None, messaging_service=SERVICE)).status == "accepted"


def test_a_message_that_has_not_left_can_be_cancelled_once(carrier: Carrier) -> None:
    sid = carrier.send_message(a_message()).sid
    assert carrier.cancel_message(sid).status == "canceled"
    with pytest.raises(CallOverError):
        carrier.cancel_message(sid)


def test_an_agent_is_called(carrier: Carrier) -> None:
    order = AgentCallOrder(agent_id="ada", address="client:ada", from_=CALLER_ID, room="agent-ada")
    receipt = carrier.call_agent(order)
    assert carrier.fetch_call(receipt.sid).to == "client:ada"


def test_a_call_that_nobody_has_answered_cannot_ask_for_its_document_again(carrier: Carrier) -> None:
    sid = carrier.place_call(a_call()).sid
    with pytest.raises(CallOverError):
        carrier.ask_again(sid, ATTEMPT)


def test_nobody_is_in_a_room_that_nobody_opened(carrier: Carrier) -> None:
    assert carrier.people_in("agent-ada") == frozenset()


def test_a_call_to_no_number_is_refused_and_made_nowhere(carrier: Carrier) -> None:
    with pytest.raises(NumberRefusedError):
        carrier.place_call(a_call(to=""))


def test_an_unknown_sid_is_an_error_that_waiting_does_not_mend(carrier: Carrier) -> None:
    with pytest.raises(CarrierError) as raised:
        carrier.fetch_call("CA" + "f" * 32)
    assert raised.value.carrier_code == 20404
    assert not isinstance(raised.value, CarrierBusyError)


def test_a_number_that_is_none_has_an_unknown_line_type(carrier: Carrier) -> None:
    answer = carrier.line_type("+12")
    assert answer.line_type is LineType.UNKNOWN


@pytest.mark.parametrize(
    ("disconnected_on", "asked_about", "result"),
    [
        (date(2024, 5, 7), date(2024, 5, 6), ReassignedResult.YES),
        (date(2024, 5, 7), date(2024, 5, 7), ReassignedResult.YES),
        (date(2024, 5, 7), date(2024, 5, 8), ReassignedResult.NO),
        (date(2024, 5, 7), date(2020, 1, 1), ReassignedResult.YES),
        (None, date(2021, 1, 27), ReassignedResult.NO),
        (None, date(2021, 1, 26), ReassignedResult.NO_DATA),
    ],
)
def test_a_number_was_reassigned_if_it_was_taken_away_on_that_day_or_later(
    carrier: Carrier,
    disconnect: Callable[[str, date | None], None],
    disconnected_on: date | None,
    asked_about: date,
    result: ReassignedResult,
) -> None:
    disconnect(PERSON, disconnected_on)
    answer = carrier.reassigned(PERSON, asked_about)
    assert (answer.number, answer.last_verified_on, answer.result) == (PERSON, asked_about, result)


def test_of_a_number_abroad_the_database_says_nothing(carrier: Carrier) -> None:
    answer = carrier.reassigned("+442079460123", date(2024, 5, 7))
    assert (answer.result, answer.error_code) == (None, 60600)
