"""`orchestrator messages`: what people write to us, what it means, and what we answer them."""

import typer

from orchestrator.cli.messages_classify import classify
from orchestrator.cli.messages_threads import answer, assign, canned, show, threads
from orchestrator.cli.messages_unsure import confirm, unsure

app = typer.Typer(no_args_is_help=True, add_completion=False, help="What people write to us, and our answers.")
for command in (classify, threads, show, assign, answer, canned, unsure, confirm):
    app.command()(command)
