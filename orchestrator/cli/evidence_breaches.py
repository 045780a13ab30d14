"""`orchestrator evidence breaches`: the register, who was told, the drafts, and the people to be told."""

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from orchestrator.cli.actor import who
from orchestrator.cli.counted import counted
from orchestrator.cli.moments import moment_or_none
from orchestrator.cli.own_words import own_words
from orchestrator.cli.tables import print_table
from orchestrator.compliance.breach_law import Whom

if TYPE_CHECKING:
    from orchestrator.bootstrap import House
    from orchestrator.compliance.breach_law import BreachLaw
    from orchestrator.persistence.tables.columns import Record

app = typer.Typer(help="The register of breaches.", no_args_is_help=True, add_completion=False)
Number = Annotated[int, typer.Argument(metavar="BREACH", help="The breach, by its number.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
HEADER = ("seller", "contact", "number", "country", "language")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List every breach, the newest first: the register that an authority may ask for (GDPR art. 33(5))."""
    from orchestrator import bootstrap, config_files
    from orchestrator.persistence import breaches

    house, law = bootstrap.build(), config_files.load_breach_law()
    with house.store.read() as tx:
        forms = [breach_form(house, law, row.id) for row in breaches.register(tx)]
    if as_json:
        typer.echo(json.dumps(forms, ensure_ascii=False))
    elif forms:
        _print_register(forms)
    else:
        typer.echo("No breach was entered.", err=True)


def _print_register(forms: list[dict[str, Any]]) -> None:
    table = Table("breach", "known since (UTC)", "what", "people", "told", "closed")
    for form in forms:
        people = sum(one["people"] for one in form["found"])
        told = ", ".join(f"{step['seller']}: {step['whom']}" for step in form["steps"] if step["was_told"])
        table.add_row(
            str(form["id"]), form["aware_at"][:16], form["what"], f"{people:,}", told, (form["closed_at"] or "")[:16]
        )
    print_table(table)


@app.command()
def show(breach: Number, as_json: Json = False) -> None:
    """Show whose data it was, every clock, and what was done."""
    from orchestrator import bootstrap, config_files

    print_breach(bootstrap.build(), config_files.load_breach_law(), breach, as_json=as_json)


@app.command()
def told(
    breach: Number,
    seller: Annotated[str, typer.Argument(metavar="SELLER", help="For which seller.")],
    whom: Annotated[Whom, typer.Option(help="Who was told.")],
    at: Annotated[str | None, typer.Option(metavar="MOMENT", help="When; else now.")] = None,
    note: Annotated[
        str, typer.Option(help="How, and by which reference; or why they need not be told.", callback=own_words)
    ] = "",
    need_not: Annotated[bool, typer.Option("--need-not", help="They need not be told; say why with --note.")] = False,
) -> None:
    """Take down who was told, or why nobody had to be."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.breaches.opening import Told, tell

    house = bootstrap.build()
    now = house.clock.now()
    step = Told(
        breach_id=breach,
        seller_id=seller,
        whom=whom,
        was_told=not need_not,
        at=moment_or_none(at, "--at") or now,
        note=note,
    )
    tell(house.store, step, who(), now)
    typer.echo(f"Breach {breach}, seller '{seller}': the {whom} {'need not be' if need_not else 'was'} told.")


@app.command()
def close(breach: Number, because: Annotated[str, typer.Option(help="How it ended.", callback=own_words)]) -> None:
    """End a breach once everybody was told, or need not be; it stays in the register."""
    from orchestrator import bootstrap, config_files
    from orchestrator.pipeline.breaches import opening

    house = bootstrap.build()
    opening.close(house.store, config_files.load_breach_law(), breach, who(), because, house.clock.now())
    typer.echo(f"Breach {breach} is closed.")


@app.command()
def drafts(
    breach: Number, folder: Annotated[Path, typer.Option("-o", metavar="DIR", help="Where the drafts go.")]
) -> None:
    """Write the drafts anew, with what was set since: to authority, people and controller, by seller and language."""
    from orchestrator import bootstrap, config_files

    count = write_drafts(bootstrap.build(), config_files.load_breach_law(), breach, folder)
    typer.echo(f"{folder} holds {counted(count, 'draft')}.")


@app.command()
def people(
    breach: Number, file: Annotated[Path, typer.Option("-o", metavar="FILE.csv", help="The file, for your eyes alone.")]
) -> None:
    """Write whom to tell into a file, with their numbers; this reading is noted as well."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.accountability.files import write_private
    from orchestrator.pipeline.breaches import opening

    house = bootstrap.build()
    found = opening.people(house.store, breach, who(), house.clock.now())
    text = io.StringIO()
    lines = [(one.seller_id, one.contact_id, one.number, one.country, one.language) for one in found]
    csv.writer(text).writerows([HEADER, *lines])
    write_private(file, text.getvalue())
    typer.echo(f"{file} holds {counted(len(found), 'number')}.")


def write_drafts(house: "House", law: "BreachLaw", breach_id: int, folder: Path) -> int:
    """Write every draft as Markdown and HTML, for the eyes of whoever types; how many drafts."""
    from orchestrator.config_files import load_notice_words
    from orchestrator.pipeline.accountability.files import private_folder, write_private
    from orchestrator.pipeline.accountability.rendering import as_html, as_markdown
    from orchestrator.pipeline.breaches.notices import drafts
    from orchestrator.pipeline.breaches.opening import affairs

    words = load_notice_words()
    found = [drafts(one, words) for one in affairs(house.store, law, breach_id, house.clock.now())]
    pages = {name: page for one in found for name, page in one.items()}
    private_folder(folder)
    for name, page in pages.items():
        write_private(folder / f"{name}.md", as_markdown(page))
        write_private(folder / f"{name}.html", as_html(page))
    return len(pages)


def print_breach(house: "House", law: "BreachLaw", breach_id: int, *, as_json: bool) -> None:
    """The breach with its clocks, in words or as JSON."""
    from orchestrator.cli.evidence_breach import print_touched
    from orchestrator.domain.breach import Touched

    form = breach_form(house, law, breach_id)
    if as_json:
        typer.echo(json.dumps(form, ensure_ascii=False))
        return
    typer.echo(f"Breach {form['id']}, known since {form['aware_at']}: {form['what']} (by {form['actor']}).")
    print_touched([Touched.read(one) for one in form["found"]])
    for clock in form["clocks"]:
        due = clock["due_at"] or "without undue delay"
        typer.echo(f"{clock['seller']}: {clock['whom']} {clock['standing']}, due {due} ({clock['citation']})")
    for seller, places in form["no_deadline_on_file"].items():
        typer.echo(f"{seller}: no deadline of {', '.join(places)} is on file here; ask somebody who knows their law.")
    for step in form["steps"]:
        what = "told" if step["was_told"] else "need not be told"
        typer.echo(f"{step['at']} {step['seller']}: {step['whom']} {what}, by {step['by']}. {step['note']}")
    if form["closed_at"]:
        typer.echo(f"Closed at {form['closed_at']} by {form['closed_by']}: {form['closed_because']}")


def breach_form(house: "House", law: "BreachLaw", breach_id: int) -> dict[str, Any]:
    """Everything on record about a breach, as plain JSON."""
    from orchestrator.persistence import breaches
    from orchestrator.pipeline.breaches.clocks import clock_form, clocks_of

    with house.store.read() as tx:
        row = breaches.fetch(tx, breach_id)
        clocks = clocks_of(tx, house.store.keyring, law, row, house.clock.now())
        steps = breaches.steps_of(tx, breach_id)
    return {
        "id": row.id,
        "aware_at": _iso(row.aware_at),
        "opened_at": _iso(row.opened_at),
        "opened_by": row.opened_by,
        "actor": row.actor,
        "since": _iso(row.since),
        "until": _iso(row.until),
        "what": row.what_happened,
        "found": row.found,
        "clocks": [clock_form(clock) for clock in clocks.every],
        "no_deadline_on_file": {seller: places for seller, places in clocks.uncovered.items() if places},
        "steps": [_step_form(step) for step in steps],
        "closed_at": _iso(row.closed_at),
        "closed_by": row.closed_by,
        "closed_because": row.closed_because,
    }


def _step_form(step: "Record") -> dict[str, Any]:
    return {
        "at": _iso(step.at),
        "seller": step.seller_id,
        "whom": step.whom,
        "was_told": step.was_told,
        "by": step.by,
        "note": step.note,
    }


def _iso(at: Any) -> str | None:
    return None if at is None else str(at.isoformat().replace("+00:00", "Z"))
