"""`orchestrator twilio`: the account that everything goes through."""

import typer

from orchestrator.cli.twilio_deactivations import deactivations
from orchestrator.cli.twilio_doctor import doctor
from orchestrator.cli.twilio_provision import provision
from orchestrator.cli.twilio_reconcile import reconcile, settle

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The Twilio account.")
app.command()(deactivations)
app.command()(doctor)
app.command()(provision)
app.command()(reconcile)
app.command()(settle)
