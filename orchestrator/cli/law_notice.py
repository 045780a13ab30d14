"""Who types, and a word about the rulebook where config/ holds another than the one in force."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from orchestrator.bootstrap import House


def warn_of_rulebook(house: "House") -> None:
    """Say on standard error that another rulebook than config/'s is in force, or that none may be used."""
    if house.standing.notice:
        typer.echo(house.standing.notice, err=True)
