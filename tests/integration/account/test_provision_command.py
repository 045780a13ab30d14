"""`orchestrator twilio provision`, as it is typed."""

import json

import pytest
from pydantic import SecretStr

from orchestrator.carrier.client import client_for
from orchestrator.settings import Settings
from sandbox.records import IncomingNumber
from sandbox.server import RunningSandbox
from tests.integration.account.conftest import ACCOUNT, NOW, TOKEN, Typed

SENDER = "+12125550101"


@pytest.fixture
def sender(account: RunningSandbox) -> str:
    """A number of the account; its sid."""
    number = IncomingNumber(phone_number=SENDER, created_at=NOW.timestamp())
    account.world.numbers[number.sid] = number
    return number.sid


def test_a_dry_run_shows_the_plan_and_makes_nothing(typed: Typed, account: RunningSandbox, sender: str) -> None:
    done = typed("twilio", "provision", "--dry-run", "--texts-from", SENDER)
    assert done.returncode == 0
    assert "Outbound orchestrator" in done.stdout
    assert "event_callback_url: empty -> https://calls.example.com/tasks/events" in done.stdout
    assert "available: empty -> no" in done.stdout
    assert "empty -> empty" not in done.stdout
    assert SENDER not in done.stdout
    assert (account.world.workspaces, account.world.account.services) == ({}, {})


def test_a_run_says_what_to_set_and_a_second_run_has_nothing_to_say(
    typed: Typed, account: RunningSandbox, sender: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = typed("twilio", "provision", "--texts-from", SENDER)
    (space,) = account.world.workspaces.values()
    (workflow,) = space.workflows.values()
    (service,) = account.world.account.services.values()
    assert (done.returncode, service.numbers) == (0, [sender])
    assert (
        f"ORCHESTRATOR_TASKROUTER_WORKSPACE={space.sid}\nORCHESTRATOR_TASKROUTER_WORKFLOW={workflow.sid}" in done.stdout
    )
    assert f'messaging_service = "{service.sid}"' in done.stdout
    assert f"Created workspace:Outbound orchestrator {space.sid}" in done.stderr
    monkeypatch.setenv("ORCHESTRATOR_TASKROUTER_WORKSPACE", space.sid)
    monkeypatch.setenv("ORCHESTRATOR_TASKROUTER_WORKFLOW", workflow.sid)
    again = typed("twilio", "provision", "--texts-from", SENDER)
    assert (again.returncode, again.stderr, "Set these" in again.stdout) == (0, "", False)


def test_a_script_reads_each_step(typed: Typed) -> None:
    done = typed("twilio", "provision", "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["dry_run"]) == (0, False)
    assert [(step["action"], step["kind"]) for step in said["steps"]] == [
        ("create", "workspace"), ("leave", "activity"), ("create", "activity"), ("leave", "task-channel"),
        ("create", "queue"), ("create", "workflow"),
    ]  # fmt: skip
    assert all(step["sid"] for step in said["steps"])


def test_flex_s_own_workspace_is_used_and_its_callback_asked_for(typed: Typed, account: RunningSandbox) -> None:
    settings = Settings(account_sid=ACCOUNT, auth_token=SecretStr(TOKEN), twilio_api_url=account.url)
    flex = client_for(settings).taskrouter.v1.workspaces.create(friendly_name="Flex Task Assignment")
    account.world.account.flex_workspace = flex.sid
    refused = typed("twilio", "provision")
    (space,) = account.world.workspaces.values()
    assert (refused.returncode, f"--adopt {flex.sid}" in refused.stdout, space.event_url) == (1, True, None)
    told = typed("twilio", "provision", "--adopt", flex.sid)
    assert (told.returncode, space.event_url) == (0, "https://calls.example.com/tasks/events")
    assert len(space.workflows) == 1


def test_without_task_router_and_texts_there_is_nothing_to_make(typed: Typed, account: RunningSandbox) -> None:
    done = typed("twilio", "provision", "--no-task-router", "--json")
    assert (done.returncode, json.loads(done.stdout)["steps"]) == (0, [])
    assert account.world.workspaces == {}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--adopt", "numbre"), "--adopt numbre means nothing in the plan"),
        (("--texts-from", "12"), "--texts-from 12 is no number"),
    ],
)
def test_a_mistake_is_one_sentence(typed: Typed, words: tuple[str, ...], sentence: str) -> None:
    done = typed("twilio", "provision", *words)
    assert (done.returncode, sentence in done.stderr) == (1, True)


def test_credentials_that_are_refused_are_said_in_one_sentence(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "a-token-nobody-has")
    done = typed("twilio", "provision")
    assert done.returncode == 1
    assert "Twilio refused the question (error 20003)" in done.stderr
    assert "Traceback" not in done.stderr
