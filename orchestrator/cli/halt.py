"""`orchestrator halt`: stop contact by hand, within a second."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.actor import who
from orchestrator.domain.errors import UserError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from orchestrator.bootstrap import House
    from orchestrator.pipeline.halts import Halt


def halt(
    seller: Annotated[str | None, typer.Option(help="Everything of this seller.")] = None,
    jurisdiction: Annotated[str | None, typer.Option(help="Everybody in it, as in US-LA or GB.")] = None,
    campaign: Annotated[str | None, typer.Option(help="This campaign, by name or id.")] = None,
    until: Annotated[datetime | None, typer.Option(help="When it ends by itself (UTC).")] = None,
    show: Annotated[bool, typer.Option("--list", help="Show what is halted.")] = False,
    lift: Annotated[bool, typer.Option("--lift", help="End such halts instead.")] = False,
) -> None:
    """Stop all contact, or a seller's, a campaign's or a jurisdiction's, until lifted or until a moment."""
    from orchestrator import bootstrap
    from orchestrator.pipeline import halts

    if sum(choice is not None for choice in (seller, jurisdiction, campaign)) > 1:
        raise UserError("Name one of --seller, --jurisdiction and --campaign, or none to halt everything.")
    house = bootstrap.build()
    now = house.clock.now()
    if show:
        _show(house, now)
        return
    end = _end(until, now)
    if lift and end is not None:
        raise UserError("--until says when a halt ends by itself; leave it out to lift one now.")
    place = _known(house, jurisdiction.upper()) if jurisdiction is not None else None
    with house.store.read() as tx:
        scope, value = _scope(tx, seller, place, campaign)
    if lift:
        _lift(house, scope, value, now)
    else:
        _declare(house, halts.Halt(scope, value, end, who()), now)
    _show(house, now)


def _declare(house: "House", halt: "Halt", now: datetime) -> None:
    from orchestrator.pipeline import halts

    with house.store.write() as tx:
        is_new = halts.declare(tx, halt, now)
    if not is_new:
        typer.echo("That is halted already; nothing was added.")


def _lift(house: "House", scope: str, value: str, now: datetime) -> None:
    """Lift it; who lifts what nobody had halted is told what is."""
    from orchestrator.pipeline import halts

    lifted = halts.lift(house.store, scope, value, now)
    if lifted:
        typer.echo(f"Halts lifted: {lifted}.")
        return
    with house.store.read() as tx:
        left = [halt.told for halt in halts.in_force(tx, now).active]
    what = " ".join(filter(None, (scope, value)))
    going_on = f"What is halted: {'; '.join(left)}." if left else "Nothing is halted."
    raise UserError(f"No halt of '{what}' is in force, so nothing was lifted. {going_on}")


def _end(until: datetime | None, now: datetime) -> datetime | None:
    end = until.replace(tzinfo=UTC) if until is not None and until.tzinfo is None else until
    if end is not None and end <= now:
        raise UserError(f"--until lies in the past: it is {now:%Y-%m-%d %H:%M:%S} UTC.")
    return end


def _scope(tx: "Connection", seller: str | None, place: str | None, campaign: str | None) -> tuple[str, str]:
    """What is meant, by its own name; a mistyped one would halt nobody."""
    from orchestrator.persistence import campaigns, sellers

    if seller is not None:
        return "seller", sellers.require(tx, seller).id
    if place is not None:
        return "jurisdiction", place
    if campaign is not None:
        return "campaign", str(campaigns.find(tx, campaign).id)
    return "all", ""


def _known(house: "House", place: str) -> str:
    """A mistyped place would halt nobody."""
    plan = house.rulebook.numbering
    place = "GB" + place[2:] if place[:2] == "UK" and place[2:3] in {"", "-"} else place
    country, _, region = place.partition("-")
    if country not in plan.countries or (region and region not in plan.countries[country].regions):
        raise UserError(
            f"--jurisdiction '{place}' is none that anybody is contacted in; write it as in US, US-LA or GB."
        )
    return place


def _show(house: "House", now: datetime) -> None:
    from orchestrator.pipeline import halts

    with house.store.read() as tx:
        active = halts.in_force(tx, now).active
    for halt in active:
        typer.echo(f"Halted: {halt.told}.")
    if not active:
        typer.echo("Nothing is halted.")
