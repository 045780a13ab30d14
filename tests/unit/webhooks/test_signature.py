"""Only what the carrier signed, for our public address, is heard."""

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.deliveries import inbox
from tests.integration.reception.world import count
from tests.unit.webhooks.conftest import SigningCarrier, signature
from tests.unit.webhooks.guests import BASE, TOKEN

ATTEMPT = "019ab4a0-0000-7000-8000-000000000001"
STATUS = f"/calls/{ATTEMPT}/status"
FORM = [("CallSid", "CA1"), ("CallStatus", "ringing"), ("SequenceNumber", "1")]
ADDRESSES = [
    f"/calls/{ATTEMPT}/answer",
    STATUS,
    f"/calls/{ATTEMPT}/detection",
    f"/calls/{ATTEMPT}/key",
    f"/messages/{ATTEMPT}/status",
    "/agents/ada/answer",
    "/agents/ada/status",
    "/tasks/events",
    "/tasks/assignments",
    "/tasks/7/leg",
    "/inbound/messages",
    "/inbound/calls",
    "/inbound/calls/key",
    "/inbound/calls/status",
    "/calls/no-uuid/status",
    "/nowhere",
    "/",
]


def post(client: FlaskClient, path: str, header: str | None, **others: object) -> int:
    headers = {} if header is None else {"X-Twilio-Signature": header}
    return client.post(path, headers=headers, **{"data": dict(FORM), **others}).status_code


def test_a_signed_form_is_heard(client: FlaskClient, house: Store) -> None:
    assert post(client, STATUS, signature(BASE + STATUS, FORM)) == 204
    assert count(house, inbox) == 1


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("header", [None, "", "nonsense", "ünïcode", "A" * 28])
def test_without_a_right_signature_every_address_is_closed(
    client: FlaskClient, house: Store, path: str, header: str | None
) -> None:
    assert post(client, path, header) in ({403} if path != "/" else {403, 404, 405})
    assert count(house, inbox) == 0


@pytest.mark.parametrize(
    "header",
    [
        signature(BASE + STATUS, FORM, token="another token"),
        signature("https://elsewhere.example.com" + STATUS, FORM),
        signature("http://calls.example.com" + STATUS, FORM),
        signature("https://localhost" + STATUS, FORM),
        signature(BASE + STATUS + "/", FORM),
        signature(BASE + STATUS + "?a=1", FORM),
        signature(BASE + STATUS, [*FORM, ("To", "+12125550123")]),
        signature(BASE + STATUS, FORM[:-1]),
    ],
)
def test_a_signature_over_anything_else_is_refused(client: FlaskClient, header: str) -> None:
    assert post(client, STATUS, header) == 403


def test_forwarded_headers_have_no_part_in_it(client: FlaskClient) -> None:
    forged = signature("https://evil.example.com" + STATUS, FORM)
    headers = {"X-Twilio-Signature": forged, "X-Forwarded-Host": "evil.example.com", "Host": "evil.example.com"}
    assert client.post(STATUS, data=dict(FORM), headers=headers).status_code == 403
    right = headers | {"X-Twilio-Signature": signature(BASE + STATUS, FORM)}
    assert client.post(STATUS, data=dict(FORM), headers=right).status_code == 204


@pytest.mark.parametrize("query", ["?a=1&b=2", "?b=2&a=1", "?a=%20x%2Fy", "?a"])
def test_the_query_is_signed_as_it_was_sent(client: FlaskClient, query: str) -> None:
    assert post(client, STATUS + query, signature(BASE + STATUS + query, FORM)) == 204
    assert post(client, STATUS + query, signature(BASE + STATUS, FORM)) == 403


def test_the_default_port_may_be_written_out(client: FlaskClient) -> None:
    assert post(client, STATUS, signature(f"https://calls.example.com:443{STATUS}", FORM)) == 204


def test_an_address_with_escapes_is_signed_as_the_carrier_wrote_it(client: FlaskClient) -> None:
    path = "/agents/ada%20l/status"
    assert post(client, path, signature(BASE + path, FORM)) == 204


def test_a_repeated_field_is_signed_with_each_value_once(client: FlaskClient) -> None:
    fields = [("CallSid", "CA1"), ("Tag", "b"), ("Tag", "a"), ("Tag", "a"), ("Empty", "")]
    body = "CallSid=CA1&Tag=b&Tag=a&Tag=a&Empty="
    form = "application/x-www-form-urlencoded"
    header = signature(BASE + STATUS, fields)
    assert post(client, STATUS, header, data=body, content_type=form) == 204


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"CallSid":"CA1"}'),
        ("application/json", b""),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("text/plain", b"CallSid=CA1"),
        ("", b"CallSid=CA1"),
    ],
)
def test_a_body_that_is_no_form_is_refused_even_when_its_address_is_signed(
    client: FlaskClient, content_type: str, body: bytes
) -> None:
    header = signature(BASE + STATUS, [])
    assert post(client, STATUS, header, data=body, content_type=content_type) == 403
    with_hash = STATUS + "?bodySHA256=" + "0" * 64
    assert post(client, with_hash, signature(BASE + with_hash, []), data=body, content_type=content_type) == 403


def test_the_request_does_not_choose_its_algorithm(client: FlaskClient) -> None:
    headers = {
        "X-Twilio-Signature": "x",
        "X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=NONE",
    }
    assert client.post(STATUS, data=dict(FORM), headers=headers).status_code == 403


@pytest.mark.parametrize("path", ["/calls/no-uuid/status", f"/calls/{ATTEMPT}/other", "/nowhere"])
def test_the_carrier_itself_learns_that_an_address_is_none(carrier: SigningCarrier, path: str) -> None:
    assert carrier.post(path).status_code == 404


@pytest.mark.parametrize("path", ADDRESSES[:-3])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_nothing_but_posting_is_allowed(client: FlaskClient, path: str, method: str) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (405, "text/plain")


def test_health_is_free(client: FlaskClient) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.text) == (200, "ok")


def test_a_body_that_no_carrier_sends_is_not_read(client: FlaskClient) -> None:
    body = b"Body=" + b"x" * 70_000
    form = "application/x-www-form-urlencoded"
    assert post(client, STATUS, "x", data=body, content_type=form) == 413


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(
    path=st.sampled_from(ADDRESSES),
    body=st.binary(max_size=300),
    header=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
    content_type=st.sampled_from(
        [
            "application/x-www-form-urlencoded",
            "application/json",
            "multipart/form-data",
            "multipart/form-data; boundary=x",
            "",
        ]
    ),
    query=st.binary(max_size=20),
)
def test_no_body_that_a_stranger_sends_is_ever_a_fault_of_ours(
    client: FlaskClient, path: str, body: bytes, header: str, content_type: str, query: bytes
) -> None:
    answer = client.post(
        path,
        data=body,
        content_type=content_type,
        headers={"X-Twilio-Signature": header},
        query_string=query.decode("latin-1"),
    )
    assert answer.status_code in {403, 404, 405, 413}


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(
    path=st.sampled_from(ADDRESSES[:11]),
    fields=st.dictionaries(
        st.sampled_from(["CallSid", "MessageSid", "From", "To", "Body", "CallStatus", "Digits", "AnsweredBy", "Odd"]),
        st.text(st.characters(codec="utf-8"), max_size=60),
        max_size=6,
    ),
)
def test_no_form_that_the_carrier_signs_is_ever_a_fault_of_ours(
    carrier: SigningCarrier, path: str, fields: dict[str, str]
) -> None:
    answer = carrier.post(path, fields or {"CallSid": "CA1"})
    assert answer.status_code in {200, 204}


def test_the_token_is_never_shown(client: FlaskClient) -> None:
    assert TOKEN not in repr(client.application.extensions)
