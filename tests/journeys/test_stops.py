"""People say no over HTTP, in their own words and at the worst moments: sandbox, callbacks and engine on loopback."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import requests
from sqlalchemy import select
from werkzeug.serving import make_server

from orchestrator.carrier.client import connect
from orchestrator.clock import Clock
from orchestrator.compliance.opt_out import OPT_OUT_FILE, OptOutWords, classify
from orchestrator.domain.carrier import Carrier
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence import reviews, senders
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.people import suppressions
from orchestrator.pipeline import control
from sandbox.clock import WorldClock
from sandbox.server import serve
from sandbox.world import SandboxConfig
from tests.contract.conftest import ACCOUNT, TOKEN, settings_for
from tests.world import CONFIG, NOON, SENDER, World, numbers
from webhooks.app import create_app

WORDS = OptOutWords.parse((CONFIG / OPT_OUT_FILE).read_text("utf-8"))
LOOK_SECONDS, PATIENCE_SECONDS = 0.02, 20.0
SLOWEST = 0.001  # segments a second: whatever follows the first message waits at the carrier

TWELVE_LANGUAGES = [
    "STOP", "Arrêt", "Abmelden", "BAJA", "Sair", "Annulla", "Afmelden", "Avsluta", "Afmeld", "Wypisz", "İptal", "退订",
]  # fmt: skip
TWENTY_PHRASINGS = [
    "please stop texting me", "Stop. Thank you", "s t o p", "St0p!!", "take me off your list", "I SAID STOP",
    "do not contact this number again", "who is this? Stop.", "lose my number", "leave me alone",
    "I no longer wish to receive these messages", "remove me pls", "no more texts", "fuck off",
    "ne m'écrivez plus", "keine SMS mehr bitte", "no me llamen más", "não me mande mais mensagens",
    "non scrivetemi più", "もう送らないでください",
]  # fmt: skip
TWENTY_HARMLESS = [
    "bus stop", "can't stop smiling", "stop by at 5?", "I'll stop at the store", "don't stop believing", "no problem",
    "nonstop flight", "end of the month works", "cancel my 3pm appointment", "See you Monday", "no, Tuesday is better",
    "the rain won't stop", "I quit my job so mornings are free", "two blocks away", "pas de problème", "kein Problem",
    "no hay problema", "nessun problema", "geen probleem", "问题不大，没问题",
]  # fmt: skip
DOUBTS = ["not interested", "wrong number"]


@dataclass
class Town:
    """The product and the carrier, each at its own address."""

    store: Store
    sandbox_url: str
    carrier: Carrier

    def say(self, number: str, body: str) -> None:
        """Somebody writes to the seller, and is heard."""
        wishes = {"from": number, "to": SENDER, "body": body}
        answer = requests.post(f"{self.sandbox_url}/sandbox/inbound-messages", json=wishes, timeout=10)
        sid = answer.json()["sid"]
        self.until(lambda: self._heard(sid), f"the message {body!r}")

    def messages(self, **wanted: str) -> list[dict[str, Any]]:
        """What the carrier has, by fields."""
        rows = requests.get(f"{self.sandbox_url}/sandbox/report", timeout=10).json()["messages"]
        return [row for row in rows if all(row[name] == value for name, value in wanted.items())]

    def stopped(self) -> set[bytes]:
        """Who is suppressed."""
        with self.store.read() as tx:
            return {bytes(key) for key in tx.execute(select(suppressions.c.number_key)).scalars()}

    def until(self, fact: Callable[[], object], what: str) -> None:
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while not fact():
            assert time.monotonic() < give_up_at, f"{what} never came"
            threading.Event().wait(LOOK_SECONDS)

    def _heard(self, sid: str) -> bool:
        with self.store.read() as tx:
            return tx.execute(select(inbound_contacts.c.id).where(inbound_contacts.c.sid == sid)).first() is not None


@pytest.fixture
def town(sqlite_store: Store, request: pytest.FixtureRequest) -> Iterator[Town]:
    anchor = datetime.now(UTC)
    clock = Clock(NOON, getattr(request, "param", 1.0), anchor)
    public = make_server("127.0.0.1", 0, lambda _environ, _start: [], threaded=True)
    url = f"http://127.0.0.1:{public.server_port}"
    settings = settings_for("http://127.0.0.1:9", public_url=url)
    public.app = create_app(sqlite_store, settings, clock, partial(classify, words=WORDS))
    thread = threading.Thread(target=public.serve_forever, daemon=True)
    thread.start()
    config = SandboxConfig(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        segments_per_second=SLOWEST,
        clock=WorldClock(NOON.timestamp(), 1.0, anchor.timestamp()),
        inbound_url=f"{url}/inbound/messages",
    )
    with serve("127.0.0.1:0", config) as sandbox:
        carrier = connect(settings_for(sandbox.url, public_url=url))
        yield Town(sqlite_store, sandbox.url, carrier)
    public.shutdown()
    thread.join()
    public.server_close()


@pytest.fixture
def world(town: Town) -> Iterator[World]:
    made = World(town.store, town.carrier)
    made.a_seller()
    with town.store.write() as tx:
        senders.register(tx, "acme", SENDER, None, NOON)
    yield made
    made.close()


@pytest.mark.parametrize("town", [0.1], indirect=True, ids=["slowly"])  # what is queued stays so while we look
def test_a_stop_between_the_gate_and_the_send_is_honoured_and_one_after_it_cancels_the_queue(
    town: Town, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = numbers(3)
    spring, autumn = (world.a_campaign(name, voice=False, sms=True) for name in ("Spring", "Autumn"))
    people = [world.a_contact([number], line_type=LineType.MOBILE, texts=True) for number in (first, second, third)]
    submit = world.placer.submit

    def only_after_the_stop(planned: Any) -> None:
        town.say(third, "please stop texting me")
        submit(planned)

    world.enrol(spring, *people[:2], lane=Lane.SMS)
    assert world.dispatch(spring, Lane.SMS) == 2
    world.enrol(spring, people[2], lane=Lane.SMS)
    world.enrol(autumn, people[1], lane=Lane.SMS)
    monkeypatch.setattr(world.placer, "submit", only_after_the_stop)
    assert world.dispatch(spring, Lane.SMS) == 1, "the gate allowed it"
    assert town.messages(to=third, direction="outbound-api") == []
    outcomes = {bytes(one.number_key): one.outcome for one in world.attempts()}
    assert outcomes[town.store.keyring.number_key(third)] == "never_sent"
    (waiting,) = town.messages(to=second, direction="outbound-api")
    assert waiting["status"] == "queued"
    town.say(second, "Stop. Thank you")
    control.run_once(town.store, town.carrier, NOON)
    town.until(lambda: town.messages(to=second, status="canceled"), "the cancelling")
    assert world.dispatch(autumn, Lane.SMS) == 0
    town.until(lambda: len(town.messages(direction="outbound-reply")) >= 2, "the confirmations")
    assert confirmed(town) == Counter(map(town.store.keyring.number_key, (second, third))), "each once"


def test_whoever_means_stop_is_stopped_confirmed_once_and_nobody_else_is(town: Town, world: World) -> None:
    said = [*TWELVE_LANGUAGES, *TWENTY_PHRASINGS, *TWENTY_HARMLESS, *DOUBTS]
    by_whom = dict(zip(numbers(len(said)), said, strict=True))
    for number, body in by_whom.items():
        town.say(number, body)
    key = town.store.keyring.number_key
    means_stop = {key(number) for number, body in by_whom.items() if body in TWELVE_LANGUAGES + TWENTY_PHRASINGS}
    in_doubt = {key(number) for number, body in by_whom.items() if body in DOUBTS}
    assert town.stopped() == means_stop | in_doubt
    with town.store.read() as tx:
        assert {bytes(row.number_key) for row in reviews.waiting(tx)} == in_doubt, "a person decides"
    town.until(lambda: len(confirmed(town)) >= len(means_stop), "the confirmations")
    assert confirmed(town) == Counter(means_stop), "by us or by the carrier, never by both"


def confirmed(town: Town) -> Counter[bytes]:
    """How many messages each person got back."""
    return Counter(town.store.keyring.number_key(row["to"]) for row in town.messages(direction="outbound-reply"))
