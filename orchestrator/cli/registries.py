"""Do-not-call registries: import a version, list the versions there are, scrub a list against them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy import Connection, select

from orchestrator.bootstrap import build
from orchestrator.cli.actor import who
from orchestrator.cli.counted import counted
from orchestrator.cli.registry_forms import iso, print_json, snapshot_form
from orchestrator.cli.registry_import import import_
from orchestrator.cli.tables import print_table
from orchestrator.domain.errors import UserError
from orchestrator.domain.registry_snapshot import RegistrySnapshot
from orchestrator.persistence import registry_snapshots
from orchestrator.persistence.tables.lists import lists
from orchestrator.pipeline.scrub import ScrubReport, load_shelf, scrub_list
from orchestrator.registries.shelf import in_force, newest_first

app = typer.Typer(help="Do-not-call registries.", no_args_is_help=True, add_completion=False)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Seller = Annotated[str | None, typer.Option("--seller", help="The seller, by id.")]


app.command("import")(import_)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the versions there are, newest first."""
    house = build()
    with house.store.read() as tx:
        snapshots = registry_snapshots.every(tx)
    if as_json:
        print_json([snapshot_form(snapshot) for snapshot in snapshots])
        return
    if not snapshots:
        typer.echo(
            "No registry was imported yet: orchestrator registries import KIND FILE… --obtained-at ISO", err=True
        )
        return
    table = Table("registry", "obtained", "days ago", "numbers", "covers", "for", "answers", "version", "files")
    answering = {snapshot.digest for snapshot in in_force(newest_first(snapshots))}
    for snapshot in snapshots:
        table.add_row(*_cells(snapshot, house.clock.now(), snapshot.digest in answering))
    print_table(table)


def scrub(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The list.")], seller: Seller = None, as_json: Json = False
) -> None:
    """Scrub a list against the newest registries and our own suppressions, and record it."""
    house = build()
    with house.store.read() as tx:
        seller_id, list_id = _list_named(tx, name, seller)
    shelf = load_shelf(house.store, house.registries_dir)
    report = scrub_list(house.store, shelf, seller_id, list_id, who(), house.clock.now())
    print_json(_scrub_form(report)) if as_json else _say_scrub(name, report)


def _list_named(tx: Connection, name: str, seller: str | None) -> tuple[str, int]:
    query = select(lists.c.seller_id, lists.c.id).where(lists.c.name == name)
    if seller is not None:
        query = query.where(lists.c.seller_id == seller)
    found = [(seller_id, list_id) for seller_id, list_id in tx.execute(query)]
    if not found:
        whose = f" of seller '{seller}'" if seller is not None else ""
        raise UserError(f"There is no list '{name}'{whose}; `orchestrator lists list` shows those there are.")
    if len(found) > 1:
        raise UserError(
            f"Several sellers have a list '{name}'; add --seller {' or --seller '.join(s for s, _ in found)}."
        )
    return found[0]


def _scrub_form(report: ScrubReport) -> dict[str, Any]:
    return {**asdict(report), "at": iso(report.at)}


def _say_scrub(name: str, report: ScrubReport) -> None:
    typer.echo(
        f"Scrub {report.id} of '{name}': {counted(report.numbers, 'number')}, {report.on_any:,} on a registry, "
        f"{report.suppressed:,} suppressed, {report.dead:,} dead."
    )
    if not report.registries:
        typer.echo("No registry was imported, so none was asked: orchestrator registries import …", err=True)
        return
    table = Table("registry", "listed", "not listed", "not covered", "version")
    for registry, said in report.registries.items():
        counts: Sequence[str] = [f"{count:,}" for count in (said.listed, said.not_listed, said.not_covered)]
        table.add_row(registry, *counts, report.snapshots[registry][0][:12])
    print_table(table)


def _cells(snapshot: RegistrySnapshot, now: datetime, answers: bool) -> list[str]:
    return [
        snapshot.registry,
        f"{snapshot.obtained_at:%Y-%m-%d %H:%M}",
        str((now - snapshot.obtained_at).days),
        f"{snapshot.numbers:,}",
        str(snapshot.coverage),
        snapshot.seller_id or "all sellers",
        "yes" if answers else "no",
        snapshot.digest[:12],
        snapshot.source,
    ]
