"""What goes over the wire to Twilio."""

from base64 import b64encode
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
import responses
from requests.adapters import HTTPAdapter

from orchestrator.carrier.client import connect
from orchestrator.carrier.transport import Transport
from orchestrator.domain.carrier import AgentCallOrder, AmdMode
from orchestrator.domain.errors import SettingError
from tests.unit.carrier.orders import ACCOUNT, ATTEMPT, CALLER_ID, PERSON, TOKEN, a_call, a_message, settings

CALLS = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
MESSAGES = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
BASE = "https://calls.example.com"


def sent(index: int = 0) -> dict[str, list[str]]:
    body = responses.calls[index].request.body
    assert body is not None
    return parse_qs(body if isinstance(body, str) else str(body, "utf-8"), keep_blank_values=True)


@pytest.fixture
def taken() -> None:
    responses.post(CALLS, status=201, json={"sid": "CA1", "status": "queued", "queue_time": "1500"})
    responses.post(MESSAGES, status=201, json={"sid": "SM1", "status": "queued"})


@responses.activate
def test_a_call_asks_for_every_event_by_its_own_field(taken: None) -> None:
    receipt = connect(settings()).place_call(a_call(time_limit_seconds=3600))
    form = sent()
    assert (receipt.sid, receipt.queue_time_ms) == ("CA1", 1500)
    assert form["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    assert form["To"] + form["From"] + form["Timeout"] + form["TimeLimit"] == [PERSON, CALLER_ID, "25", "3600"]
    assert form["Url"][0].partition("#")[0] == f"{BASE}/calls/{ATTEMPT}/answer"
    assert form["FallbackUrl"] == form["Url"]
    assert form["StatusCallback"][0].partition("#")[0] == f"{BASE}/calls/{ATTEMPT}/status"


@pytest.mark.parametrize(
    ("amd", "expected"),
    [
        (AmdMode.OFF, {}),
        (AmdMode.VERDICT_FIRST, {"MachineDetection": ["Enable"]}),
        (
            AmdMode.CONNECT_FIRST,
            {
                "MachineDetection": ["Enable"],
                "AsyncAmd": ["true"],
                "AsyncAmdStatusCallbackMethod": ["POST"],
            },
        ),
    ],
)
@responses.activate
def test_detection_is_asked_for_in_text(taken: None, amd: AmdMode, expected: dict[str, list[str]]) -> None:
    connect(settings()).place_call(a_call(amd=amd))
    form = sent()
    address = form.pop("AsyncAmdStatusCallback", [""])[0]
    assert {name: value for name, value in form.items() if "Amd" in name or "Machine" in name} == expected
    assert address.partition("#")[0] == (f"{BASE}/calls/{ATTEMPT}/detection" if amd is AmdMode.CONNECT_FIRST else "")


@pytest.mark.parametrize("amd", [AmdMode.VERDICT_FIRST, AmdMode.CONNECT_FIRST])
@responses.activate
def test_where_a_message_may_be_left_the_verdict_waits_for_the_end_of_the_greeting(taken: None, amd: AmdMode) -> None:
    connect(settings()).place_call(a_call(amd=amd, message_end=True))
    assert sent()["MachineDetection"] == ["DetectMessageEnd"]


@responses.activate
def test_a_live_call_is_sent_to_its_message_by_address_alone() -> None:
    responses.post(CALLS.replace("Calls.json", "Calls/CA1.json"), json={"sid": "CA1", "status": "in-progress"})
    connect(settings()).leave_message("CA1", ATTEMPT)
    form = sent()
    assert form.keys() == {"Url", "Method"}
    assert form["Url"][0].partition("#")[0] == f"{BASE}/calls/{ATTEMPT}/message"


@responses.activate
def test_a_call_that_is_to_ask_again_is_sent_to_its_own_document() -> None:
    responses.post(CALLS.replace(".json", "/CA1.json"), json={"sid": "CA1", "status": "in-progress"})
    connect(settings()).ask_again("CA1", ATTEMPT)
    form = sent()
    assert form.keys() == {"Url", "Method"}, "Twilio takes an address or a document, never both"
    assert form["Url"][0].partition("#")[0] == f"{BASE}/calls/{ATTEMPT}/answer"


@responses.activate
def test_who_is_in_a_room_is_asked_by_the_rooms_sid() -> None:
    rooms = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Conferences"
    names = {"FriendlyName": "agent-ada", "Status": "in-progress"}
    match = [responses.matchers.query_param_matcher(names, strict_match=False)]
    responses.get(f"{rooms}.json", match=match, json={"conferences": [{"sid": "CF1"}], "page": 0})
    people = {"participants": [{"call_sid": "CA1"}, {"call_sid": "CA2"}], "page": 0}
    responses.get(f"{rooms}/CF1/Participants.json", json=people)
    assert connect(settings()).people_in("agent-ada") == {"CA1", "CA2"}


@responses.activate
def test_a_message_says_how_long_it_is_good_for_and_who_sends(taken: None) -> None:
    carrier = connect(settings())
    carrier.send_message(a_message(validity_seconds=421))
    carrier.send_message(a_message(from_=None, messaging_service="MG1"))
    assert sent(0)["ValidityPeriod"] == ["421"]
    assert (sent(0)["From"], sent(0).get("MessagingServiceSid")) == ([CALLER_ID], None)
    assert (sent(1).get("From"), sent(1)["MessagingServiceSid"]) == (None, ["MG1"])


@responses.activate
def test_an_agents_addresses_carry_the_agent_and_no_limit_cuts_their_shift(taken: None) -> None:
    connect(settings()).call_agent(
        AgentCallOrder(agent_id="ada/1", address="client:ada", from_=CALLER_ID, room="agent-ada")
    )
    form = sent()
    assert form["Url"][0].partition("#")[0] == f"{BASE}/agents/ada%2F1/answer"
    assert form["StatusCallback"][0].partition("#")[0] == f"{BASE}/agents/ada%2F1/status"
    assert not {"TimeLimit", "Record", "MachineDetection"} & form.keys()


@pytest.mark.parametrize(
    ("key", "pair"), [({}, (ACCOUNT, TOKEN)), ({"api_key": "SK1", "api_secret": "hidden"}, ("SK1", "hidden"))]
)
@responses.activate
def test_an_api_key_signs_where_there_is_one(taken: None, key: dict[str, str], pair: tuple[str, str]) -> None:
    connect(settings(**key)).place_call(a_call())
    assert responses.calls[0].request.url == CALLS, "the account in the path stays the account"
    wanted = "Basic " + b64encode(":".join(pair).encode()).decode()
    assert responses.calls[0].request.headers["Authorization"] == wanted


@responses.activate
def test_a_region_or_proxy_in_the_environment_reroutes_nothing(taken: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    connect(settings()).place_call(a_call())
    assert responses.calls[0].request.url == CALLS
    assert not responses.calls[0].request.req_kwargs["proxies"]  # type: ignore[attr-defined]
    assert responses.calls[0].request.req_kwargs["timeout"] == (3.0, 10.0)  # type: ignore[attr-defined]


@responses.activate
def test_another_base_gets_the_same_path_and_query() -> None:
    url = "http://127.0.0.1:9999/v2/PhoneNumbers/+12125550123"
    responses.get(
        url,
        json={"phone_number": PERSON, "valid": True, "line_type_intelligence": {"type": "mobile", "error_code": None}},
    )
    connect(settings(twilio_api_url="http://127.0.0.1:9999/")).line_type(PERSON)
    assert responses.calls[0].request.url == f"{url}?Fields=line_type_intelligence"


def test_the_pool_holds_a_connection_for_every_thread_and_nothing_is_sent_twice() -> None:
    session = Transport(threads=48).session
    for scheme in ("https://api.twilio.com", "http://127.0.0.1"):
        adapter = session.get_adapter(scheme)
        assert isinstance(adapter, HTTPAdapter)
        assert adapter.max_retries.total == 0
        assert adapter.poolmanager.connection_pool_kw["maxsize"] == 48


@responses.activate
def test_the_sdk_writes_no_number_to_the_log(taken: None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="twilio")
    responses.get(CALLS, json={"calls": [], "next_page_uri": None})
    carrier = connect(settings())
    carrier.place_call(a_call())
    carrier.find_calls(to=PERSON, from_=CALLER_ID, since=datetime.now(UTC))
    assert PERSON[1:] not in caplog.text


@pytest.mark.parametrize("missing", ["account_sid", "auth_token", "public_url"])
def test_what_is_not_set_is_named(missing: str) -> None:
    with pytest.raises(SettingError, match=r"TWILIO_|ORCHESTRATOR_PUBLIC_URL"):
        connect(settings(**{missing: None}))


def test_an_api_key_without_its_secret_is_named() -> None:
    with pytest.raises(SettingError, match="TWILIO_API_SECRET"):
        connect(settings(api_key="SK1"))
