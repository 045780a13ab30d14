"""`orchestrator sandbox`: a local carrier, as a process of its own."""

import os
import sys
from typing import Annotated

import typer

from orchestrator.settings import load

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


def sandbox(context: typer.Context, bind: Annotated[str, typer.Option(help="HOST:PORT")] = "127.0.0.1:8900") -> None:
    """Run the sandbox until interrupted; other options are its own (see `python -m sandbox --help`)."""
    settings = load()
    settings.require("account_sid", "auth_token")
    assert settings.account_sid is not None  # noqa: S101 - required above
    assert settings.auth_token is not None  # noqa: S101 - required above
    inbound = []
    if settings.public_url is not None:
        inbound = [
            f"--inbound-url={settings.public_url}/inbound/messages",
            f"--inbound-voice-url={settings.public_url}/inbound/calls",
        ]
    token = settings.auth_token.get_secret_value()
    account = ["--account-sid", settings.account_sid, "--auth-token", token]
    command = [sys.executable, "-m", "sandbox", "--bind", bind, *account, *inbound, *context.args]
    # In place of this process, so that whoever ends it ends the sandbox.
    os.execve(sys.executable, command, dict(os.environ))  # noqa: S606 - our own module
