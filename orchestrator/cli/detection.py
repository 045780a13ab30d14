"""`orchestrator detection`: tests of answering-machine detection, the ground on which its mistakes are estimated."""

import json
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from orchestrator.bootstrap import House, build
from orchestrator.cli.actor import who
from orchestrator.cli.tables import print_table
from orchestrator.compliance.false_positives import DetectionTest, ground
from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.carrier import AmdMode
from orchestrator.domain.errors import UserError
from orchestrator.persistence import detection_tests, sellers
from orchestrator.persistence.tables.columns import Record

app = typer.Typer(
    help="Tests of answering-machine detection: how often it takes people for machines.",
    no_args_is_help=True,
    add_completion=False,
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def record(
    seller: Annotated[str, typer.Argument(metavar="SELLER", help="Whose calls were tested.")],
    country: Annotated[str, typer.Option(help="Where they went: GB …")],
    amd: Annotated[AmdMode, typer.Option(help="The campaigns' setting that was tested.")],
    sample: Annotated[int, typer.Option(help="Calls taken for machines that somebody listened to.")],
    people: Annotated[int, typer.Option(help="Of these, answered by a person.")],
    tested_on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="When the test was made.")],
    note: Annotated[str, typer.Option(help="How it was made, for those who look at it later.")] = "",
    as_json: Json = False,
) -> None:
    """Record a test; from then on Great Britain's count of abandoned calls rests on it."""
    refuse_cards(note, "--note")
    house = build()
    test = DetectionTest(sample=sample, people=people, tested_on=tested_on.date(), amd=amd.value)
    _check(house, country.upper(), test)
    with house.store.write() as tx:
        sellers.require(tx, seller)
        number = detection_tests.record(tx, seller, country.upper(), test, note=note, by=who(), now=house.clock.now())
    form = {"id": number, "seller": seller, "country": country.upper(), **_test_form(test)}
    typer.echo(json.dumps(form) if as_json else f"Test {number} is recorded. {ground(test)}")


def _check(house: House, country: str, test: DetectionTest) -> None:
    """Raise UserError for a test that cannot have been made."""
    if not house.rulebook.covered(country):
        raise UserError(f"--country: there are no rules for '{country}'; use two letters, as in GB.")
    if test.amd == AmdMode.OFF:
        raise UserError("--amd: detection that is off takes nobody for a machine; name connect-first or verdict-first.")
    if test.sample < 1 or not 0 <= test.people <= test.sample:
        raise UserError("--people must be between none and --sample, and --sample at least 1.")
    if test.tested_on > house.clock.now().astimezone(UTC).date():
        raise UserError(f"--tested-on: {test.tested_on} is still to come.")


@app.command("list")
def list_(
    seller: Annotated[str | None, typer.Option(help="This seller's alone.")] = None, as_json: Json = False
) -> None:
    """List the tests, the newest first."""
    house = build()
    with house.store.read() as tx:
        rows = detection_tests.every(tx, seller)
    if as_json:
        typer.echo(json.dumps([_form(row) for row in rows], ensure_ascii=False))
        return
    table = Table("number", "seller", "country", "amd", "sample", "people", "tested on", "recorded by", "note")
    for row in rows:
        counts = (str(row.sample), str(row.people), str(row.tested_on))
        table.add_row(str(row.id), row.seller_id, row.country, row.amd, *counts, row.recorded_by, row.note)
    if rows:
        print_table(table)
    else:
        typer.echo("No test is recorded: where detection is on, every call that it takes for a machine counts as lost.")


def _form(row: Record) -> dict[str, Any]:
    test = DetectionTest(sample=row.sample, people=row.people, tested_on=row.tested_on, amd=row.amd)
    about = {"id": row.id, "seller": row.seller_id, "country": row.country, **_test_form(test)}
    return {**about, "note": row.note, "recorded_at": row.recorded_at.isoformat(), "recorded_by": row.recorded_by}


def _test_form(test: DetectionTest) -> dict[str, Any]:
    day: date = test.tested_on
    return {"amd": test.amd, "sample": test.sample, "people": test.people, "tested_on": day.isoformat()}
