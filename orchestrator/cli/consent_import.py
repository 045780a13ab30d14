"""`orchestrator consents import`: a file of consents and refusals into the ledger."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.actor import who
from orchestrator.cli.counted import counted
from orchestrator.domain.contact_request import Purpose
from orchestrator.domain.errors import UserError

LEFT_SHOWN = 20


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or TSV with numbers and consent columns.")],
    seller: Annotated[str, typer.Option(help="The seller, by id.")],
    country: Annotated[str, typer.Option(help="Where numbers without their country code are read: US, GB …")],
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD", help="What a column (its header, or 3) holds; repeatable."),
    ] = None,
    purpose: Annotated[Purpose | None, typer.Option(help="What consents are for that do not say.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Bring consents with their evidence, and refusals, of numbers that need not be on any list."""
    from orchestrator import bootstrap
    from orchestrator.persistence import sellers
    from orchestrator.pipeline.consents.importing import LedgerOrder, run_import
    from orchestrator.pipeline.intake.file_form import inspect
    from orchestrator.pipeline.intake.layout import count_records, lay_out
    from orchestrator.pipeline.intake.places import country_named

    code = country_named(country)
    if code is None:
        raise UserError(f"--country {country} is no country; use its two letters, as in US or GB.")
    layout = lay_out(inspect(file), code, mapping or ())
    count_records(layout)  # a file that is cut is refused before anything is written
    house = bootstrap.build()
    with house.store.read() as tx:
        sellers.require(tx, seller)
    order = LedgerOrder(
        layout=layout, seller_id=seller, country=code, covered=house.rulebook.covered, by=who(), purpose=purpose
    )
    report = run_import(house.store, order, house.clock.now)
    if as_json:
        typer.echo(json.dumps(asdict(report)))
        return
    typer.echo(
        f"{counted(report.records, 'record')}: {report.given:,} given ({report.unproven:,} unproven: count nowhere), "
        f"{report.refused:,} refused, {report.known:,} known already; due again: {report.reopened:,}."
    )
    for line, why in report.left[:LEFT_SHOWN]:
        typer.echo(f"Line {line} was left: {why}.", err=True)
    if len(report.left) > LEFT_SHOWN:
        typer.echo(f"{len(report.left) - LEFT_SHOWN:,} more were left; --json tells all.", err=True)
