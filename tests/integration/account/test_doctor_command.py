"""`orchestrator twilio doctor` against the sandbox's account and our own callbacks server."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from werkzeug.serving import make_server

from orchestrator import log
from orchestrator.clock import Clock
from orchestrator.compliance.opt_out import OPT_OUT_FILE, OptOutWords, classify
from orchestrator.domain.campaign import SmsPlan
from orchestrator.installation import prove
from orchestrator.persistence import campaigns
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.persistence.tables.people import contact_points, contacts
from orchestrator.settings import Settings
from sandbox.account.records import MessagingService
from sandbox.records import IncomingNumber
from sandbox.server import RunningSandbox
from tests.integration.account.conftest import ACCOUNT, KEYS, TOKEN, Done, Typed
from tests.world import CALLER_ID, CONFIG, NOON, World, a_plan, numbers
from webhooks.app import create_app


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    """The database that the command reads."""
    engine = open_engine(sqlite_url)
    yield prove(Store(engine, Keyring.parse(KEYS)), Settings())
    engine.dispose()


def serving(store: Store, token: str) -> Iterator[str]:
    log.configure(as_json=True)
    words = OptOutWords.parse((CONFIG / OPT_OUT_FILE).read_text("utf-8"))
    server = make_server("127.0.0.1", 0, lambda *request: app(*request), threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    app = create_app(store, Settings(public_url=url, auth_token=token), Clock(), partial(classify, words=words))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield url
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def callbacks(store: Store) -> Iterator[str]:
    """Our callbacks server, and where it is."""
    yield from serving(store, TOKEN)


@pytest.fixture
def other_callbacks(store: Store) -> Iterator[str]:
    """One that was started with another auth token."""
    yield from serving(store, "a-token-of-yesterday")


@pytest.fixture
def campaign(store: Store) -> int:
    """A campaign that calls from CALLER_ID, and a Frenchwoman on file."""
    world = World(store, None)  # type: ignore[arg-type]
    campaign = world.a_campaign()
    contact = world.a_contact(numbers(1))
    with store.write() as tx:
        tx.execute(contact_points.update().values(country="FR"))
        assert tx.execute(contacts.select()).one().id == contact
    world.close()
    return campaign


def own_number(account: RunningSandbox, url: str) -> None:
    number = IncomingNumber(phone_number=CALLER_ID, created_at=NOON.timestamp())
    number.settings.update({"VoiceUrl": f"{url}/inbound/calls#rc=3&rp=all"})
    account.world.numbers[number.sid] = number


def verdicts(done: Done) -> dict[str, str]:
    return {finding["check"]: finding["verdict"] for finding in json.loads(done.stdout)}


def examined(typed: Typed, monkeypatch: pytest.MonkeyPatch, url: str, **settings: str) -> Done:
    for name, value in {"ORCHESTRATOR_PUBLIC_URL": url, **settings}.items():
        monkeypatch.setenv(name, value)
    return typed("twilio", "doctor", "--json")


def test_an_account_that_is_set_up_fails_in_nothing(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, account: RunningSandbox, callbacks: str, campaign: int
) -> None:
    own_number(account, callbacks)
    done = examined(typed, monkeypatch, callbacks)
    assert (done.returncode, verdicts(done)) == (0, {
        "credentials": "ok",
        "auth token": "ok",
        "clock": "ok",
        "region": "ok",
        "callback reachability": "warn",  # plain HTTP, on this machine
        "callback signature": "ok",
        "concurrency": "ok",
        "numbers": "ok",
        "messaging": "ok",
        "a2p": "ok",
        "calls per second": "warn",  # nothing was called yet
        "geo permissions": "ok",
    })  # fmt: skip


def test_what_is_wrong_at_the_account_is_found_by_asking_it(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, account: RunningSandbox, callbacks: str, campaign: int
) -> None:
    state = account.world.account
    state.kind, state.date_offset, state.no_calls_to = "Trial", 31.5, {"FR"}
    done = examined(typed, monkeypatch, callbacks, TWILIO_REGION="ie1")
    found = verdicts(done)
    assert done.returncode == 1
    assert (found["credentials"], found["clock"], found["region"]) == ("warn", "fail", "warn")
    assert (found["geo permissions"], found["numbers"], found["concurrency"]) == ("fail", "fail", "warn")


def test_a_caller_id_of_somebody_else_is_asked_for(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, account: RunningSandbox, callbacks: str, campaign: int
) -> None:
    account.world.account.caller_ids = {CALLER_ID}
    assert verdicts(examined(typed, monkeypatch, callbacks))["numbers"] == "warn"


def test_young_accounts_need_a_profile(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, account: RunningSandbox, callbacks: str
) -> None:
    account.world.account.opened_at = NOON.timestamp()
    assert verdicts(examined(typed, monkeypatch, callbacks))["concurrency"] == "warn"
    account.world.account.profiles = ["in-review"]
    assert verdicts(examined(typed, monkeypatch, callbacks))["concurrency"] == "warn"
    account.world.account.profiles = ["twilio-approved"]
    assert verdicts(examined(typed, monkeypatch, callbacks))["concurrency"] == "ok"


def test_the_service_of_a_campaign_is_asked_for_its_registration(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, account: RunningSandbox, callbacks: str, store: Store
) -> None:
    service = MessagingService(friendly_name="Texts", created_at=NOON.timestamp())
    service.settings["inbound_request_url"] = f"{callbacks}/inbound/messages"
    account.world.account.services[service.sid] = service
    world = World(store, None)  # type: ignore[arg-type]
    world.a_seller()
    world.close()
    sms = SmsPlan(templates={"en": "Hi, reply STOP to opt out."}, messaging_service=service.sid)
    with store.write() as tx:
        campaigns.create(tx, replace(a_plan("Texts", voice=False, sms=False), sms=sms), NOON)
    found = verdicts(examined(typed, monkeypatch, callbacks))
    assert (found["messaging"], found["a2p"]) == ("ok", "fail")
    service.campaigns = ["VERIFIED"]
    assert verdicts(examined(typed, monkeypatch, callbacks))["a2p"] == "ok"
    del account.world.account.services[service.sid]
    assert verdicts(examined(typed, monkeypatch, callbacks))["messaging"] == "fail"


def test_a_server_with_another_token_refuses_what_is_rightly_signed(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, other_callbacks: str
) -> None:
    found = verdicts(examined(typed, monkeypatch, other_callbacks))
    assert (found["callback reachability"], found["callback signature"]) == ("warn", "fail")


def test_an_address_where_nobody_answers_fails(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    done = examined(typed, monkeypatch, "http://127.0.0.1:9")
    assert (done.returncode, verdicts(done)["callback reachability"]) == (1, "fail")


def test_a_wrong_token_is_said_and_never_shown(typed: Typed, monkeypatch: pytest.MonkeyPatch, callbacks: str) -> None:
    wrong = "a-token-nobody-has"
    done = examined(typed, monkeypatch, callbacks, TWILIO_AUTH_TOKEN=wrong)
    assert (done.returncode, verdicts(done)["credentials"]) == (1, "fail")
    assert wrong not in done.stdout + done.stderr
    assert TOKEN not in done.stdout + done.stderr


def test_with_an_api_key_the_token_is_tried_too(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, callbacks: str, account: RunningSandbox
) -> None:
    object.__setattr__(account.world.config, "api_key", ("SK1", "secret-of-tests"))
    key = {"TWILIO_API_KEY": "SK1", "TWILIO_API_SECRET": "secret-of-tests", "TWILIO_AUTH_TOKEN": "another"}
    found = verdicts(examined(typed, monkeypatch, callbacks, **key))
    assert (found["credentials"], found["auth token"], found["callback signature"]) == ("ok", "fail", "fail")


def test_a_person_reads_a_table_with_what_to_do(typed: Typed, account: RunningSandbox) -> None:
    account.world.account.kind = "Trial"
    done = typed("twilio", "doctor")
    assert "Upgrade it in Twilio's console" in done.stdout
    assert (done.stderr, ACCOUNT in done.stdout) == ("", False)


def test_a_workspace_that_lacks_something_is_found_and_mended(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, account: RunningSandbox, callbacks: str
) -> None:
    monkeypatch.setenv("ORCHESTRATOR_PUBLIC_URL", callbacks)
    typed("twilio", "provision")
    (space,) = account.world.workspaces.values()
    settings = {"ORCHESTRATOR_TASKROUTER_WORKSPACE": space.sid}
    assert verdicts(examined(typed, monkeypatch, callbacks, **settings))["task router"] == "ok"
    space.event_url = None
    assert verdicts(examined(typed, monkeypatch, callbacks, **settings))["task router"] == "fail"
    assert typed("twilio", "provision").returncode == 0
    assert verdicts(examined(typed, monkeypatch, callbacks, **settings))["task router"] == "ok"
