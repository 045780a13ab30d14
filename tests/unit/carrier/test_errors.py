"""Each answer and each fault says what may be done next."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
import requests
import responses

from orchestrator.carrier import transport
from orchestrator.carrier.client import TwilioCarrier, connect
from orchestrator.carrier.error_codes import MEANING, meaning
from orchestrator.domain.carrier import CallOrder
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.errors import (
    AccountMisconfiguredError,
    AnswerLostError,
    CallerBlockedError,
    CallOverError,
    CarrierBusyError,
    CarrierError,
    CarrierUnreachableError,
    DispatchUncertainError,
    NumberDeadError,
    NumberRefusedError,
    RecipientOptedOutError,
)
from tests.unit.carrier.orders import ACCOUNT, a_call, a_message, settings

CALLS = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
MESSAGES = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
CALL = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Calls/CA1.json"
MESSAGE = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/SM1.json"


@pytest.fixture
def carrier() -> TwilioCarrier:
    return connect(settings())


def refused_with(carrier: TwilioCarrier, order: CallOrder, *, status: int, body: object) -> CarrierError:
    with responses.RequestsMock() as mock:
        mock.post(CALLS, status=status, json=body)
        with pytest.raises(CarrierError) as raised:
            carrier.place_call(order)
        assert len(mock.calls) == 1, "a creation is sent once, whatever the answer"
    return raised.value


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (21211, NumberDeadError),
        (21217, NumberDeadError),
        (13223, NumberDeadError),
        (21214, NumberRefusedError),
        (13224, NumberRefusedError),
        (13225, NumberRefusedError),
        (21216, NumberRefusedError),
        (32203, NumberRefusedError),
        (20003, AccountMisconfiguredError),
        (10001, AccountMisconfiguredError),
        (10002, AccountMisconfiguredError),
        (21205, AccountMisconfiguredError),
        (21210, AccountMisconfiguredError),
        (21212, AccountMisconfiguredError),
        (21213, AccountMisconfiguredError),
        (21215, AccountMisconfiguredError),
        (21219, AccountMisconfiguredError),
        (13227, AccountMisconfiguredError),
        (13247, AccountMisconfiguredError),
        (32205, AccountMisconfiguredError),
        (32206, AccountMisconfiguredError),
        (32017, CallerBlockedError),
        (10004, CarrierBusyError),
        (22005, CarrierBusyError),
        (16021, CarrierBusyError),
        (22001, DispatchUncertainError),
        (99999, CarrierError),
    ],
)
def test_a_refused_call_is_sorted_by_its_code(carrier: TwilioCarrier, code: int, expected: type[CarrierError]) -> None:
    error = refused_with(carrier, a_call(), status=400, body={"code": code, "message": "no", "status": 400})
    assert type(error) is expected
    assert error.carrier_code == code


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (21610, RecipientOptedOutError),
        (21614, NumberRefusedError),
        (21612, NumberRefusedError),
        (30005, NumberDeadError),
        (30006, NumberRefusedError),
        (30007, CallerBlockedError),
        (30034, AccountMisconfiguredError),
        (21408, AccountMisconfiguredError),
        (21606, AccountMisconfiguredError),
        (21703, AccountMisconfiguredError),
        (30022, CarrierBusyError),
        (30023, CarrierBusyError),
        (14107, CarrierBusyError),
        (30410, DispatchUncertainError),
    ],
)
def test_a_message_is_sorted_by_its_code_at_creation_and_later(code: int, expected: type[CarrierError]) -> None:
    assert meaning(code) is expected


def test_no_code_has_two_meanings() -> None:
    from orchestrator.carrier import error_codes as codes

    groups = [value for name, value in vars(codes).items() if isinstance(value, frozenset)]
    assert sum(len(group) for group in groups) == len(MEANING)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (429, {"code": 20429, "message": "slow down", "status": 429}, CarrierBusyError),
        (429, {"message": "no code"}, CarrierBusyError),
        (401, {"message": "no code"}, AccountMisconfiguredError),
        (408, {"message": "no code"}, DispatchUncertainError),
        (500, {"code": 20500, "message": "oops", "status": 500}, DispatchUncertainError),
        (502, "bad gateway", DispatchUncertainError),
        (503, {"code": 20503, "message": "away", "status": 503}, DispatchUncertainError),
        (503, {"code": 22005, "message": "queue full", "status": 503}, CarrierBusyError),
        (500, {"code": 21211, "message": "who knows", "status": 500}, DispatchUncertainError),
        (201, {"status": "queued"}, DispatchUncertainError),
        (
            400,
            {"type": "https://example.com/e", "title": "Invalid", "status": 400, "code": 21211},
            NumberDeadError,
        ),
        (
            500,
            {"type": "https://example.com/e", "title": "Internal", "status": 500, "code": 20500},
            DispatchUncertainError,
        ),
    ],
)
def test_statuses_and_both_forms_of_errors(
    carrier: TwilioCarrier, status: int, body: object, expected: type[CarrierError]
) -> None:
    assert type(refused_with(carrier, a_call(), status=status, body=body)) is expected


@responses.activate
def test_a_success_that_cannot_be_read_is_a_doubt(carrier: TwilioCarrier) -> None:
    responses.post(CALLS, status=201, body="<html>")
    with pytest.raises(DispatchUncertainError):
        carrier.place_call(a_call())


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (requests.ReadTimeout("slow"), DispatchUncertainError),
        (requests.exceptions.ChunkedEncodingError("cut"), DispatchUncertainError),
        (requests.ConnectionError("reset"), DispatchUncertainError),
        (requests.exceptions.ProxyError("proxy"), DispatchUncertainError),
        (requests.ConnectTimeout("nobody there"), CarrierUnreachableError),
        (requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] unknown"), CarrierUnreachableError),
        (requests.exceptions.SSLError("[SSL: DECRYPTION_FAILED_OR_BAD_RECORD_MAC]"), DispatchUncertainError),
    ],
)
@responses.activate
def test_a_fault_on_the_way_is_a_doubt_unless_nothing_can_have_been_sent(
    carrier: TwilioCarrier, fault: Exception, expected: type[CarrierError]
) -> None:
    responses.post(MESSAGES, body=fault)
    with pytest.raises(CarrierError) as raised:
        carrier.send_message(a_message())
    assert type(raised.value) is expected
    assert raised.value.__cause__ is fault


def test_a_port_where_nobody_listens_is_unreachable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        carrier = connect(settings(twilio_api_url=f"http://127.0.0.1:{unused.getsockname()[1]}"))
        with pytest.raises(CarrierUnreachableError):
            carrier.place_call(a_call())


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    carrier = connect(settings(twilio_api_url="https://nobody.invalid"))
    with pytest.raises(CarrierUnreachableError):
        carrier.place_call(a_call())


@contextmanager
def a_server_that_hears_and(*, answers: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """Reads one request; then hangs up with what it ``answers``, or with None stays silent."""
    heard: list[bytes] = []
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                heard.append(connection.recv(65536))
                if answers is None:
                    done.wait(10)
                else:
                    connection.sendall(answers)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", heard
        finally:
            done.set()
            thread.join()


@pytest.mark.parametrize("answers", [b"", b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"])
def test_a_connection_cut_after_the_request_is_a_doubt(answers: bytes) -> None:
    with a_server_that_hears_and(answers=answers) as (url, heard):
        with pytest.raises(DispatchUncertainError):
            connect(settings(twilio_api_url=url)).place_call(a_call())
        assert b"POST" in heard[0]


def test_a_server_that_stays_silent_is_a_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_SECONDS", 0.05)
    with a_server_that_hears_and(answers=None) as (url, heard):
        with pytest.raises(DispatchUncertainError):
            connect(settings(twilio_api_url=url)).place_call(a_call())
        assert heard


@pytest.mark.parametrize("fault", [requests.ReadTimeout("slow"), requests.ConnectionError("reset")])
@responses.activate
def test_a_read_and_a_cancelling_may_always_be_repeated(carrier: TwilioCarrier, fault: Exception) -> None:
    responses.get(CALL, body=fault)
    responses.post(CALL, body=fault)
    for ask in (carrier.fetch_call, carrier.cancel_call, carrier.hang_up):
        with pytest.raises(CarrierBusyError):
            ask("CA1")


@responses.activate
def test_a_call_that_cannot_be_changed_any_more_is_an_expected_race(carrier: TwilioCarrier) -> None:
    responses.post(CALL, status=400, json={"code": 21220, "message": "not in progress", "status": 400})
    with pytest.raises(CallOverError):
        carrier.hang_up("CA1")


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (409, 30409, CallOverError),
        (400, 20001, CallOverError),
        (429, 20429, CarrierBusyError),
        (401, 20003, AccountMisconfiguredError),
        (500, 20500, AnswerLostError),
    ],
)
@responses.activate
def test_a_message_that_cannot_be_cancelled_has_left(
    carrier: TwilioCarrier, status: int, code: int, expected: type[CarrierError]
) -> None:
    responses.post(MESSAGE, status=status, json={"code": code, "message": "no", "status": status})
    with pytest.raises(CarrierError) as raised:
        carrier.cancel_message("SM1")
    assert type(raised.value) is expected


LOOKUP = "https://lookups.twilio.com/v2/PhoneNumbers/+12125550123"


@pytest.mark.parametrize("body", ["[]", "null", '"x"', "7", "{}", '{"phone_number": "+12125550199"}', "<html>"])
@responses.activate
def test_an_answer_that_is_none_about_the_number_is_lost_and_says_nothing_of_it(
    carrier: TwilioCarrier, body: str
) -> None:
    responses.get(LOOKUP, body=body)
    with pytest.raises(AnswerLostError):
        carrier.reassigned("+12125550123", date(2024, 5, 7))
    with pytest.raises(AnswerLostError):
        carrier.line_type("+12125550123")


@pytest.mark.parametrize("body", ["[]", "null", '"x"'])
@responses.activate
def test_a_call_created_with_a_strange_answer_may_have_been_placed(carrier: TwilioCarrier, body: str) -> None:
    responses.post(CALLS, status=201, body=body)
    with pytest.raises(DispatchUncertainError):
        carrier.place_call(a_call())


@responses.activate
@pytest.mark.parametrize(
    ("status", "body", "expected", "code"),
    [
        (401, {"code": 20003, "message": "Authenticate", "status": 401}, AccountMisconfiguredError, 20003),
        (429, {"code": 20429, "message": "Too Many Requests", "status": 429}, CarrierBusyError, 20429),
        (400, {"code": 20001, "message": "Bad request", "status": 400}, CarrierError, 20001),
        (500, {"code": 20500, "message": "Internal Server Error", "status": 500}, AnswerLostError, 20500),
        (502, "<html>", AnswerLostError, None),
        (401, "<html>", AccountMisconfiguredError, None),
    ],
)
def test_a_list_that_is_refused_says_why(
    carrier: TwilioCarrier, status: int, body: object, expected: type[CarrierError], code: int | None
) -> None:
    responses.get(CALLS, status=status, json=body)
    with pytest.raises(CarrierError) as raised:
        next(iter(carrier.began_on(Channel.VOICE, date(2026, 11, 22))))
    assert (type(raised.value), raised.value.carrier_code) == (expected, code)
