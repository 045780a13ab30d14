"""`orchestrator messages`: what people answer, and what we answer them."""

import typer

from orchestrator.cli.messages_classify import classify

app = typer.Typer(no_args_is_help=True, add_completion=False, help="What people write to us.")


@app.callback()
def _messages() -> None:
    """What people write to us."""


app.command()(classify)
