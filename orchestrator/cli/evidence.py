"""`orchestrator evidence`: who read people's data, and what was done when it got into wrong hands."""

import typer

from orchestrator.cli import evidence_accesses

app = typer.Typer(
    help="Who read people's data, and breaches with their clocks and notices.",
    no_args_is_help=True,
    add_completion=False,
)
app.command("accesses")(evidence_accesses.accesses)


@app.callback()
def _root() -> None:
    """Who read people's data, and breaches with their clocks and notices."""
