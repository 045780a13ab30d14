"""`orchestrator demo`: the main job against the sandbox, half an hour of the world at thirty times its speed."""

import json
import shlex
import signal
import sys
import time
from pathlib import Path
from typing import Annotated

import typer


def demo(
    once: Annotated[bool, typer.Option("--once", help="No live view.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON summary on standard output.")] = False,
    keep: Annotated[
        Path | None, typer.Option(help="Keep the database, the logs and settings to look at them with in this folder.")
    ] = None,
) -> None:
    """Run the main job against the local sandbox; Ctrl-C ends every process."""
    from orchestrator.cli.demonstration import stage, view

    signal.signal(signal.SIGTERM, _interrupt)
    began = time.monotonic()
    with stage.folder_of(keep) as folder, stage.staged(folder) as running:
        running.set_up()
        running.open()
        if once or as_json or not sys.stdout.isatty():
            running.await_end(lambda: None)
        else:
            view.watch(running)
        summary = running.summary(time.monotonic() - began)
        running.sign_out()
        kept = None if keep is None else running.leave_settings()
    if as_json:
        typer.echo(json.dumps(summary, default=str))
    else:
        view.closing_report(summary)
    if kept is not None:
        loads = f"set -a; . {shlex.quote(str(kept))}; set +a"
        typer.echo(f"To look at what is kept, at the demo's time: {loads}; orchestrator campaigns list", err=True)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
