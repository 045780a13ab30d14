"""Our client, the sandbox's people and our callbacks server together: calls and messages from end to end."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server

from orchestrator.carrier.client import connect
from orchestrator.clock import Clock
from orchestrator.domain.agent import AgentState
from orchestrator.domain.carrier import AgentCallOrder, AmdMode, CallOrder, MessageOrder
from orchestrator.domain.events import EventKind
from orchestrator.persistence import inbox
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.store import Store
from orchestrator.pipeline import joining, settlement
from sandbox.clock import WorldClock
from sandbox.server import RunningSandbox, serve
from sandbox.world import SandboxConfig
from tests.contract.conftest import ACCOUNT, TOKEN, settings_for
from tests.integration.reception.world import (
    CALLER_ID,
    PERSON,
    a_ready_agent,
    agent_row,
    an_attempt,
    attempt_row,
    classify,
    open_house,
    stops,
)
from webhooks.app import create_app

SPEED = 60.0
PATIENCE_SECONDS = 20.0


@dataclass
class Line:
    """Everything between an order and the person, and every request that reached us, as it was answered."""

    store: Store
    sandbox: RunningSandbox
    url: str
    requests: "SimpleQueue[tuple[str, str]]"
    clock: Clock
    seen: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.carrier = connect(settings_for(self.sandbox.url, public_url=self.url))

    def until(self, path_ends: str, times: int = 1) -> None:
        """Wait until so many requests to such a path have been answered."""
        while sum(path.endswith(path_ends) for path, _ in self.seen) < times:
            self.seen.append(self.requests.get(timeout=PATIENCE_SECONDS))

    def control(self, path: str, wishes: dict[str, Any]) -> None:
        requests.post(f"{self.sandbox.url}/sandbox/{path}", json=wishes, timeout=5).raise_for_status()

    def call(self, sid: str) -> dict[str, Any]:
        report = requests.get(f"{self.sandbox.url}/sandbox/report", timeout=5).json()
        found: dict[str, Any] = next(row for row in report["calls"] if row["sid"] == sid)
        return found

    def news(self) -> list[tuple[EventKind, str | None]]:
        with self.store.write() as tx:
            waiting = inbox.waiting(tx, self.store.keyring, 100)
        return [(one.event.kind, one.event.call_status) for one in waiting]


@pytest.fixture
def line(sqlite_store: Store) -> Iterator[Line]:
    open_house(sqlite_store)
    heard: SimpleQueue[tuple[str, str]] = SimpleQueue()
    real = datetime.now(UTC)
    clock = Clock(real, SPEED, real)
    public = make_server("127.0.0.1", 0, lambda _environ, _start: [], threaded=True)
    url = f"http://127.0.0.1:{public.server_port}"
    app = create_app(sqlite_store, settings_for("http://127.0.0.1:9", public_url=url), clock, classify)

    def recorded(environ: Any, start_response: Any) -> Any:
        statuses: list[str] = []

        def noting(status: str, *rest: Any) -> Any:
            statuses.append(status)
            return start_response(status, *rest)

        answer = app.wsgi_app(environ, noting)
        heard.put((environ["PATH_INFO"], statuses[-1]))
        return answer

    public.app = recorded
    thread = threading.Thread(target=public.serve_forever, daemon=True)
    thread.start()
    config = SandboxConfig(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        calls_per_second=100.0,
        clock=WorldClock(time.time(), SPEED, time.time()),
        inbound_url=f"{url}/inbound/messages",
        inbound_voice_url=f"{url}/inbound/calls",
    )
    with serve("127.0.0.1:0", config) as sandbox:
        yield Line(sqlite_store, sandbox, url, heard, clock)
    public.shutdown()
    thread.join()
    public.server_close()


def call_to_a_person(
    line: Line, *, amd: AmdMode = AmdMode.OFF, answered_at: datetime | None = None, **pins: Any
) -> tuple[Any, str]:
    # At this speed a machine that is busy for a tenth of a second tries six seconds of a person's patience.
    calm = {"outcomes": ["human"], "ring_seconds": 1, "talk_seconds": 120, "patience_seconds": 7200}
    line.control("people", {"number": PERSON, **calm, **pins})
    attempt_id = an_attempt(line.store, answered_at=answered_at)
    order = CallOrder(reference=attempt_id, to=PERSON, from_=CALLER_ID, ring_timeout_seconds=25, amd=amd)
    return attempt_id, line.carrier.place_call(order).sid


def test_a_person_talks_with_the_agent_who_waits(line: Line) -> None:
    line.carrier.call_agent(AgentCallOrder(agent_id="ada", address="client:ada", from_=CALLER_ID, room="agent-ada"))
    line.until("/agents/ada/answer")
    a_ready_agent(line.store, "ada")
    attempt_id, sid = call_to_a_person(line)
    line.until(f"/calls/{attempt_id}/status", times=4)
    row = attempt_row(line.store, attempt_id)
    assert (row.agent_id, row.sid, row.abandoned_at) == ("ada", sid, None)
    call = line.call(sid)
    assert call["agent_voice_at"] is not None
    assert call["information_message_at"] is None
    assert (EventKind.CALL_STATUS, "completed") in line.news()
    assert {status for _, status in line.seen} <= {"200 OK", "204 NO CONTENT"}


def test_who_enters_an_agents_room_and_leaves_it_is_told_to_us(line: Line) -> None:
    line.carrier.call_agent(AgentCallOrder(agent_id="ada", address="client:ada", from_=CALLER_ID, room="agent-ada"))
    line.until("/agents/ada/room")  # the agent's own arrival
    a_ready_agent(line.store, "ada")
    attempt_id, sid = call_to_a_person(line)
    line.until("/agents/ada/room", times=2)
    settlement.run_once(line.store, line.clock.now())
    assert (agent_row(line.store, "ada").state, attempt_row(line.store, attempt_id).stage) == ("talking", "connected")
    assert sid in line.carrier.people_in("agent-ada")
    line.until("/agents/ada/room", times=3)
    settlement.run_once(line.store, line.clock.now())
    assert agent_row(line.store, "ada").state == AgentState.WRAPPING
    assert sid not in line.carrier.people_in("agent-ada")


def test_a_room_that_closes_early_is_opened_anew_by_the_agent_who_is_still_on_the_line(line: Line) -> None:
    line.carrier.call_agent(AgentCallOrder(agent_id="ada", address="client:ada", from_=CALLER_ID, room="agent-ada"))
    line.until("/agents/ada/room")
    rooms = f"{line.sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/Conferences"
    form, login = {"Status": "completed"}, (ACCOUNT, TOKEN)
    requests.post(f"{rooms}/agent-ada.json", data=form, auth=login, timeout=5).raise_for_status()
    line.until("/agents/ada/answer", times=2)
    line.until("/agents/ada/room", times=3)  # came, left, came
    assert len(line.carrier.people_in("agent-ada")) == 1


def test_a_person_who_waits_and_is_sent_for_their_agent_talks_with_them(line: Line) -> None:
    later = line.clock.now() + timedelta(hours=1)  # their time begins then, so that no machine is too slow for it
    attempt_id, sid = call_to_a_person(line, answered_at=later, patience_seconds=7200)
    line.until(f"/calls/{attempt_id}/answer")
    line.carrier.call_agent(AgentCallOrder(agent_id="ada", address="client:ada", from_=CALLER_ID, room="agent-ada"))
    line.until("/agents/ada/room")
    a_ready_agent(line.store, "ada")
    joining.run_once(line.store, line.carrier, line.clock.now())
    line.until("/agents/ada/room", times=2)
    assert attempt_row(line.store, attempt_id).agent_id == "ada"
    assert line.call(sid)["agent_voice_at"] is not None


def test_a_person_without_an_agent_hears_who_called_and_opts_out(line: Line) -> None:
    attempt_id, sid = call_to_a_person(line, presses="9", press_after_seconds=2)
    line.until(f"/calls/{attempt_id}/key")
    line.until(f"/calls/{attempt_id}/status", times=4)
    assert line.call(sid)["information_message_at"] is not None
    assert attempt_row(line.store, attempt_id).abandoned_at is not None
    assert stops(line.store) == [("acme-roofing", "keypress_opt_out", "any", True)]


def test_a_machine_is_hung_up_on_when_the_verdict_comes_first(line: Line) -> None:
    a_ready_agent(line.store, "ada")
    attempt_id, sid = call_to_a_person(line, amd=AmdMode.VERDICT_FIRST, outcomes=["machine"], detected_as="machine")
    line.until(f"/calls/{attempt_id}/status", times=4)
    row = attempt_row(line.store, attempt_id)
    assert (row.answered_by, row.agent_id, row.abandoned_at) == ("machine", None, None)
    assert line.call(sid)["information_message_at"] is None


def test_a_verdict_beside_the_call_arrives_as_news(line: Line) -> None:
    a_ready_agent(line.store, "ada")
    attempt_id, _ = call_to_a_person(line, amd=AmdMode.CONNECT_FIRST)
    line.until(f"/calls/{attempt_id}/detection")
    assert EventKind.DETECTION in {kind for kind, _ in line.news()}


def test_a_reply_that_says_stop_suppresses_and_is_confirmed_by_us_where_the_carrier_does_not(line: Line) -> None:
    line.control(
        "people",
        {"number": PERSON, "line_type": "mobile", "message_outcome": "delivered", "reply": "please stop texting me"}
        | {"reply_delay_seconds": 5, "delivery_seconds": 1},
    )
    order = MessageOrder(
        reference=new_id(datetime.now(UTC)), to=PERSON, from_=CALLER_ID, body="Hi", validity_seconds=600
    )
    line.carrier.send_message(order)
    line.until("/inbound/messages")
    assert stops(line.store) == [("acme-roofing", "stop_reply", "any", True)]


def test_somebody_who_calls_us_and_waits_gets_the_agent(line: Line) -> None:
    line.carrier.call_agent(AgentCallOrder(agent_id="ada", address="client:ada", from_=CALLER_ID, room="agent-ada"))
    line.until("/agents/ada/answer")
    a_ready_agent(line.store, "ada")
    numbers = f"{line.sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json"
    form = {
        "PhoneNumber": CALLER_ID,
        "VoiceUrl": f"{line.url}/inbound/calls",
        "StatusCallback": f"{line.url}/inbound/calls/status",
    }
    requests.post(numbers, data=form, auth=(ACCOUNT, TOKEN), timeout=5).raise_for_status()
    line.control("inbound-calls", {"from": PERSON, "to": CALLER_ID, "presses": ""})
    line.until("/inbound/calls/key")
    line.until("/inbound/calls/status")
    assert {status for path, status in line.seen if path.startswith("/inbound")} == {"200 OK"}
    assert agent_row(line.store, "ada").state == AgentState.WRAPPING
