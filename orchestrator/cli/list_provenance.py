"""Where a list came from: said at its import or with `orchestrator lists provenance`."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.actor import who
from orchestrator.cli.own_words import own_words
from orchestrator.domain.errors import UserError
from orchestrator.domain.paper import Origin, Provenance

if TYPE_CHECKING:
    from orchestrator.bootstrap import House

OriginOption = Annotated[
    Origin | None, typer.Option("--origin", help="Whose it was before; own where it is never said.")
]
VendorOption = Annotated[
    str | None, typer.Option("--vendor", help="Who sold, lent or passed it on.", callback=own_words)
]
ObtainedOption = Annotated[
    datetime | None, typer.Option("--obtained-on", formats=["%Y-%m-%d"], help="The day on which it was obtained.")
]
SourceOption = Annotated[
    str | None,
    typer.Option(
        "--data-source", help="Where the vendor had the data from; told at the first contact.", callback=own_words
    ),
]


def provenance(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The list.")],
    seller: Annotated[str | None, typer.Option(help="The seller, by id; not needed where there is one.")] = None,
    origin: OriginOption = None,
    vendor: VendorOption = None,
    obtained_on: ObtainedOption = None,
    data_source: SourceOption = None,
    chain: Annotated[str | None, typer.Option(help="Through whose hands it went.", callback=own_words)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say where a list came from, or show what was said: bought data wants a contract on file and proof of consent."""
    from orchestrator import bootstrap
    from orchestrator.persistence import lists

    house = bootstrap.build()
    with house.store.read() as tx:
        row = lists.require(tx, name, seller)
    said = said_of(origin, vendor, obtained_on, data_source, chain)
    if said is not None:
        declare(house, row.seller_id, row.name, said)
    _show(house, row, as_json=as_json)


def _show(house: "House", row: Any, *, as_json: bool) -> None:
    """Every word on record, the newest last, and by when the people of the list must be informed."""
    from orchestrator.config_files import load_rights
    from orchestrator.persistence import provenance as origins
    from orchestrator.pipeline import informing
    from orchestrator.settings import config_dir

    law, today = load_rights(config_dir()), house.clock.now().date()
    with house.store.read() as tx:
        words = [_form(one) for one in origins.of_list(tx, row.id)]
        due = informing.of_list(tx, law, row.seller_id, row.id)
    if as_json:
        for newest in words[-1:]:
            newest["inform"] = [informing.inform_form(one, today) for one in due]
        typer.echo(json.dumps(words, ensure_ascii=False))
        return
    for word in words:
        typer.echo(", ".join(f"{key.replace('_', ' ')}: {value}" for key, value in word.items() if value))
    for one in due:
        typer.echo(one.told(today), err=one.nearness(today) is not informing.Nearness.FAR)
    if not words:
        typer.echo(f"Nothing was said of '{row.name}': it counts as the seller's own.")


def said_of(
    origin: Origin | None,
    vendor: str | None,
    obtained_on: datetime | None,
    data_source: str | None,
    chain: str | None = None,
) -> Provenance | None:
    """What the options say together, None where they say nothing; UserError where they do not fit."""
    if origin is None:
        if any(one is not None for one in (vendor, obtained_on, data_source, chain)):
            raise UserError("Say --origin too: own, purchased, rented, partner or public.")
        return None
    if origin.needs_contract and not vendor:
        raise UserError(f"--vendor is missing: say from whom a {origin.value} list came.")
    day = obtained_on.date() if obtained_on is not None else None
    return Provenance(origin=origin, vendor=vendor, obtained_on=day, source=data_source, chain=chain)


def declare(house: "House", seller_id: str, list_name: str, said: Provenance) -> None:
    """Put it on record before anybody of the list could be contacted; who waited for another word is asked again."""
    from orchestrator.domain.decision import Cure
    from orchestrator.persistence import lists
    from orchestrator.persistence import provenance as origins
    from orchestrator.persistence.enrollment_cures import reopen

    now = house.clock.now()
    with house.store.write() as tx:
        origins.declare(tx, lists.ensure(tx, seller_id, list_name, now), said, who(), now)
    reopen(house.store, Cure.DOCUMENT, None, now, seller_id)


def _form(row: Any) -> dict[str, Any]:
    return {
        "origin": row.kind,
        "vendor": row.vendor,
        "obtained_on": row.obtained_on.isoformat() if row.obtained_on else None,
        "data_source": row.source,
        "chain": row.chain,
        "said_at": row.recorded_at.isoformat().replace("+00:00", "Z"),
        "said_by": row.recorded_by,
    }
