"""`orchestrator messages`: texts, before they are sent."""

import typer

from orchestrator.cli.messages_preview import preview

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Texts: what would be sent.")
app.command()(preview)


@app.callback()
def _root() -> None:
    """Texts: what would be sent."""
