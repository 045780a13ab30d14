"""`orchestrator retention`: what would go and why, the run that lets it go, its reports, and holds."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from orchestrator.bootstrap import House, build
from orchestrator.cli.actor import who
from orchestrator.cli.counted import counted
from orchestrator.cli.own_words import needed_words
from orchestrator.cli.tables import print_table
from orchestrator.config_files import load_retention
from orchestrator.domain.errors import UserError
from orchestrator.persistence import sellers
from orchestrator.persistence.retention import runs
from orchestrator.persistence.tables.columns import Record

if TYPE_CHECKING:
    from orchestrator.pipeline.retention.tally import Tally

app = typer.Typer(no_args_is_help=True, help="How long data stays: what goes, what is held, and what went.")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OfSeller = Annotated[str | None, typer.Option("--seller", help="Only this seller's rows, by id.")]
CUT_OFF = 1


@app.command()
def preview(
    at: Annotated[datetime | None, typer.Option(help="As it would be then (UTC); now where it is left out.")] = None,
    seller: OfSeller = None,
    as_json: Json = False,
) -> None:
    """Count what is kept long enough, by class, entry and table, and what stays all the same; nothing is changed."""
    from orchestrator.pipeline.retention.previewing import preview as counted

    house = build()
    law = load_retention()
    _require_seller(house, seller)
    moment = house.clock.now() if at is None else at.replace(tzinfo=at.tzinfo or UTC)
    found = counted(house.store, law, moment, seller)
    if as_json:
        form = {"at": _iso(moment), "seller": seller, "goes": found.gone, "stays": found.stayed}
        typer.echo(json.dumps(form, ensure_ascii=False))
        return
    _show(found, f"Nothing is kept longer than its time at {moment:%Y-%m-%d %H:%M} UTC.")


@app.command()
def run(seller: OfSeller = None, as_json: Json = False) -> None:
    """Let go what is kept long enough, in batches beside whatever else works; the worker does so every night."""
    from orchestrator.pipeline.retention.running import Retention

    house = build()
    _require_seller(house, seller)
    retention = Retention(
        store=house.store,
        law=load_retention(),
        history_days=house.rulebook.history_days,
        clock=house.clock.now,
    )
    report = retention.run(who(), seller)
    if as_json:
        form = {"run": report.number, "rows": report.rows, "gone": report.tally.gone, "stayed": report.tally.stayed}
        typer.echo(json.dumps(form, ensure_ascii=False))
        return
    _show(report.tally, "Nothing was kept longer than its time.")
    typer.echo(f"Run {report.number}: {counted(report.rows, 'row')}.")


@app.command()
def log(
    limit: Annotated[int, typer.Option("--limit", min=1, help="The newest so many.")] = 30,
    as_json: Json = False,
) -> None:
    """List the runs, newest first: when, by whom, and how many rows of what went or had to stay."""
    with build().store.read() as tx:
        rows = runs.newest_first(tx, limit)
    if as_json:
        typer.echo(json.dumps([_form(row) for row in rows], ensure_ascii=False))
        return
    if not rows:
        typer.echo("There was no run yet: orchestrator retention run", err=True)
        return
    table = Table("run", "began (UTC)", "by", "seller", "ended", "went", "stayed")
    for row in rows:
        ended = "cut off" if row.finished_at is None else f"{row.finished_at:%H:%M:%S}"
        began = f"{row.began_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(row.id), began, row.by, row.seller_id or "all", ended, _told(row.gone), _told(row.stayed))
    print_table(table)


@app.command()
def hold(
    number: Annotated[str, typer.Argument(help="In E.164, as in +12125550100.")],
    reason: Annotated[
        str, typer.Option(help="Why: a complaint, a claim; kept with the hold, sealed.", callback=needed_words)
    ],
    seller: Annotated[str, typer.Option(help="The seller whose rows stay, by id.")],
) -> None:
    """Keep every row of a number until the hold is released: no retention and no erasure takes one."""
    from orchestrator.pipeline.retention import holding

    house = build()
    _require_seller(house, seller)
    placed = holding.place(house.store, seller, number, reason, who(), house.clock.now())
    typer.echo(f"Hold {placed} stands. It ends with: orchestrator retention release {placed}")


@app.command()
def release(number: Annotated[int, typer.Argument(metavar="HOLD", help="The hold, by its number.")]) -> None:
    """Let the rows of a held number go again, each when its time is over."""
    from orchestrator.pipeline.retention import holding

    house = build()
    if not holding.release(house.store, number, who(), house.clock.now()):
        raise UserError(f"No hold {number} stands; `orchestrator retention holds` lists those that do.")
    typer.echo(f"Hold {number} is released.")


@app.command()
def holds(
    everything: Annotated[bool, typer.Option("--all", help="Released ones as well.")] = False,
    seller: OfSeller = None,
    as_json: Json = False,
) -> None:
    """List the holds: of which seller, since when, by whom and why. The number itself is not shown."""
    from orchestrator.pipeline.retention import holding

    house = build()
    with house.store.read() as tx:
        sellers.require_known(tx, seller)
    rows = holding.told(house.store, seller, released_too=everything)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        typer.echo("No hold stands.", err=True)
        return
    table = Table("hold", "seller", "since (UTC)", "by", "request", "reason", "released")
    for row in rows:
        words = ("id", "seller", "placed_at", "placed_by", "request", "reason", "released_at")
        table.add_row(*("" if row[word] is None else str(row[word]) for word in words))
    print_table(table)


def _require_seller(house: House, seller: str | None) -> None:
    if seller is not None:
        with house.store.read() as tx:
            sellers.require(tx, seller)


def _show(found: "Tally", nothing: str) -> None:
    if not found.lines:
        typer.echo(nothing)
        return
    table = Table("class", "by", "table", "rows", "oldest", "newest", "stays because")
    for (data_class, rule, name, why), line in found.lines.items():
        days = (f"{moment:%Y-%m-%d}" if moment else "" for moment in (line.oldest, line.newest))
        table.add_row(data_class, rule, name, f"{line.rows:,}", *days, why)
    print_table(table)


def _told(lines: list[dict[str, Any]]) -> str:
    rows: dict[str, int] = {}
    for line in lines:
        rows[line["class"]] = rows.get(line["class"], 0) + line["rows"]
    return "\n".join(f"{name} {count:,}" for name, count in rows.items()) or "nothing"


def _form(row: Record) -> dict[str, Any]:
    return {
        "run": row.id,
        "judged_at": _iso(row.judged_at),
        "began_at": _iso(row.began_at),
        "finished_at": _iso(row.finished_at) if row.finished_at is not None else None,
        "by": row.by,
        "seller": row.seller_id,
        "law": row.law,
        "gone": row.gone,
        "stayed": row.stayed,
    }


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
