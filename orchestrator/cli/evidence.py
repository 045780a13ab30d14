"""`orchestrator evidence`: who read people's data, and what was done when it got into wrong hands."""

import typer

from orchestrator.cli import evidence_accesses, evidence_breach, evidence_breaches

app = typer.Typer(
    help="Who read people's data, and breaches with their clocks and notices.",
    no_args_is_help=True,
    add_completion=False,
)
app.command("accesses")(evidence_accesses.accesses)
app.command("breach")(evidence_breach.breach)
app.add_typer(evidence_breaches.app, name="breaches")
