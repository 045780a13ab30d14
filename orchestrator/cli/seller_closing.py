"""`orchestrator sellers close`: return or delete everything of a seller, with a certificate."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from orchestrator.cli.counted import counted
from orchestrator.cli.own_words import own_words
from orchestrator.cli.tables import print_table
from orchestrator.domain.errors import UserError
from orchestrator.domain.leaving import ClosingState, Way

if TYPE_CHECKING:
    from orchestrator.bootstrap import House
    from orchestrator.persistence.tables.columns import Record
    from orchestrator.pipeline.leaving.closing import Closer, Order

UNFINISHED = 1


def close(
    seller_id: Annotated[str, typer.Argument(metavar="ID", help="The seller that leaves.")],
    file: Annotated[
        Path | None, typer.Option("--return", metavar="FILE.zip", help="Give everything back first.")
    ] = None,
    delete: Annotated[bool, typer.Option("--delete", help="Delete everything and return nothing.")] = False,
    because: Annotated[
        str | None, typer.Option(help="Why, as the certificate shall say it.", callback=own_words)
    ] = None,
    keep_suppressions: Annotated[
        bool, typer.Option("--keep-suppressions", help="The contract says that refusals stay, under key.")
    ] = False,
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where it goes, as FILE.html and .json; else closing-ID.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would go and what would stay.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """End a seller: stop its campaigns, return or delete its data but what the law keeps, and certify it.

    Killed or kept waiting, it goes on when the same command is given again.
    """
    from orchestrator import bootstrap, config_files
    from orchestrator.cli.actor import who
    from orchestrator.pipeline.leaving.closing import Closer

    house = bootstrap.build()
    closer = Closer(house.store, config_files.load_closing_law(), who())
    if file is None and not delete:
        _tell(_begun(house, seller_id), certificate, closer, as_json=as_json)
        return
    order = _order(seller_id, file, delete=delete, because=because, keep_suppressions=keep_suppressions, dry=dry_run)
    if dry_run:
        _preview(closer.preview(order, house.clock.now()), as_json=as_json)
        return
    _require_folders(file, certificate)
    _tell(closer.close(order, house.clock.now()), certificate, closer, as_json=as_json)


def _begun(house: "House", seller_id: str) -> "Record":
    from orchestrator.persistence import closings

    with house.store.read() as tx:
        row = closings.find(tx, seller_id)
    if row is None:
        raise UserError(
            "Say what becomes of the data: --return FILE.zip, or --delete; with --dry-run it is only counted."
        )
    return row


def _order(
    seller_id: str, file: Path | None, *, delete: bool, because: str | None, keep_suppressions: bool, dry: bool
) -> "Order":
    from orchestrator.pipeline.leaving.closing import Order

    if file is not None and delete:
        raise UserError("Name one of --return FILE.zip and --delete.")
    if not dry and not (because or "").strip():
        raise UserError("--because: say why the seller leaves; the certificate shows it.")
    way = Way.DELETE if delete else Way.RETURN
    words = (because or "").strip()
    return Order(seller_id=seller_id, way=way, file=file, keeps_suppressions=keep_suppressions, because=words)


def _require_folders(file: Path | None, certificate: Path | None) -> None:
    """Raise UserError before anything ends: a closing that was begun in one way goes on in no other."""
    for option, path in (("--return", file), ("--certificate", certificate)):
        if path is not None and not path.absolute().parent.is_dir():
            raise UserError(
                f"There is no folder {path.absolute().parent}; make it, or name another file with {option}."
            )
    if file is not None and file.is_dir():
        raise UserError(f"--return: {file} is a folder; name the file to write, as in {file / 'returned.zip'}.")


def _preview(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    table = Table("table", "rows", "what becomes of them")
    for name, rows in found["goes"].items():
        table.add_row(name, f"{rows:,}", "deleted")
    for one in found["stays"]:
        table.add_row(one["table"], f"{one['rows']:,}", f"kept: {one['why']}")
    print_table(table)
    if found["on_its_way"]:
        typer.echo(f"On its way now: {counted(found['on_its_way'], 'call or text', 'calls and texts')}.")


def _tell(row: "Record", certificate: Path | None, closer: "Closer", *, as_json: bool) -> None:
    if row.state != ClosingState.CLOSED:
        waiting = counted(closer.on_its_way(row.seller_id), "call or text is", "calls and texts are")
        typer.echo(
            f"Seller '{row.seller_id}' is {row.state}: {waiting} on the way. A worker takes them back; give the same "
            "command again then.",
            err=True,
        )
        raise typer.Exit(UNFINISHED)
    files = _write(row.certificate, certificate or Path(f"closing-{row.seller_id}"))
    if as_json:
        typer.echo(json.dumps(row.certificate, ensure_ascii=False))
        return
    gone = sum(row.certificate["deleted"].values())
    typer.echo(f"Seller '{row.seller_id}' is closed: {gone:,} rows are deleted. The certificate is in {files}.")


def _write(found: dict[str, Any], place: Path) -> str:
    from orchestrator.pipeline.accountability.files import write_private
    from orchestrator.pipeline.accountability.rendering import as_html
    from orchestrator.pipeline.leaving.certificate import page

    for_people, for_scripts = place.with_suffix(".html"), place.with_suffix(".json")
    write_private(for_people, as_html(page(found)))
    write_private(for_scripts, json.dumps(found, ensure_ascii=False, indent=1))
    return f"{for_people} and {for_scripts.name}"
