"""`orchestrator lists import`: a messy file into a list of people."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.list_provenance import (
    ObtainedOption,
    OriginOption,
    SourceOption,
    VendorOption,
    declare,
    said_of,
)
from orchestrator.domain.contact_request import Purpose
from orchestrator.domain.errors import UserError

if TYPE_CHECKING:
    from orchestrator.bootstrap import House
    from orchestrator.domain.paper import Provenance
    from orchestrator.persistence.store import Store
    from orchestrator.pipeline.intake.importing import ImportOrder, ImportReport
    from orchestrator.pipeline.intake.layout import Layout

SellerId = Annotated[str | None, typer.Option("--seller", help="The seller, by id; not needed where there is one.")]
INTERRUPTED = 130
REJECTS = re.compile(r"(.+?)\.rejects(?:-(\d+))?\.csv")


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or TSV, in any usual encoding.")],
    country: Annotated[
        str | None, typer.Option("--country", help="Where numbers without their country code are read: US, GB …")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="The list; without it, the file's name.")] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD", help="What a column (its header, or 3) holds; repeatable."),
    ] = None,
    header: Annotated[
        bool | None, typer.Option("--header/--no-header", help="Whether the first record is a header.")
    ] = None,
    seller: SellerId = None,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", help="Where records that were not taken go; else FILE.rejects.csv.")
    ] = None,
    origin: OriginOption = None,
    vendor: VendorOption = None,
    obtained_on: ObtainedOption = None,
    data_source: SourceOption = None,
    consent_purpose: Annotated[
        Purpose | None, typer.Option(help="What its consents are for, where a record does not say.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Judge every record and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a record.")] = False,
) -> None:
    """Import a list: every record gets a verdict, and rejects go to a file to be corrected and imported again."""
    from orchestrator import bootstrap
    from orchestrator.cli import intake_talk as talk
    from orchestrator.pipeline.intake.file_form import inspect
    from orchestrator.pipeline.intake.layout import count_records, lay_out
    from orchestrator.pipeline.intake.seller_choice import chosen

    code, said = _country(country), said_of(origin, vendor, obtained_on, data_source)
    layout = lay_out(inspect(file), code, mapping or (), header)
    records = count_records(layout)
    house = bootstrap.build(may_make=not dry_run)
    store = None if dry_run and not _has_database(house) else house.store
    seller_id = chosen(store, seller)
    talk.show_mapping(layout, records)
    order = _order(house, store, layout, code, name, seller_id, rejects or _rejects_of(file), consent_purpose)
    with talk.Talk(records, as_json=as_json) as ear:
        report = _rehearsed(house, store, order, ear) if dry_run else _imported(house, order, said, ear)
    talk.summarise(report, order, mapping or (), as_json=as_json, dry_run=dry_run)
    if not report.is_finished:
        typer.echo(
            f"Stopped after {report.records:,} of {records:,} records; the same command goes on from there.", err=True
        )
        raise typer.Exit(INTERRUPTED)


def _country(text: str | None) -> str:
    from orchestrator.pipeline.intake.places import country_named

    if not text:
        raise UserError("--country is missing; say where numbers without a country code belong, as in --country US.")
    code = country_named(text)
    if code is None:
        raise UserError(f"--country {text} is no country; use its two letters, as in US or GB.")
    return code


def _has_database(house: "House") -> bool:
    from orchestrator.installation import sqlite_file

    file = sqlite_file(house.settings.database_url)
    return file is None or (file.exists() and file.stat().st_size > 0)


def _order(
    house: "House",
    store: "Store | None",
    layout: "Layout",
    country: str,
    name: str | None,
    seller_id: str,
    rejects: Path,
    purpose: Purpose | None,
) -> "ImportOrder":
    from functools import lru_cache

    from orchestrator.law import load_rulebook
    from orchestrator.pipeline.intake.importing import ImportOrder
    from orchestrator.settings import config_dir

    list_name = (name if name is not None else _list_of(layout.form.path)).strip()
    if not 0 < len(list_name) <= 200:
        raise UserError("--name must have between 1 and 200 characters.")
    rulebook = house.rulebook if store is not None else load_rulebook(config_dir())
    return ImportOrder(
        layout=layout,
        seller_id=seller_id,
        list_name=list_name,
        country=country,
        covered=lru_cache(rulebook.covered),
        on_registry=_registries(house, store, seller_id),
        rejects=rejects,
        purpose=purpose,
    )


def _list_of(file: Path) -> str:
    """The list that a file is for: its own name, and for rejects the name of the file they came from."""
    found = REJECTS.fullmatch(file.name)
    return Path(found[1]).stem if found else file.stem


def _rejects_of(file: Path) -> Path:
    """Where its rejects go: beside it, and those of rejects are numbered."""
    found = REJECTS.fullmatch(file.name)
    name = f"{found[1]}.rejects-{int(found[2] or 1) + 1}.csv" if found else f"{file.name}.rejects.csv"
    return file.with_name(name)


def _registries(house: "House", store: "Store | None", seller_id: str) -> Any:
    """Whether numbers are on a registry; none is where no snapshot was ever imported."""
    from orchestrator.persistence import registry_snapshots
    from orchestrator.pipeline.scrub import load_shelf

    if store is None:
        return lambda numbers: [False] * len(numbers)
    with store.read() as tx:
        if not registry_snapshots.every(tx):
            return lambda numbers: [False] * len(numbers)
    shelf = load_shelf(store, house.registries_dir)
    return lambda numbers: shelf.on_any(numbers, seller_id)


def _imported(house: "House", order: "ImportOrder", said: "Provenance | None", ear: Any) -> "ImportReport":
    from orchestrator.pipeline.intake.importing import run_import
    from orchestrator.pipeline.intake.rejects import require_writable
    from orchestrator.pipeline.intake.seller_choice import make_default

    if order.rejects is not None:
        require_writable(order.rejects, order.layout.form.path)
    if make_default(house.store, order.seller_id, order.country, house.clock.now()):
        typer.echo(
            "No seller was there, so 'default' was made; complete it with `orchestrator sellers add default …`.",
            err=True,
        )
    if said is not None:
        declare(house, order.seller_id, order.list_name, said)
    return run_import(house.store, order, house.clock.now, ear.hear, ear.stopped)


def _rehearsed(house: "House", store: "Store | None", order: "ImportOrder", ear: Any) -> "ImportReport":
    from dataclasses import replace

    from orchestrator.pipeline.intake.dry_run import scratch_store
    from orchestrator.pipeline.intake.importing import run_import

    with scratch_store(store, order.seller_id) as (scratch, bring):
        return run_import(scratch, replace(order, rejects=None), house.clock.now, ear.hear, ear.stopped, bring)
