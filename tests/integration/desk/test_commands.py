"""An agent's commands as they are typed."""

import json
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import update

from orchestrator import bootstrap
from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.cli import main
from orchestrator.domain.carrier import AgentCallOrder, CallStatus
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.agents import agents
from tests.conftest import KEYS
from tests.integration.desk.floor import over, talking
from tests.world import CALLER_ID, World

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def floor(sqlite_store: Store, carrier: InProcessCarrier) -> Iterator[World]:
    """Kim has talked with somebody at noon, and wraps up."""
    world = World(sqlite_store, carrier)
    over(world, talking(world))
    yield world
    world.close()


@pytest.fixture
def typed(floor: World, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Runs a command of `orchestrator agents` at noon: exit code, output, errors."""
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    monkeypatch.setenv("ORCHESTRATOR_CLOCK", f"{floor.now:%Y-%m-%dT%H:%M:%SZ} x1 @2100-01-01T00:00:00Z")  # it stands
    monkeypatch.setenv("ORCHESTRATOR_TWILIO_API_URL", "http://127.0.0.1:9")  # a moved clock never meets real people
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["orchestrator", "agents", *words])
        with pytest.raises(SystemExit) as left:
            main.run()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


def test_what_may_be_said_is_listed_and_what_was_said_is_kept(typed: Typed) -> None:
    assert typed("dispose", "kim", "agreed", "--note", "blue") == (0, "Kept: Agreed. Nothing more will be tried.\n", "")
    code, out, _ = typed("dispositions", "kim", "--json")
    listed = json.loads(out)
    assert (code, listed["said"]) == (0, "agreed")
    assert {"id": "not_now", "label": "Spoke, but had no time", "outcome": "reached", "next": "retry"}.items() <= next(
        one for one in listed["choices"] if one["id"] == "not_now"
    ).items()


def test_a_callback_is_promised_and_listed(typed: Typed) -> None:
    code, out, _ = typed("callback", "kim", "--at", "15:00", "--own", "--json")
    made = json.loads(out)
    assert (code, made["due_at"], made["for_agent"]) == (0, "2026-11-23T20:00:00+00:00", "kim")
    assert made["anyone_from"] == "2026-11-23T20:15:00+00:00"
    [waits] = json.loads(typed("callbacks", "kim", "--json")[1])
    assert waits["local"] == "Mon 2026-11-23 15:00 America/New_York"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("dispose", "kim", "agree"), "did you mean 'agreed'?"),
        (("callback", "kim", "--at", "soon"), "'soon' is no time: write it as in '15:30'"),
        (
            ("dial", "kim", "+12125550123", "--campaign", "Spring"),
            "only who is ready can dial: `orchestrator agents ready kim`.",
        ),
        (("transfer", "kim", "--to", "tel:1"), "'tel:1' is no address"),
        (("dispositions", "nobody"), "There is no agent 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(typed: Typed, words: tuple[str, ...], said: str) -> None:
    code, _, err = typed(*words)
    assert (code, said in err, err.count("\n")) == (1, True, 1)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("reserved", "`orchestrator agents offer kim` shows who it is"),
        ("connecting", "They are ready again after that call's wrap-up"),
        ("talking", "`orchestrator agents dispose kim NAME --ready` ends it"),
    ],
)
def test_who_signs_in_with_somebody_before_them_hears_what_comes_next(
    typed: Typed, floor: World, state: str, told: str
) -> None:
    with floor.store.write() as tx:
        tx.execute(update(agents).values(state=state, leg_sid="CAleg"))
    code, out, _ = typed("ready", "kim")
    assert code == 0
    assert out.startswith(f"Agent kim is {state}")
    assert told in out


@pytest.mark.parametrize(("status", "said"), [("ringing", "their phone is ringing"), ("in-progress", "is ready.")])
def test_who_signs_in_twice_is_ready_once_they_have_picked_up(
    typed: Typed, floor: World, carrier: InProcessCarrier, monkeypatch: pytest.MonkeyPatch, status: str, said: str
) -> None:
    order = AgentCallOrder(agent_id="kim", address="client:kim", from_=CALLER_ID, room="agent-kim")
    sid = carrier.call_agent(order).sid
    carrier.set_status(sid, CallStatus(status))
    with floor.store.write() as tx:
        tx.execute(update(agents).values(state="away", leg_sid=sid))
    monkeypatch.setattr(bootstrap.House, "carrier", carrier)
    assert said in typed("ready", "kim")[1]
