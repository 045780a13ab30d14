"""`orchestrator sellers sender` and `senders`: what a seller sends from, and who answers a STOP that comes to it."""

import json
import re
from typing import Annotated

import typer
from rich.table import Table

from orchestrator.bootstrap import build
from orchestrator.cli.tables import print_table
from orchestrator.domain.errors import UserError
from orchestrator.domain.sender import Sender, SenderKind, StopsBy
from orchestrator.persistence import senders as stored

ADDRESS = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}|MG[0-9a-f]{32}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")


def sender(
    seller_id: Annotated[str, typer.Argument(metavar="SELLER")],
    address: Annotated[str, typer.Argument(help="A number in E.164, a short code, a name, or a service's MG… sid.")],
    kind: Annotated[SenderKind | None, typer.Option(help="What it is; by its form where this is left out.")] = None,
    stops_by: Annotated[
        StopsBy | None,
        typer.Option(help="Who answers STOP and HELP, Twilio (carrier) or we; as is usual for its kind if left out."),
    ] = None,
) -> None:
    """Register a number, a name or a messaging service of a seller; a STOP to it binds this seller alone.

    Who answers STOP cannot be told from outside: say us where Twilio's own handling is switched off for the sender.
    """
    if not ADDRESS.fullmatch(address):
        raise UserError(f"'{address}' is no sender; write +12125550100, a short code, a name, or MG and 32 characters.")
    house = build()
    with house.store.write() as tx:
        found = stored.register(tx, seller_id, address, kind, stops_by, house.clock.now())
    typer.echo(f"{found.address} is a {_words(found)} of '{seller_id}'.")


def senders(
    seller_id: Annotated[str | None, typer.Argument(metavar="SELLER")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what sellers send from, and who answers a STOP there."""
    with build().store.read() as tx:
        found = stored.everyone(tx, seller_id)
    if as_json:
        typer.echo(json.dumps([_form(one) for one in found]))
        return
    table = Table("seller", "sender", "kind", "stops answered by")
    for one in found:
        table.add_row(one.seller_id, one.address, one.kind.replace("_", " "), one.stops_by)
    print_table(table)


def _words(found: Sender) -> str:
    by = "Twilio answers STOP there" if found.stops_by is StopsBy.CARRIER else "we answer STOP there"
    return f"{found.kind.replace('_', ' ')} ({by if found.hears else 'nobody can write to it'})"


def _form(found: Sender) -> dict[str, object]:
    return {
        "seller": found.seller_id,
        "address": found.address,
        "kind": found.kind.value,
        "stops_by": found.stops_by.value,
    }
