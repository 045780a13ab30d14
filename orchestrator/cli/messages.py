"""`orchestrator messages`: texts before they are sent, what people write to us, what it means, and what we answer."""

import typer

from orchestrator.cli.messages_classify import classify
from orchestrator.cli.messages_preview import preview
from orchestrator.cli.messages_threads import answer, assign, canned, show, threads
from orchestrator.cli.messages_unsure import confirm, unsure

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Texts before they are sent, what people write to us, and our answers.",
)
for command in (preview, classify, threads, show, assign, answer, canned, unsure, confirm):
    app.command()(command)
