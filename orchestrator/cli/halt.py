"""`orchestrator halt`: stop contact by hand, within a second."""

import getpass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.domain.errors import UserError

if TYPE_CHECKING:
    from orchestrator.bootstrap import House


def halt(
    seller: Annotated[str | None, typer.Option(help="Everything of this seller.")] = None,
    jurisdiction: Annotated[str | None, typer.Option(help="Everybody in it, as in US-LA or GB.")] = None,
    campaign: Annotated[str | None, typer.Option(help="This campaign, by name or id.")] = None,
    until: Annotated[datetime | None, typer.Option(help="When it ends by itself (UTC).")] = None,
    lift: Annotated[bool, typer.Option("--lift", help="End such halts instead.")] = False,
) -> None:
    """Stop all contact, or a seller's, a campaign's or a jurisdiction's, until lifted or until a moment."""
    from orchestrator import bootstrap
    from orchestrator.persistence import campaigns, sellers
    from orchestrator.pipeline import halts

    if sum(choice is not None for choice in (seller, jurisdiction, campaign)) > 1:
        raise UserError("Name one of --seller, --jurisdiction and --campaign, or none to halt everything.")
    house = bootstrap.build()
    now = house.clock.now()
    end = until.replace(tzinfo=UTC) if until is not None and until.tzinfo is None else until
    if end is not None and end <= now:
        raise UserError(f"--until lies in the past: it is {now:%Y-%m-%d %H:%M:%S} UTC.")
    with house.store.write() as tx:
        scope, value = "all", ""
        if seller is not None:
            scope, value = "seller", sellers.require(tx, seller).id
        elif jurisdiction is not None:
            scope, value = "jurisdiction", _known(house, jurisdiction.upper())
        elif campaign is not None:
            scope, value = "campaign", str(campaigns.find(tx, campaign).id)
        if lift:
            ended = halts.lift(tx, scope, value, now)
            typer.echo(f"{ended} halts lifted.")
            return
        halts.declare(tx, halts.Halt(scope, value, end, getpass.getuser()), now)
    lasting = f"until {end:%Y-%m-%d %H:%M} UTC" if end else "until lifted with --lift"
    typer.echo(f"Halted: {scope} {value}".rstrip() + f", {lasting}.")


def _known(house: "House", place: str) -> str:
    """A mistyped place would halt nobody."""
    plan = house.rulebook.numbering
    country, _, region = place.partition("-")
    if country not in plan.countries or (region and region not in plan.countries[country].regions):
        raise UserError(
            f"--jurisdiction '{place}' is none that anybody is contacted in; write it as in US, US-LA or GB."
        )
    return place
