"""Agents are linked to their workers by what a person types, against the sandbox's workspace."""

import json

import pytest

from sandbox.server import RunningSandbox
from tests.contract.conftest import ACCOUNT, TOKEN
from tests.contract.test_task_router import Office
from tests.integration.test_commands import Typed, typed  # noqa: F401 - a fixture

NOBODY = "WK" + "0" * 32


@pytest.fixture
def office(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, typed: Typed) -> Office:  # noqa: F811
    made = Office(sandbox.url)
    settings = {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "ORCHESTRATOR_PUBLIC_URL": "https://calls.example.com",
        "ORCHESTRATOR_TWILIO_API_URL": sandbox.url,
        "ORCHESTRATOR_TASKROUTER_WORKSPACE": str(made.queue.workspace_sid),
        "ORCHESTRATOR_TASKROUTER_WORKFLOW": str(made.workflow.sid),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return made


def add(typed: Typed, agent_id: str, *more: str):  # type: ignore[no-untyped-def]  # noqa: F811
    return typed("agents", "add", agent_id, "--queue", "sales", "--address", f"client:{agent_id}", *more)


def test_an_agent_is_linked_by_the_workers_name_or_sid(office: Office, typed: Typed) -> None:  # noqa: F811
    ann, bob = office.worker("Ann"), office.worker("bob", activity="Offline")
    assert add(typed, "ann", "--worker", "ann").stdout == (
        f"Agent ann serves sales as worker {ann}: previews come while the worker is available.\n"
    )
    assert add(typed, "bob").returncode == 0
    assert typed("agents", "link", "bob", bob).returncode == 0
    assert typed("agents", "link", "bob", bob).returncode == 0, "the same again is no mistake"
    rows = [json.loads(line) for line in typed("agents", "workers", "--json").stdout.splitlines()]
    assert [(row["name"], row["available"], row["free_capacity"], row["agent"]) for row in rows] == [
        ("Ann", True, 1, "ann"),
        ("bob", False, 1, "bob"),
    ]
    assert "takes tasks" in typed("agents", "workers").stdout


def test_mistakes_are_said_and_nothing_is_half_done(office: Office, typed: Typed) -> None:  # noqa: F811
    ann = office.worker("ann")
    add(typed, "ann", "--worker", ann)
    for words, sentence in (
        (("agents", "link", "ann", NOBODY), "The workspace has no worker"),
        (("agents", "link", "nobody", ann), "There is no agent 'nobody'"),
    ):
        done = typed(*words)
        assert (done.returncode, sentence in done.stderr) == (1, True), done.stderr
    done = add(typed, "eve", "--worker", ann)
    assert f"Agent 'ann' is linked to worker {ann} already" in done.stderr
    assert "eve" not in typed("agents", "list").stdout


def test_without_a_workspace_it_is_said_how_one_is_set(
    office: Office,
    typed: Typed,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ORCHESTRATOR_TASKROUTER_WORKSPACE", "WS" + "f" * 32)
    assert "check ORCHESTRATOR_TASKROUTER_WORKSPACE" in typed("agents", "workers").stderr
    monkeypatch.setenv("ORCHESTRATOR_TASKROUTER_WORKSPACE", "my workspace")
    assert "ORCHESTRATOR_TASKROUTER_WORKSPACE: must be a sid" in typed("agents", "workers").stderr
    monkeypatch.delenv("ORCHESTRATOR_TASKROUTER_WORKSPACE")
    assert "ORCHESTRATOR_TASKROUTER_WORKSPACE (WS…)" in typed("agents", "workers").stderr
