"""`orchestrator lists`: lists of people, and the files that filled them."""

import json
from typing import Annotated, Any

import typer

from orchestrator.cli.list_import import SellerId, import_
from orchestrator.cli.list_provenance import provenance
from orchestrator.cli.registries import scrub
from orchestrator.cli.scrubs import prove, scrubs

app = typer.Typer(help="Lists of people to contact.", no_args_is_help=True, add_completion=False)
app.command("scrub")(scrub)
app.command("scrubs")(scrubs)
app.command("prove")(prove)
app.command("provenance")(provenance)
app.command("import")(import_)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_(seller: SellerId = None, as_json: Json = False) -> None:
    """List the lists."""
    from orchestrator import bootstrap
    from orchestrator.cli import intake_talk as talk
    from orchestrator.persistence import lists, sellers

    with bootstrap.build().store.read() as tx:
        sellers.require_known(tx, seller)
        rows = lists.overview(tx, seller)
    if as_json:
        typer.echo(json.dumps([_list_form(row) for row in rows], ensure_ascii=False))
    elif rows:
        talk.show_lists(rows)
    else:
        typer.echo("There is no list yet: orchestrator lists import FILE --country US", err=True)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The list.")],
    seller: SellerId = None,
    as_json: Json = False,
) -> None:
    """Show a list: its rows by verdict, and the imports that filled it."""
    from orchestrator import bootstrap
    from orchestrator.cli import intake_talk as talk
    from orchestrator.persistence import lists

    with bootstrap.build().store.read() as tx:
        row = lists.require(tx, name, seller)
        counts, imports = lists.counts_of(tx, row.id), lists.imports_of(tx, row.id)
    if as_json:
        form = {**_list_form(row), "counts": dict(counts), "files": [_import_form(one) for one in imports]}
        typer.echo(json.dumps(form, ensure_ascii=False))
        return
    talk.show_list(row, counts, imports)


def _list_form(row: Any) -> dict[str, Any]:
    return {
        "name": row.name,
        "seller": row.seller_id,
        "created_at": row.created_at.isoformat().replace("+00:00", "Z"),
        "people": row.people,
        "imports": row.imports,
        "unfinished_imports": row.running,
    }


def _import_form(row: Any) -> dict[str, Any]:
    return {
        "file": row.file_name,
        "digest": row.file_digest,
        "state": row.state,
        "records": row.records_done,
        "counts": row.counts,
        "started_at": row.started_at.isoformat().replace("+00:00", "Z"),
        "finished_at": row.finished_at.isoformat().replace("+00:00", "Z") if row.finished_at else None,
    }
