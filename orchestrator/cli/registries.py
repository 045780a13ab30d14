"""Do-not-call registries: import a version, list the versions there are, scrub a list against them."""

import getpass
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy import Connection, select

from orchestrator.bootstrap import build
from orchestrator.domain.errors import UserError
from orchestrator.domain.registry_snapshot import RegistrySnapshot
from orchestrator.persistence import registry_snapshots
from orchestrator.persistence.tables.lists import lists
from orchestrator.pipeline.registry_import import ImportReport, import_registry
from orchestrator.pipeline.scrub import ScrubReport, load_shelf, scrub_list
from orchestrator.registries import profiles, scope
from orchestrator.registries.builder import Origin
from orchestrator.settings import config_dir

app = typer.Typer(help="Do-not-call registries.", no_args_is_help=True, add_completion=False)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Seller = Annotated[str | None, typer.Option("--seller", help="The seller, by id.")]


@app.command("import")
def import_(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="The registry: us-national, uk-tps, au-dncr …")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Its files as they came, zipped or not.")],
    obtained_at: Annotated[
        str, typer.Option("--obtained-at", metavar="ISO", help="When the files were got; a bare date means 00:00 UTC.")
    ],
    seller: Annotated[
        str | None, typer.Option("--seller", help="Only for this seller; without it for all of the installation.")
    ] = None,
    coverage: Annotated[
        str | None, typer.Option("--coverage", help="Countries or area codes that the files cover: US or 212,315.")
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option("--profile", help="The format, where the registry has none of its own: e164, us-state."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Import a version of a registry; a wrong, truncated or mixed file is refused as a whole."""
    house = build()
    chosen = profiles.choose(profiles.load(config_dir() / "registries"), kind, profile)
    origin = Origin(
        registry=kind,
        obtained_at=moment(obtained_at),
        seller_id=seller,
        coverage=scope.parse(coverage) if coverage is not None else None,
    )
    with _counting(f"Reading {kind}", as_json) as progress:
        report = import_registry(house.store, house.registries_dir, chosen, files, origin, house.clock.now(), progress)
    _print(_import_form(report)) if as_json else _say_import(report)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the versions there are, newest first."""
    house = build()
    with house.store.read() as tx:
        snapshots = registry_snapshots.every(tx)
    if as_json:
        _print([_snapshot_form(snapshot) for snapshot in snapshots])
        return
    if not snapshots:
        typer.echo(
            "No registry was imported yet: orchestrator registries import KIND FILE… --obtained-at ISO", err=True
        )
        return
    table = Table()
    for heading in ("registry", "obtained", "days ago", "numbers"):
        table.add_column(heading, no_wrap=True)
    table.add_column("covers")
    table.add_column("for")
    for snapshot in snapshots:
        table.add_row(*_cells(snapshot, house.clock.now()))
    Console().print(table)


def scrub(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The list.")], seller: Seller = None, as_json: Json = False
) -> None:
    """Scrub a list against the newest registries and our own suppressions, and record it."""
    house = build()
    with house.store.read() as tx:
        seller_id, list_id = _list_named(tx, name, seller)
    shelf = load_shelf(house.store, house.registries_dir)
    report = scrub_list(house.store, shelf, seller_id, list_id, _person(), house.clock.now())
    _print(_scrub_form(report)) if as_json else _say_scrub(name, report)


def moment(text: str) -> datetime:
    """The moment that a person named, in UTC; raises UserError for one without a zone, but for a bare date."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UserError(f"--obtained-at: '{text}' is no moment; write it as 2026-11-22 or 2026-11-22T09:00Z.") from None
    if at.tzinfo is None and len(text.strip()) > len("2026-11-22"):
        raise UserError(f"--obtained-at: '{text}' has no time zone; add Z or an offset, as in {text}Z.")
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)


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


def _person() -> str:
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a user without a name, as containers have
        return "cli"


@contextmanager
def _counting(what: str, quiet: bool) -> Iterator[Callable[[int], None]]:
    columns = SpinnerColumn(), TextColumn("{task.description} {task.completed:,.0f} numbers"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as progress:
        task = progress.add_task(what, total=None)
        yield lambda records: progress.update(task, advance=records)


def _print(form: object) -> None:
    typer.echo(json.dumps(form, ensure_ascii=False))


def _snapshot_form(snapshot: RegistrySnapshot) -> dict[str, Any]:
    return {
        "registry": snapshot.registry,
        "obtained_at": _iso(snapshot.obtained_at),
        "imported_at": _iso(snapshot.imported_at),
        "seller": snapshot.seller_id,
        "numbers": snapshot.numbers,
        "coverage": snapshot.coverage.as_dict(),
        "source": snapshot.source,
        "digest": snapshot.digest,
    }


def _import_form(report: ImportReport) -> dict[str, Any]:
    own = {"records": report.records, "new": report.is_new, "newest": report.is_newest, "reopened": report.reopened}
    return {**_snapshot_form(report.snapshot), **own}


def _scrub_form(report: ScrubReport) -> dict[str, Any]:
    return {**asdict(report), "at": _iso(report.at)}


def _say_import(report: ImportReport) -> None:
    snapshot = report.snapshot
    what = "imported" if report.is_new else "was here already"
    typer.echo(f"{snapshot.registry}: {snapshot.numbers:,} listed numbers, covering {snapshot.coverage}; {what}.")
    if not report.is_newest:
        typer.echo("A newer version is here and answers first where both cover a number.", err=True)
    if report.reopened:
        typer.echo(f"{report.reopened:,} people who waited for it are due again.")


def _say_scrub(name: str, report: ScrubReport) -> None:
    typer.echo(
        f"Scrub {report.id} of '{name}': {report.numbers:,} numbers, {report.on_any:,} on a registry, "
        f"{report.suppressed:,} suppressed, {report.dead:,} dead."
    )
    if not report.registries:
        typer.echo("No registry was imported, so none was asked: orchestrator registries import …", err=True)
        return
    table = Table("registry", "listed", "not listed", "not covered", "version")
    for registry, said in report.registries.items():
        counts: Sequence[str] = [f"{count:,}" for count in (said.listed, said.not_listed, said.not_covered)]
        table.add_row(registry, *counts, report.snapshots[registry][0][:12])
    Console().print(table)


def _cells(snapshot: RegistrySnapshot, now: datetime) -> list[str]:
    return [
        snapshot.registry,
        f"{snapshot.obtained_at:%Y-%m-%d %H:%M}",
        str((now - snapshot.obtained_at).days),
        f"{snapshot.numbers:,}",
        str(snapshot.coverage),
        snapshot.seller_id or "all sellers",
    ]


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
