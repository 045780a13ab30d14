"""`orchestrator messages`: what is texted, before it is."""

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Texts: what would be sent.")


@app.callback()
def _root() -> None:
    """Texts: what would be sent."""
