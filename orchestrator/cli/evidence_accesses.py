"""`orchestrator evidence accesses`: who read people's data, why, and whose it was."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from orchestrator.cli.moments import moment_or_none
from orchestrator.cli.tables import print_table
from orchestrator.domain.errors import UserError

if TYPE_CHECKING:
    from orchestrator.persistence.tables.columns import Record

Since = Annotated[str | None, typer.Option(metavar="MOMENT", help="From then on, as in 2026-11-22T14:00Z.")]
Until = Annotated[str | None, typer.Option(metavar="MOMENT", help="Before then.")]


def accesses(
    since: Since = None,
    until: Until = None,
    actor: Annotated[
        str | None, typer.Option(help="Only this one's: cli:NAME, user:NAME, token:ID, step:NAME.")
    ] = None,
    seller: Annotated[str | None, typer.Option(help="Only of this seller's people, by id.")] = None,
    number: Annotated[str | None, typer.Option(help="Only what was read of this number.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List who read people's data in bulk, newest first. Numbers themselves are kept under key and not shown."""
    from orchestrator.bootstrap import build
    from orchestrator.persistence import access_queries, sellers

    house = build()
    asked = access_queries.Asked(
        since=moment_or_none(since, "--since"),
        until=moment_or_none(until, "--until"),
        actor=actor,
        seller_id=seller,
        number_key=None if number is None else house.store.keyring.number_key(_number(number)),
    )
    with house.store.read() as tx:
        sellers.require_known(tx, seller)
        rows = access_queries.newest_first(tx, asked, limit)
    if as_json:
        typer.echo(json.dumps([_form(row) for row in rows], ensure_ascii=False))
    elif rows:
        _show(rows)
    else:
        typer.echo("Nobody read any of that.", err=True)


def _number(text: str) -> str:
    from orchestrator.domain.file_fields import is_callable_number

    if not is_callable_number(text):
        raise UserError(f"--number: '{text}' is no full number; write it as in +12125550107.")
    return text


def _show(rows: "list[Record] | Any") -> None:
    table = Table("reading", "at (UTC)", "by", "what", "seller", "people", "why")
    for row in rows:
        at, seller = f"{row.at:%Y-%m-%d %H:%M:%S}", row.seller_id or "all"
        table.add_row(str(row.id), at, row.actor, row.action, seller, f"{row.people:,}", row.reason)
    print_table(table)


def _form(row: "Record") -> dict[str, Any]:
    return {
        "id": row.id,
        "at": row.at.isoformat().replace("+00:00", "Z"),
        "actor": row.actor,
        "action": row.action,
        "seller": row.seller_id,
        "numbers": row.people,
        "reason": row.reason,
    }
