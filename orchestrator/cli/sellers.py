"""Sellers: on whose behalf people are contacted."""

import json
import re
from typing import Annotated

import phonenumbers
import typer
from rich.table import Table
from sqlalchemy import Connection

from orchestrator.bootstrap import House, build
from orchestrator.cli import seller_closing, seller_papers, seller_protection
from orchestrator.cli.actor import who
from orchestrator.cli.counted import counted
from orchestrator.cli.tables import print_table
from orchestrator.domain.campaign import Seller
from orchestrator.domain.contact_request import CallerKind
from orchestrator.domain.decision import Cure
from orchestrator.domain.errors import UserError
from orchestrator.domain.file_fields import is_callable_number
from orchestrator.persistence import actions, sellers
from orchestrator.persistence.enrollment_cures import reopen

app = typer.Typer(help="Sellers, on whose behalf people are contacted.", no_args_is_help=True, add_completion=False)
app.command("require")(seller_papers.require)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
app.command("set")(seller_protection.set_)
app.command("close")(seller_closing.close)
ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@app.command()
def add(
    seller_id: Annotated[str, typer.Argument(metavar="ID", help="A short name of small letters, digits and dashes.")],
    name: Annotated[str, typer.Option(help="As people are told it.")],
    callback_number: Annotated[str, typer.Option(help="Where people can call back, in E.164.")],
    country: Annotated[str, typer.Option(help="Where the seller is established: US, GB …")],
    kind: Annotated[CallerKind, typer.Option(help="What the seller is in law.")] = CallerKind.COMMERCIAL,
    registration: Annotated[
        list[str] | None, typer.Option(help="A registration in place: US-TX, ca-dncl …; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Add a seller, or complete one that an import made without a callback number."""
    seller = Seller(
        id=_id(seller_id),
        name=_name(name),
        country=_country(country),
        callback_number=_number(callback_number),
        kind=kind,
        registrations=tuple(registration or ()),
    )
    house = build(may_make=True)
    with house.store.write() as tx:
        if not sellers.add(tx, seller, house.clock.now()):
            raise UserError(f"There is a seller '{seller_id}' already; give this one another id.")
        _note(tx, seller_id, "seller added", house, **_form(seller))
    typer.echo(json.dumps(_form(seller), ensure_ascii=False) if as_json else f"Seller '{seller_id}' is added.")


@app.command()
def register(
    seller_id: Annotated[str, typer.Argument(metavar="ID")],
    registration: Annotated[list[str], typer.Argument(metavar="REGISTRATION …", help="US-TX, ca-dncl …, or all.")],
) -> None:
    """Add registrations that the seller now has; whoever waited for one is due again."""
    house = build()
    with house.store.write() as tx:
        sellers.require(tx, seller_id)
        held = sellers.register(tx, seller_id, registration)
        _note(tx, seller_id, "seller registered", house, registrations=list(held))
    opened = reopen(house.store, Cure.REGISTRATION, None, house.clock.now(), seller_id)
    typer.echo(f"'{seller_id}' holds {', '.join(held)}; due again: {counted(opened, 'person', 'people')}.")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the sellers."""
    with build().store.read() as tx:
        everyone = sellers.everyone(tx)
    if as_json:
        typer.echo(json.dumps([_form(seller) for seller in everyone], ensure_ascii=False))
        return
    table = Table("id", "name", "country", "callback number", "kind", "registrations")
    for seller in everyone:
        registrations = ", ".join(seller.registrations)
        table.add_row(seller.id, seller.name, seller.country, seller.callback_number, seller.kind, registrations)
    print_table(table)


def _note(tx: Connection, seller_id: str, action: str, house: House, **what: object) -> None:
    actions.setting(tx, actions.of_seller(seller_id), action, who(), house.clock.now(), seller_id, **what)


def _form(seller: Seller) -> dict[str, object]:
    return {
        "id": seller.id,
        "name": seller.name,
        "country": seller.country,
        "callback_number": seller.callback_number,
        "kind": seller.kind,
        "registrations": list(seller.registrations),
    }


def _id(text: str) -> str:
    if not ID.fullmatch(text):
        raise UserError(f"ID: '{text}' must be up to 64 small letters, digits and dashes.")
    return text


def _name(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise UserError("--name: give the seller's name on one printed line.")
    return text.strip()


def _country(text: str) -> str:
    if text.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise UserError(f"--country: '{text}' is no country; use two letters, as in US or GB.")
    return text.upper()


def _number(text: str) -> str:
    if not is_callable_number(text):
        raise UserError(f"--callback-number: '{text}' must be a full number in E.164, as in +12125550100.")
    return text
