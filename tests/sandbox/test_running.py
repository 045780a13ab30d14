"""Starting, stopping, and who may speak to it."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest
import requests

from sandbox.errors import SandboxError
from sandbox.server import main, serve
from sandbox.world import SandboxConfig
from tests.sandbox.conftest import ACCOUNT, NUMBER, PERSON, TOKEN, Here

CONFIG = SandboxConfig(account_sid=ACCOUNT, auth_token=TOKEN)


@pytest.mark.parametrize("bind", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"])
def test_it_refuses_to_listen_beyond_loopback(bind: str) -> None:
    with pytest.raises(SandboxError, match="--anywhere"):
        serve(bind, CONFIG)


def test_anywhere_listens_but_serves_no_control_paths() -> None:
    config = SandboxConfig(account_sid=ACCOUNT, auth_token=TOKEN, anywhere=True)
    with serve("0.0.0.0:0", config) as running:
        url = f"http://127.0.0.1:{running.url.rpartition(':')[2]}"
        assert requests.get(f"{url}/sandbox/report", timeout=5).status_code == 404
        account = f"{url}/2010-04-01/Accounts/{ACCOUNT}.json"
        assert requests.get(account, auth=(ACCOUNT, TOKEN), timeout=5).json()["sid"] == ACCOUNT


@pytest.mark.parametrize("bind", ["127.0.0.1", "127.0.0.1:http", "127.0.0.1:70000", ":80"])
def test_a_bind_that_cannot_be_read_is_refused(bind: str) -> None:
    with pytest.raises(SandboxError, match="host:port"):
        serve(bind, CONFIG)


def test_a_port_that_is_taken_is_refused_with_one_sentence() -> None:
    with serve("127.0.0.1:0", CONFIG) as running, pytest.raises(SandboxError, match="cannot listen"):
        serve(running.url.removeprefix("http://"), CONFIG)


def test_it_listens_on_the_other_loopback_too() -> None:
    with serve("[::1]:0", CONFIG) as running:
        assert requests.get(f"{running.url}/sandbox/health", timeout=5).json()["status"] == "up"


def test_a_stopped_sandbox_does_not_answer_even_on_open_connections() -> None:
    running = serve("127.0.0.1:0", CONFIG)
    with requests.Session() as session:
        assert session.get(f"{running.url}/sandbox/health", timeout=5).status_code == 200
        running.stop()
        with pytest.raises(requests.exceptions.ConnectionError):
            session.get(f"{running.url}/sandbox/health", timeout=5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_as_a_process_it_reads_the_clock_and_stops_promptly(number: signal.Signals) -> None:
    clock = f"2026-11-23T15:00:00Z x30 @{datetime.now(UTC).isoformat()}"
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "--bind",
        "127.0.0.1:0",
        "--account-sid",
        ACCOUNT,
        "--auth-token",
        TOKEN,
    ]
    environment = {**os.environ, "ORCHESTRATOR_CLOCK": clock}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().split()[-1]
        health = requests.get(f"{url}/sandbox/health", timeout=5).json()
        process.send_signal(number)
        assert process.wait(timeout=5) == 0
        assert process.stderr.read() == ""
    assert health["speed"] == 30
    assert health["now"].startswith("2026-11-23T15:")


@pytest.mark.parametrize(
    "wrong",
    [
        ["--bind", "0.0.0.0:0"],
        ["--calls-per-second", "0"],
        ["--api-key", "SK"],
        ["--population", "gone.toml"],
    ],
)
def test_arguments_that_cannot_be_used_end_with_one_sentence(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--account-sid", ACCOUNT, "--auth-token", TOKEN, *wrong]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.endswith(".\n")


def test_the_report_says_which_parameters_were_sent(here: Here) -> None:
    fields = {"To": PERSON, "From": NUMBER, "Twiml": "<Response/>", "Record": "true", "MachineDetection": "Enable"}
    assert here.post("Calls.json", **fields).status_code == 201
    here.post("Calls.json", To=PERSON)
    report = here.report()
    assert report["requests"] == {"POST Calls": 2}
    assert report["answers"] == {"POST Calls 201": 1, "POST Calls 400": 1}
    assert report["parameters_seen"]["POST Calls"] == {
        "To": 2, "From": 1, "Twiml": 1, "Record": 1, "MachineDetection": 1,
    }  # fmt: skip
    assert report["values_seen"]["POST Calls"] == {"Record": {"true": 1}, "MachineDetection": {"Enable": 1}}


def test_a_reset_forgets_everything(here: Here) -> None:
    here.post("Calls.json", To=PERSON, From=NUMBER, Twiml="<Response/>")
    here.fault("create-busy")
    here.control("POST", "reset")
    report = here.report()
    assert (report["calls"], report["requests"], report["dials_by_number"]) == ([], {}, {})
    assert here.control("GET", "faults") == {"faults": []}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("Queues.json", 404, 20404), ("Calls", 404, 20404)],
)
def test_paths_that_are_not_served_are_not_found(here: Here, path: str, status: int, code: int) -> None:
    answer = here.post(path, To=PERSON)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_another_account_is_not_found(here: Here) -> None:
    other = f"{here.url}/2010-04-01/Accounts/AC{'9' * 32}/Calls.json"
    assert requests.get(other, auth=(ACCOUNT, TOKEN), timeout=5).status_code == 404


@pytest.mark.parametrize("header", [{}, {"Authorization": "Basic !"}, {"Authorization": "Bearer x"}])
def test_without_credentials_nothing_is_told(here: Here, header: dict[str, str]) -> None:
    answer = requests.get(f"{here.url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json", headers=header, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_a_body_that_is_no_json_object_is_refused_by_control_paths(here: Here) -> None:
    for body in (b"[1]", b"{"):
        answer = requests.post(f"{here.url}/sandbox/people", data=body, timeout=5)
        assert (answer.status_code, answer.json()) == (400, {"error": "The body must be a JSON object."})
