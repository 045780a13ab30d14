"""`orchestrator suppress`: a person's no that reached us in another way, by voice, letter or e-mail."""

from typing import Annotated

import typer
from sqlalchemy import select

from orchestrator.cli.actor import who
from orchestrator.cli.own_words import needed_words
from orchestrator.cli.phone_number import e164
from orchestrator.domain.contact_request import SuppressionKind
from orchestrator.domain.errors import UserError


def suppress(
    number: Annotated[str, typer.Argument(help="In E.164, as in +12125550100.")],
    reason: Annotated[str, typer.Option(help="How the person said it; kept with the stop.", callback=needed_words)],
    seller: Annotated[
        str | None, typer.Option(help="The seller it was said to; all of them where it is left out.")
    ] = None,
    kind: Annotated[SuppressionKind, typer.Option(help="In what words.")] = SuppressionKind.DO_NOT_CALL,
) -> None:
    """Stop every campaign and channel to this number at once, and take back what is on its way."""
    from orchestrator import bootstrap
    from orchestrator.persistence import sellers
    from orchestrator.persistence.tables.people import sellers as table
    from orchestrator.pipeline.reception.stops import Stop, suppress, take_back

    house = bootstrap.build()
    spoken, now = e164(number), house.clock.now()
    with house.store.write() as tx:
        owners = [sellers.require(tx, seller).id] if seller else tx.execute(select(table.c.id)).scalars().all()
        if not owners:
            raise UserError("There is no seller yet; add one with `orchestrator sellers add`.")
        key = house.store.keyring.number_key(spoken)
        source = f"{reason} ({who()})"
        stops = [Stop(seller_id=owner, number_key=key, kind=kind, source=source) for owner in owners]
        for stop in stops:
            suppress(tx, stop, now)
    take_back(house.store, stops, now)
    typer.echo(f"Stopped for {', '.join(owners)}; what was on its way is being taken back.")
