"""A launch shows no number that cannot be called back."""

import typer

from orchestrator.bootstrap import House
from orchestrator.cli.launch_lookups import has_account
from orchestrator.persistence.campaigns import Campaign
from orchestrator.pipeline import callable_numbers


def require(house: House, campaign: Campaign) -> None:
    """Ask the carrier about every caller id; raises UserError for one that cannot be called back."""
    voice = campaign.plan.voice
    if voice is None:
        return
    if not has_account(house):
        typer.echo("No Twilio account is set: nobody was asked whether the caller ids can be called back.", err=True)
        return
    public_url = house.settings.public_url or ""
    elsewhere = callable_numbers.require(house.store, house.carrier, voice.caller_ids, public_url, house.clock.now())
    for one in elsewhere:
        typer.echo(
            f"Calls back to {one.number} are answered by {one.by}, not by us: who calls there must hear who called, "
            "and be able to opt out.",
            err=True,
        )
