"""`orchestrator evidence breach`: whose data an account or token touched, and the clocks and drafts that follow."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from orchestrator.cli.counted import counted
from orchestrator.cli.moments import moment, moment_or_none
from orchestrator.cli.own_words import own_words
from orchestrator.cli.tables import print_table
from orchestrator.domain.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.bootstrap import House
    from orchestrator.domain.breach import Touched
    from orchestrator.pipeline.breaches.finding import Span

UNKNOWN = "not known yet"


def breach(
    since: Annotated[str, typer.Option(metavar="MOMENT", help="When it began, as in 2026-11-22T14:00Z.")],
    until: Annotated[str | None, typer.Option(metavar="MOMENT", help="When it was over; else now.")] = None,
    actor: Annotated[str | None, typer.Option(help="The account: cli:NAME, user:NAME, agent:ID; else all.")] = None,
    token: Annotated[str | None, typer.Option(help="Or the token, by its id.")] = None,
    aware_at: Annotated[str | None, typer.Option(metavar="MOMENT", help="Since when it is known; else now.")] = None,
    what: Annotated[
        str, typer.Option(help="What is known of it, in a sentence without names.", callback=own_words)
    ] = UNKNOWN,
    folder: Annotated[
        Path | None, typer.Option("-o", metavar="DIR", help="Where drafts go; else breach-NUMBER.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list whose data it was; enter nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Enter a breach: list whose data were touched, start the clocks, and draft the notices."""
    from orchestrator import bootstrap, config_files
    from orchestrator.cli.actor import who
    from orchestrator.cli.evidence_breaches import print_breach, write_drafts
    from orchestrator.pipeline.accountability.files import private_folder
    from orchestrator.pipeline.breaches.finding import Span
    from orchestrator.pipeline.breaches.opening import Noticed, open_breach

    house = bootstrap.build()
    law, now = config_files.load_breach_law(), house.clock.now()
    ends = moment_or_none(until, "--until") or now
    span = Span(actor=_whom(actor, token), since=moment(since, "--since"), until=ends)
    if dry_run:
        _list(house, span, as_json=as_json)
        return
    noticed = Noticed(span=span, aware_at=moment_or_none(aware_at, "--aware-at") or now, what_happened=_line(what))
    if folder is not None:
        private_folder(folder)  # before the breach is entered: whoever tries again would enter another
    number, _ = open_breach(house.store, noticed, who(), now)
    where = folder or Path(f"breach-{number}")
    files = write_drafts(house, law, number, where)
    print_breach(house, law, number, as_json=as_json)
    typer.echo(f"{where} holds {counted(files, 'draft')}; what a person must judge is marked there.", err=True)


def _whom(actor: str | None, token: str | None) -> str:
    from orchestrator.domain.breach import EVERYBODY

    if actor is not None and token is not None:
        raise UserError("Name one of --actor and --token.")
    if actor is not None and ":" not in actor and actor not in {"cli", EVERYBODY}:
        raise UserError(f"--actor: '{actor}' says no kind; write cli:{actor}, user:{actor} or agent:{actor}.")
    return f"token:{token}" if token is not None else actor or EVERYBODY


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise UserError("--what: say it on one printed line.")
    return text.strip()


def _list(house: "House", span: "Span", *, as_json: bool) -> None:
    from orchestrator.pipeline.breaches.finding import find

    with house.store.read() as tx:
        found = find(tx, span)
    if as_json:
        typer.echo(json.dumps([one.form() for one in found], ensure_ascii=False))
    else:
        print_touched(found)


def print_touched(found: "Sequence[Touched]") -> None:
    """A line a seller; where nothing is on record, that no such reading is known."""
    if not found:
        typer.echo("No reading of people's data is on record for that account in that time.")
        return
    table = Table("seller", "people", "numbers", "countries", "categories", "readings")
    for one in found:
        counts = (f"{one.people:,}", f"{one.numbers:,}", _counted(one.countries))
        table.add_row(one.seller_id, *counts, ", ".join(one.categories), _counted(one.readings))
    print_table(table)


def _counted(counts: Any) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
