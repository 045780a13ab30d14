"""`orchestrator sellers require`: which papers a seller wants on file."""

from typing import Annotated

import typer

from orchestrator.cli.actor import who
from orchestrator.domain.paper import PaperKind


def require(
    seller_id: Annotated[str, typer.Argument(metavar="ID")],
    kinds: Annotated[list[PaperKind] | None, typer.Argument(metavar="KIND …", help="All that are needed.")] = None,
    none: Annotated[bool, typer.Option("--none", help="Nothing is needed.")] = False,
) -> None:
    """Say which papers must be in force before a campaign of this seller opens or an agent takes its calls."""
    from orchestrator import bootstrap
    from orchestrator.persistence import actions, papers, sellers

    house = bootstrap.build()
    with house.store.write() as tx:
        sellers.require(tx, seller_id)
        if kinds or none:
            wanted, now = sorted(set(kinds or ())), house.clock.now()
            papers.require(tx, seller_id, wanted, who(), now)
            about = actions.of_seller(seller_id)
            actions.setting(tx, about, "papers required", who(), now, seller_id, kinds=wanted)
        needed = sorted(papers.required(tx, seller_id))
    typer.echo(f"'{seller_id}' needs on file: {', '.join(needed) or 'nothing'}.")
